#include "util/byte_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "util/compress.h"
#include "util/error.h"
#include "util/temp_folder.h"

namespace heed {
namespace {

using namespace std::literals;
using ::testing::AllOf;
using ::testing::HasSubstr;

std::string read_all(const std::string& path, size_t size = 4096) {
  ByteReader reader(path);
  std::string all, buffer(size, '\0');
  while (size_t got = reader.read(buffer.data(), buffer.size())) all.append(buffer, 0, got);
  return all;
}

TEST(ByteReader, GivesTheBytesOfPlainAndCompressedFiles) {
  TempFolder folder;
  std::string text = many_lines(20000);
  for (size_t size : {100, 65536, 1000000}) {
    EXPECT_EQ(read_all(folder.write("plain", text), size), text);
    EXPECT_EQ(read_all(folder.write("packed", gzip(text)), size), text);
  }
  EXPECT_EQ(read_all(folder.write("empty", "")), "");
  ByteReader packed(folder.file("packed"));
  EXPECT_FALSE(packed.started());
  char byte;
  packed.read(&byte, 1);
  EXPECT_TRUE(packed.started());
  EXPECT_TRUE(packed.compressed());
}

TEST(ByteReader, RefusesWideTextByItsName) {
  TempFolder folder;
  std::string path = folder.write("text",
                                  "\xFF\xFE"
                                  "a\0\n\0"s);
  std::string expected = path +
                         ": is UTF-16 (little-endian) text, and heed reads UTF-8: convert it, for "
                         "example by iconv -f UTF-16 -t UTF-8";
  EXPECT_EQ(message_of<Error>([&] { read_all(path); }), expected);
  folder.write("text", gzip("\xFF\xFE"
                            "a\0\n\0"s));
  EXPECT_EQ(message_of<Error>([&] { read_all(path); }), expected);
  // "]" comes first: the beginning of an .lzma file too.
  folder.write("text", "]\0\0\0a\0\0\0\n\0\0\0"s);
  EXPECT_THAT(message_of<Error>([&] { read_all(path); }), HasSubstr("UTF-32 (little-endian)"));
}

TEST(ByteReader, RefusesOtherFormsByTheirNames) {
  TempFolder folder;
  std::string path = folder.write("text", "BZh91AY&SY and more");
  EXPECT_THAT(message_of<Error>([&] { read_all(path); }),
              AllOf(HasSubstr(path), HasSubstr("bzip2")));
  folder.write("text", gzip(gzip("a\n")));
  EXPECT_THAT(message_of<Error>([&] { read_all(path); }),
              HasSubstr("what is compressed by gzip in it is a gzip file"));
  std::string tar(600, 'x');
  tar.replace(257, 5, "ustar");
  folder.write("text", gzip(tar));
  EXPECT_THAT(message_of<Error>([&] { read_all(path); }), HasSubstr("is a tar file"));
}

}  // namespace
}  // namespace heed
