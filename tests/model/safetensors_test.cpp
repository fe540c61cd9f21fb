#include "model/safetensors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include "kernels/torch.h"

#include <random>

#include "util/error.h"
#include "util/file_content.h"
#include "util/paths.h"
#include "util/temp_folder.h"

namespace heed {
namespace {

using testing::HasSubstr;

TensorFile sample() {
  torch::manual_seed(1);
  TensorFile file;
  file.tensors["a.weight"] = torch::randn({3, 5});
  file.tensors["b.scalar"] = torch::randn({});
  file.tensors["c.empty"] = torch::zeros({0, 4});
  file.tensors["d.counts"] = torch::tensor({1, -2, 1 << 30}, torch::kInt64);
  file.tensors["e/ä \"quoted\""] = torch::randn({2, 1, 3});
  file.metadata = {{"tokenizer", "0123456789abcdef"}, {"step", "100"}};
  return file;
}

bool same_tensors(const TensorFile& a, const TensorFile& b) {
  if (a.tensors.size() != b.tensors.size()) return false;
  for (const auto& [name, tensor] : a.tensors) {
    auto other = b.tensors.find(name);
    if (other == b.tensors.end() || other->second.scalar_type() != tensor.scalar_type())
      return false;
    if (!torch::equal(other->second, tensor)) return false;
  }
  return true;
}

class SafetensorsTest : public testing::Test {
 protected:
  TempFolder folder_;
  std::string path_ = folder_.file("model.safetensors");

  // The error of reading `content`; empty where it was read without one.
  std::string error_of(std::string_view content) {
    folder_.write("model.safetensors", content);
    try {
      read_ = read_safetensors(path_);
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), HasSubstr(path_));
      return error.what();
    }
    return "";
  }
  TensorFile read_;
};

// A file of this header, with `data` behind it.
std::string file_of(const std::string& header, const std::string& data = "") {
  std::string bytes;
  for (int i = 0; i < 8; ++i) bytes += static_cast<char>(header.size() >> (8 * i));
  return bytes + header + data;
}

std::string header_of(const std::string& shape, const std::string& offsets,
                      const std::string& type = "F32") {
  return R"({"x":{"dtype":")" + type + R"(","shape":)" + shape + R"(,"data_offsets":)" + offsets +
         "}}";
}

TEST_F(SafetensorsTest, WhatIsWrittenIsReadBack) {
  TensorFile file = sample();
  write_safetensors(path_, file);
  TensorFile read = read_safetensors(path_);
  EXPECT_TRUE(same_tensors(read, file));
  for (const auto& [key, value] : file.metadata) EXPECT_EQ(read.metadata[key], value);
  EXPECT_FALSE(file_exists(path_ + ".tmp"));
}

TEST_F(SafetensorsTest, NumberTypesAndViewsAreKept) {
  for (auto type : {torch::kFloat32, torch::kBFloat16, torch::kFloat16, torch::kInt64}) {
    TensorFile file;
    file.tensors["x"] = torch::arange(12).view({3, 4}).to(type).t();
    write_safetensors(path_, file);
    EXPECT_TRUE(same_tensors(read_safetensors(path_), file)) << torch::toString(type);
  }
}

TEST_F(SafetensorsTest, NumberTypesOutsideTheFormatAreNamed) {
  TensorFile file;
  file.tensors["x.weight"] = torch::zeros({2}, torch::kComplexFloat);
  EXPECT_THAT([&] { write_safetensors(path_, file); },
              testing::ThrowsMessage<Error>(HasSubstr("x.weight")));
  EXPECT_FALSE(file_exists(path_));
}

TEST_F(SafetensorsTest, EmptyFilesOfTensorsAreKept) {
  write_safetensors(path_, {});
  EXPECT_TRUE(read_safetensors(path_).tensors.empty());
}

TEST_F(SafetensorsTest, WritingAgainGivesTheSameBytes) {
  write_safetensors(path_, sample());
  std::string first = read_file(path_);
  write_safetensors(path_, sample());
  EXPECT_EQ(read_file(path_), first);
}

TEST_F(SafetensorsTest, FilesMadeElsewhereNeedNoChecksum) {
  std::string data(8, '\0');
  data[3] = '\x40';  // 2.0f
  ASSERT_EQ(error_of(file_of(header_of("[2]", "[0,8]"), data)), "");
  EXPECT_TRUE(torch::equal(read_.tensors["x"], torch::tensor({2.0f, 0.0f})));
}

TEST_F(SafetensorsTest, TruncationIsFoundWhereverItIs) {
  write_safetensors(path_, sample());
  std::string whole = read_file(path_);
  for (size_t percent = 0; percent < 100; ++percent) {
    EXPECT_NE(error_of(whole.substr(0, whole.size() * percent / 100)), "") << percent;
  }
  EXPECT_NE(error_of(whole.substr(0, whole.size() - 1)), "");
}

TEST_F(SafetensorsTest, AFlippedBitIsFoundOrChangesNoTensor) {
  TensorFile file = sample();
  write_safetensors(path_, file);
  const std::string whole = read_file(path_);
  std::mt19937 generator(5);
  int found = 0;
  for (size_t i = 0; i < 200; ++i) {
    std::string changed = whole;
    size_t at = i * whole.size() / 200;
    changed[at] = static_cast<char>(changed[at] ^ (1 << generator() % 8));
    if (!error_of(changed).empty()) {
      ++found;
    } else {
      EXPECT_TRUE(same_tensors(read_, file)) << "byte " << at;
    }
  }
  // Only the checksum's own key can hide the checksum.
  EXPECT_GE(found, 195);
}

TEST_F(SafetensorsTest, OtherFilesAreRefused) {
  EXPECT_THAT(error_of(""), HasSubstr("the header length is missing"));
  EXPECT_THAT(error_of("\x89PNG\r\n\x1a\n" + std::string(100, 'x')),
              HasSubstr("a truncated file, or another format?"));
  EXPECT_THAT(error_of(file_of("[1, 2]")), HasSubstr("the header is not a JSON object"));
  EXPECT_THAT(error_of(file_of("{\"x\":")), HasSubstr("the header is not a JSON object"));
  EXPECT_NE(error_of(file_of("{\"x\":{}}")), "");
  EXPECT_NE(error_of(file_of("{\"x\":3}")), "");
  EXPECT_NE(error_of(file_of("{\"__metadata__\":{\"step\":3}}")), "");
  EXPECT_NE(error_of(std::string(8, '\xff') + "{}"), "");
}

TEST_F(SafetensorsTest, FoldersAndMissingFilesAreNamed) {
  EXPECT_THAT([&] { read_safetensors(folder_.path()); },
              testing::ThrowsMessage<Error>(HasSubstr(folder_.path())));
  EXPECT_THAT([&] { read_safetensors(path_); }, testing::ThrowsMessage<Error>(HasSubstr(path_)));
  EXPECT_THAT([&] { write_safetensors(folder_.file("no/such/folder"), sample()); },
              testing::ThrowsMessage<Error>(HasSubstr("no/such/folder")));
}

TEST_F(SafetensorsTest, AbsurdSizesAreRefusedBeforeAnythingIsAllocated) {
  std::string data(16, '\0');
  for (const char* shape : {"[1099511627776]", "[1048576,1048576]", "[-1]", "[-2,-2]", "[4,-1]",
                            "[4294967296,4294967296]", "[9223372036854775807,2]",
                            "[0,4611686018427387904,4611686018427387904]", "[3]", "[5]", "\"4\"",
                            "[\"4\"]", "{}", "null"}) {
    EXPECT_NE(error_of(file_of(header_of(shape, "[0,16]"), data)), "") << shape;
    EXPECT_NE(error_of(file_of(header_of(shape, "[0,0]"), data)), "") << shape;
  }
  for (const char* offsets : {"[0,17]", "[1,17]", "[16,0]", "[-16,0]", "[0]", "[]", "[0,16,16]",
                              "[18446744073709551600,0]", "[0,15]", "null"}) {
    EXPECT_NE(error_of(file_of(header_of("[4]", offsets), data)), "") << offsets;
  }
  EXPECT_THAT(error_of(file_of(header_of("[4]", "[0,16]", "F64"), data)),
              HasSubstr("tensor x has the number type F64, which heed does not read"));
  EXPECT_EQ(error_of(file_of(header_of("[4]", "[0,16]"), data)), "");
}

}  // namespace
}  // namespace heed
