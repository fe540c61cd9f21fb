#include "util/file_kind.h"

#include <gtest/gtest.h>

#include <string>

#include "util/compress.h"
#include "util/text.h"

namespace heed {
namespace {

using namespace std::literals;

// `text` in units of `bytes` bytes, the least or the most significant one first.
std::string wide(const std::string& text, size_t bytes, bool big) {
  std::string out;
  for (char32_t c : to_utf32(text)) {
    for (size_t i = 0; i < bytes; ++i) {
      size_t shift = 8 * (big ? bytes - 1 - i : i);
      out += static_cast<char>((c >> shift) & 0xFF);
    }
  }
  return out;
}

TEST(PackedForm, NamesFormatsByTheirMarks) {
  EXPECT_EQ(packed_form(gzip("a")), "gzip");
  EXPECT_EQ(packed_form("\x28\xB5\x2F\xFD data"), "zstd");
  EXPECT_EQ(packed_form("\x50\x2A\x4D\x18 data"), "zstd");
  EXPECT_EQ(packed_form("\xFD"
                        "7zXZ\0 data"s),
            "xz");
  EXPECT_EQ(packed_form("BZh91AY&SY data"), "bzip2");
  EXPECT_EQ(packed_form("PK\x03\x04 data"), "zip");
  EXPECT_EQ(packed_form("7z\xBC\xAF\x27\x1C data"), "7-Zip");
  EXPECT_EQ(packed_form("Rar!\x1A\x07 data"), "rar");
  EXPECT_EQ(packed_form("\x04\x22\x4D\x18 data"), "lz4");
  EXPECT_EQ(packed_form("\x1F\x9D data"), "compress (.Z)");
  EXPECT_EQ(packed_form("]\0\0\x80\0\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF data"s), "lzma");
  EXPECT_EQ(packed_form(std::string(257, 'x') + "ustar\0"s), "tar");
  EXPECT_EQ(packed_form("%PDF-1.7 data"), "PDF");
  EXPECT_EQ(packed_form("{\\rtf1 data"), "RTF");
  EXPECT_EQ(packed_form("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1 data"), "Microsoft Office");
  EXPECT_EQ(packed_form("\x89PNG\r\n data"), "PNG");
  EXPECT_EQ(packed_form("\xFF\xD8\xFF data"), "JPEG");
  EXPECT_EQ(packed_form("\x7F"
                        "ELF data"),
            "ELF");
}

TEST(PackedForm, TextIsNone) {
  for (const char* text :
       {"", "a", "BZh9 is no mark", "PK", "Rar!", "7z", "]", "ustar", "P*M", "%PDF", "{\\rtf"}) {
    EXPECT_EQ(packed_form(text), "") << text;
  }
}

TEST(BeginsMark, AsksForMoreOnlyWhereMoreCanTell) {
  EXPECT_TRUE(begins_mark(""));
  for (const char* part : {"\x1F", "B", "BZh91AY", "P", "PK", "\xFF", "\x28\xB5", "P*"}) {
    EXPECT_TRUE(begins_mark(part)) << part;
  }
  for (const char* text : {"a", "\n", "B\n", "PK\n", "P\n", "BZh91AY&SY", "P*M\n", "\x1F\x8B"}) {
    EXPECT_FALSE(begins_mark(text)) << text;
  }
}

TEST(WideEncoding, IsToldByAByteOrderMark) {
  EXPECT_EQ(wide_encoding("\xFF\xFE" + wide("a\n", 2, false)), "UTF-16 (little-endian)");
  EXPECT_EQ(wide_encoding("\xFE\xFF" + wide("a\n", 2, true)), "UTF-16 (big-endian)");
  EXPECT_EQ(wide_encoding("\xFF\xFE\0\0"s + wide("a\n", 4, false)), "UTF-32 (little-endian)");
  EXPECT_EQ(wide_encoding("\0\0\xFE\xFF"s + wide("a\n", 4, true)), "UTF-32 (big-endian)");
}

TEST(WideEncoding, IsToldByItsZeros) {
  for (const char* text :
       {"Ein Mann geht.\nEine Frau geht.\n", "ab\n", "Über\n\n", "Мужчина идёт по улице.\nДа.\n",
        "上海的早上。\n他上山了。\n我在上海。\n"}) {
    EXPECT_EQ(wide_encoding(wide(text, 2, false)), "UTF-16 (little-endian)") << text;
    EXPECT_EQ(wide_encoding(wide(text, 2, true)), "UTF-16 (big-endian)") << text;
    EXPECT_EQ(wide_encoding(wide(text, 4, false)), "UTF-32 (little-endian)") << text;
    EXPECT_EQ(wide_encoding(wide(text, 4, true)), "UTF-32 (big-endian)") << text;
  }
}

TEST(WideEncoding, Utf8WithNulsInItIsText) {
  for (const std::string& text :
       {"a\0b\n"s, "nul \0\nb\n"s, "\0"s, "ab\n\0x\n"s, "a\0\0\0\0\0\0\0b\nc\n"s, "上海的早上。\n"s,
        "one\0two\0three\nfour\0five\0six\nseven\0eight\n"s}) {
    EXPECT_EQ(wide_encoding(text), "") << text;
  }
}

}  // namespace
}  // namespace heed
