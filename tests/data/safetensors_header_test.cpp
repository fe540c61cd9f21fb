#include "data/safetensors_header.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "util/error.h"
#include "util/temp_folder.h"

namespace heed {
namespace {

using testing::HasSubstr;

SafetensorsHeader parse(const std::string& text, uint64_t data_bytes) {
  return parse_safetensors_header(text, data_bytes, "x.safetensors");
}

// The error of a header before so many bytes of data; empty where there is none.
std::string error_of(const std::string& text, uint64_t data_bytes) {
  try {
    parse(text, data_bytes);
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("x.safetensors: not a whole safetensors file: "));
    return error.what();
  }
  return "";
}

// A tensor of single-byte-wide halves: 2 bytes a number.
std::string tensor(const std::string& name, uint64_t begin, uint64_t end) {
  return fmt::format(R"("{}":{{"dtype":"F16","shape":[{}],"data_offsets":[{},{}]}})", name,
                     (end - begin) / 2, begin, end);
}

TEST(SafetensorsHeaderTest, SaysWhatTheFileHolds) {
  std::string text = "{" + tensor("b", 4, 10) + "," + tensor("a", 0, 4) + "," + tensor("c", 4, 4) +
                     R"(,"__metadata__":{"step":"3"}})";
  SafetensorsHeader header = parse(text, 10);
  EXPECT_EQ(header.text, text);
  EXPECT_EQ(header.metadata, (std::map<std::string, std::string>{{"step", "3"}}));
  ASSERT_EQ(header.tensors.size(), 3U);
  const TensorEntry& b = header.tensors.at("b");
  EXPECT_EQ(b.type, NumberType::kFloat16);
  EXPECT_EQ(b.sizes, std::vector<int64_t>{3});
  EXPECT_EQ(b.offset, 8 + text.size() + 4);
  EXPECT_EQ(b.bytes, 6U);
}

TEST(SafetensorsHeaderTest, TensorsThatShareBytesAreRefused) {
  EXPECT_THAT(error_of("{" + tensor("a", 0, 8) + "," + tensor("b", 0, 8) + "}", 8),
              HasSubstr("bytes 0 to 8 of the data are claimed by two tensors"));
  EXPECT_THAT(error_of("{" + tensor("a", 0, 6) + "," + tensor("b", 4, 8) + "}", 8),
              HasSubstr("bytes 4 to 6 of the data are claimed by two tensors"));
  EXPECT_THAT(error_of("{" + tensor("a", 0, 8) + "," + tensor("b", 2, 4) + "}", 8),
              HasSubstr("claimed by two tensors"));
}

TEST(SafetensorsHeaderTest, BytesOfNoTensorAreRefused) {
  EXPECT_THAT(error_of("{" + tensor("a", 0, 4) + "," + tensor("b", 6, 8) + "}", 8),
              HasSubstr("bytes 4 to 6 of the data belong to no tensor"));
  EXPECT_THAT(error_of("{" + tensor("a", 0, 4) + "}", 8), HasSubstr("bytes 4 to 8"));
  EXPECT_THAT(error_of("{}", 1), HasSubstr("bytes 0 to 1"));
  EXPECT_EQ(error_of("{}", 0), "");
}

TEST(SafetensorsHeaderTest, NamesAreFitForATerminal) {
  EXPECT_THAT(error_of(R"({"\u001b]0;x\u0007":3})", 0), HasSubstr(R"(tensor \x1B]0;x\x07 is no)"));
  std::string name(1000, 'n');
  EXPECT_LT(error_of("{\"" + name + "\":3}", 0).size(), 300U);
}

TEST(SafetensorsHeaderTest, NumbersThatAreNotWholeAreRefused) {
  for (const char* shape : {"[1.0]", "[1e3]", "[-1]", "[18446744073709551615]", "[true]", "1"}) {
    std::string text = std::string(R"({"x":{"dtype":"F32","data_offsets":[0,4],"shape":)") + shape;
    EXPECT_NE(error_of(text + "}}", 4), "") << shape;
  }
  EXPECT_NE(error_of(R"({"x":{"dtype":"F32","data_offsets":[0.0,4],"shape":[1]}})", 4), "");
  EXPECT_NE(error_of(R"({"x":{"dtype":7,"data_offsets":[0,4],"shape":[1]}})", 4), "");
}

TEST(SafetensorsHeaderTest, AHeaderBeyondTheFormatsLimitIsNotRead) {
  TempFolder folder;
  std::string path = folder.write("long", std::string("\x00\xff\xff\x7f\x00\x00\x00\x00", 8));
  EXPECT_THAT([&] { read_safetensors_header(path, RandomFile(path)); },
              testing::ThrowsMessage<Error>(HasSubstr("the header should have 2147483392 bytes")));
}

}  // namespace
}  // namespace heed
