#include "util/decoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#ifdef HEED_ZSTD
#include <zstd.h>
#endif
#ifdef HEED_XZ
#include <lzma.h>
#endif

#include "util/compress.h"
#include "util/error.h"
#include "util/line_reader.h"
#include "util/temp_folder.h"

namespace heed {
namespace {

using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::HasSubstr;

std::string zstd(const std::string& content) {
#ifdef HEED_ZSTD
  std::string out(ZSTD_compressBound(content.size()), '\0');
  ZSTD_CCtx* context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
  out.resize(ZSTD_compress2(context, out.data(), out.size(), content.data(), content.size()));
  ZSTD_freeCCtx(context);
  return out;
#else
  return content;
#endif
}

std::string xz(const std::string& content) {
#ifdef HEED_XZ
  std::string out(lzma_stream_buffer_bound(content.size()), '\0');
  size_t used = 0;
  if (lzma_easy_buffer_encode(
          1, LZMA_CHECK_CRC64, nullptr, reinterpret_cast<const uint8_t*>(content.data()),
          content.size(), reinterpret_cast<uint8_t*>(out.data()), &used, out.size()) != LZMA_OK) {
    std::abort();
  }
  out.resize(used);
  return out;
#else
  return content;
#endif
}

struct Form {
  std::string name;
  std::string (*pack)(const std::string&);
};

std::vector<Form> forms() {
  std::vector<Form> all = {{"gzip", gzip}};
#ifdef HEED_ZSTD
  all.push_back({"zstd", zstd});
#endif
#ifdef HEED_XZ
  all.push_back({"xz", xz});
#endif
  return all;
}

std::string text_of(const std::string& path) {
  LineReader reader(path);
  std::string text;
  for (std::string line; reader.next(line);) text += line + "\n";
  return text;
}

TEST(Decoder, ReadsEveryFormAcrossBuffers) {
  TempFolder folder;
  std::string text = many_lines(20000);
  for (const Form& form : forms()) {
    EXPECT_EQ(text_of(folder.write("text", form.pack(text))), text) << form.name;
    EXPECT_EQ(text_of(folder.write("text", form.pack(""))), "") << form.name;
    // All of one letter: much comes out of few bytes.
    std::string same(3000000, 'x');
    same.back() = '\n';
    EXPECT_EQ(text_of(folder.write("text", form.pack(same))), same) << form.name;
  }
}

TEST(Decoder, ReadsStreamsOneAfterAnother) {
  TempFolder folder;
  for (const Form& form : forms()) {
    std::string packed = form.pack("a\nb") + form.pack("") + form.pack("c\nd\n");
    EXPECT_EQ(text_of(folder.write("text", packed)), "a\nbc\nd\n") << form.name;
  }
}

TEST(Decoder, NamesFileAndPlaceWhereDataEndsTooEarly) {
  TempFolder folder;
  for (const Form& form : forms()) {
    std::string whole = form.pack(many_lines(5000));
    for (size_t size : {size_t{7}, size_t{30}, whole.size() / 2, whole.size() - 1}) {
      std::string path = folder.write("text", whole.substr(0, size));
      std::string message = message_of<Error>([&] { text_of(path); });
      EXPECT_EQ(message, fmt::format("{}: the {} data ends too early, at byte {} (truncated file?)",
                                     path, form.name, size));
    }
    std::string path = folder.write("text", form.pack("a\n") + whole.substr(0, 20));
    EXPECT_THAT(message_of<Error>([&] { text_of(path); }), HasSubstr("ends too early"));
  }
}

TEST(Decoder, NamesFileAndPlaceWhereDataIsDamaged) {
  TempFolder folder;
  for (const Form& form : forms()) {
    std::string whole = form.pack(many_lines(5000));
    for (size_t at : {whole.size() / 3, whole.size() / 2}) {
      std::string bad = whole;
      for (size_t i = at; i < at + 8; ++i) bad[i] = static_cast<char>(bad[i] ^ 0xFF);
      std::string path = folder.write("text", bad);
      EXPECT_THAT(message_of<Error>([&] { text_of(path); }),
                  AllOf(HasSubstr(path), HasSubstr(form.name + " data"), HasSubstr("byte")));
    }
    std::string path = folder.write("text", form.pack("a\n") + "garbage behind it");
    EXPECT_THAT(message_of<Error>([&] { text_of(path); }),
                AllOf(HasSubstr(path), HasSubstr(form.name), HasSubstr("byte")));
  }
}

TEST(Decoder, EndingsOfItsFormsAreKnown) {
  for (const char* name : {"a.de.gz", "a.de.zst", "a.de.xz", "a.de"}) {
    EXPECT_EQ(without_packed_ending(name), "a.de") << name;
  }
  EXPECT_EQ(without_packed_ending("a.bz2"), "a.bz2");
}

TEST(Decoder, OtherFormsAreNamed) {
  EXPECT_THAT(message_of<Error>([] { make_decoder("bzip2", "a.bz2"); }),
              AllOf(HasSubstr("a.bz2: is a bzip2 file"), HasSubstr("gzip, zstd and xz")));
  EXPECT_THAT(message_of<Error>([] { make_decoder("zip", "a.zip"); }),
              HasSubstr("a.zip: is a zip archive"));
}

}  // namespace
}  // namespace heed
