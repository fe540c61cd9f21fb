#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <thread>

#include "util/compress.h"
#include "util/error.h"
#include "util/line_reader.h"
#include "util/temp_folder.h"

namespace heed {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Strings = std::vector<std::string>;

Strings lines_of(LineReader& reader) {
  Strings lines;
  for (std::string line; reader.next(line);) lines.push_back(line);
  return lines;
}

Strings lines_of(std::string_view content) {
  TempFolder folder;
  LineReader reader(folder.write("text", content));
  return lines_of(reader);
}

TEST(LineReader, CountsLinesAsWcDoesAndAnUnterminatedLastOne) {
  EXPECT_THAT(lines_of(""), IsEmpty());
  EXPECT_THAT(lines_of("\n"), ElementsAre(""));
  EXPECT_THAT(lines_of("a"), ElementsAre("a"));
  EXPECT_THAT(lines_of("a\n"), ElementsAre("a"));
  EXPECT_THAT(lines_of("a\n\nb"), ElementsAre("a", "", "b"));
  EXPECT_THAT(lines_of("\n\n"), ElementsAre("", ""));
}

TEST(LineReader, StaysAtTheEnd) {
  TempFolder folder;
  for (const std::string& content : {std::string("a\n"), gzip("a\n"), std::string()}) {
    LineReader reader(folder.write("text", content));
    lines_of(reader);
    std::string line;
    EXPECT_FALSE(reader.next(line));
    EXPECT_FALSE(reader.next(line));
  }
}

TEST(LineReader, DropsACarriageReturnAtTheEndAlone) {
  EXPECT_THAT(lines_of("a\r\nb\r\n"), ElementsAre("a", "b"));
  EXPECT_THAT(lines_of("a\rb\r\r\n\r\n"), ElementsAre("a\rb\r", ""));
  EXPECT_THAT(lines_of("a\r"), ElementsAre("a"));
}

TEST(LineReader, DropsAByteOrderMarkAtTheStartAlone) {
  EXPECT_THAT(lines_of("\uFEFFa\n\uFEFFb\n"), ElementsAre("a", "\uFEFFb"));
  EXPECT_THAT(lines_of("\uFEFF"), ElementsAre(""));
  EXPECT_THAT(lines_of("\uFEFF\r\na"), ElementsAre("", "a"));
}

TEST(LineReader, OnlyANewlineEndsALine) {
  for (const char* inside : {"\u2028", "\u2029", "\u0085", "\v", "\f", "\x1C", "\x1D", "\x1E"}) {
    std::string line = std::string("a") + inside + "b";
    EXPECT_THAT(lines_of(line + "\nc\n"), ElementsAre(line, "c"));
  }
}

TEST(LineReader, ReadsAcrossBuffers) {
  std::string text = many_lines(20000);
  Strings lines = lines_of(text);
  ASSERT_EQ(lines.size(), 20000u);
  std::string joined;
  for (const std::string& line : lines) joined += line + "\n";
  EXPECT_EQ(joined, text);
  EXPECT_THAT(lines_of(std::string(300000, 'x')), ElementsAre(std::string(300000, 'x')));
}

TEST(LineReader, ReplacesBadBytesAndCountsTheirLines) {
  TempFolder folder;
  std::string text = "good\n\xFFx\ngut ß\nnul ";
  text += std::string(1, '\0') + "\n\xE2\x82\n";
  LineReader reader(folder.write("text", text));
  EXPECT_THAT(lines_of(reader),
              ElementsAre("good", "\uFFFDx", "gut ß", "nul \uFFFD", "\uFFFD\uFFFD"));
  EXPECT_EQ(reader.lines_read(), 5);
  EXPECT_EQ(reader.repairs().lines, 3);
  EXPECT_EQ(reader.repairs().first, 2);
}

TEST(LineReader, CountsNoRepairWhereThereIsNone) {
  TempFolder folder;
  LineReader reader(folder.write("text", "a\nß\n"));
  lines_of(reader);
  EXPECT_EQ(reader.repairs().lines, 0);
  EXPECT_EQ(reader.repairs().first, 0);
}

TEST(LineReader, ReadsGzipByItsContent) {
  std::string text = many_lines(20000);
  EXPECT_EQ(lines_of(gzip(text)), lines_of(text));
  EXPECT_THAT(lines_of(gzip("")), IsEmpty());
  EXPECT_THAT(lines_of(gzip("\uFEFFa\r\nb")), ElementsAre("a", "b"));
}

TEST(LineReader, ReadsSeveralGzipMembersAsOneText) {
  EXPECT_THAT(lines_of(gzip("a\nb") + gzip("") + gzip("c\nd\n")), ElementsAre("a", "bc", "d"));
}

TEST(LineReader, ReadsGzipPaddedWithZerosAsGzipDoes) {
  std::string zeros(70000, '\0');
  EXPECT_THAT(lines_of(gzip("a\nb\n") + zeros), ElementsAre("a", "b"));
  EXPECT_THAT(lines_of(gzip("a\n") + gzip("b\n") + zeros.substr(0, 1)), ElementsAre("a", "b"));
  EXPECT_THROW(lines_of(gzip("a\n") + zeros + "x"), Error);
}

TEST(LineReader, SkipsLinesAndKnowsWhereItIs) {
  for (bool packed : {false, true}) {
    TempFolder folder;
    std::string text = many_lines(20000) + "end";
    LineReader reader(folder.write("text", packed ? gzip(text) : text));
    EXPECT_EQ(reader.offset(), 0);
    for (int i = 0; i < 15000; ++i) ASSERT_TRUE(reader.skip());
    EXPECT_EQ(reader.lines_read(), 15000);
    EXPECT_EQ(reader.offset(), many_lines(15000).size());
    std::string line;
    ASSERT_TRUE(reader.next(line));
    EXPECT_EQ(line, "15000" + std::string(15000 % 97, 'x'));
    while (reader.lines_read() < 20000) ASSERT_TRUE(reader.skip());
    EXPECT_EQ(reader.offset(), text.size() - 3);
    EXPECT_TRUE(reader.skip());
    EXPECT_EQ(reader.offset(), text.size());
    EXPECT_FALSE(reader.skip());
    EXPECT_FALSE(reader.next(line));
    EXPECT_EQ(reader.lines_read(), 20001);
  }
}

TEST(LineReader, TwoBytesThatLookLikeGzipMustBeWhole) {
  EXPECT_THAT(lines_of("\x1F"), ElementsAre("\x1F"));
  EXPECT_THAT(lines_of("\x1F\n"), ElementsAre("\x1F"));
  EXPECT_THROW(lines_of("\x1F\x8B"), Error);
}

TEST(LineReader, NamesATruncatedGzipFile) {
  TempFolder folder;
  std::string whole = gzip(many_lines(5000));
  for (size_t size : {size_t{2}, size_t{12}, whole.size() / 2, whole.size() - 1}) {
    std::string path = folder.write("text.gz", whole.substr(0, size));
    LineReader reader(path);
    EXPECT_EQ(
        message_of<Error>([&] { lines_of(reader); }),
        fmt::format("{}: the gzip data ends too early, at byte {} (truncated file?)", path, size));
  }
}

TEST(LineReader, NamesATruncatedSecondMember) {
  TempFolder folder;
  std::string second = gzip(many_lines(5000));
  std::string bytes = gzip("a\n") + second.substr(0, second.size() / 2);
  std::string path = folder.write("text.gz", bytes);
  LineReader reader(path);
  EXPECT_EQ(message_of<Error>([&] { lines_of(reader); }),
            fmt::format("{}: the gzip data ends too early, at byte {} (truncated file?)", path,
                        bytes.size()));
}

TEST(LineReader, NamesACorruptGzipFile) {
  TempFolder folder;
  std::string whole = gzip(many_lines(5000));
  for (size_t at : {size_t{3}, whole.size() / 2, whole.size() - 6}) {
    std::string bad = whole;
    bad[at] = static_cast<char>(bad[at] ^ 0xFF);
    std::string path = folder.write("text.gz", bad);
    LineReader reader(path);
    std::string message = message_of<Error>([&] { lines_of(reader); });
    EXPECT_THAT(message, AllOf(HasSubstr(path), HasSubstr("gzip data"))) << at;
  }
}

TEST(LineReader, NamesGarbageAfterAGzipMember) {
  TempFolder folder;
  LineReader reader(folder.write("text.gz", gzip("a\n") + "garbage"));
  EXPECT_THAT(message_of<Error>([&] { lines_of(reader); }), HasSubstr("corrupt gzip data"));
}

TEST(LineReader, CutsALongLineBetweenCharactersAndGoesOn) {
  TempFolder folder;
  LineReader reader(
      folder.write("text", std::string(1000000, 'x') + "\nab€cd\nabcde\r\nabcdef\ng"));
  reader.set_max_line_bytes(5);
  std::string line;
  const std::vector<std::pair<std::string, bool>> expected = {
      {"xxxxx", true}, {"ab€", true}, {"abcde", false}, {"abcde", true}, {"g", false}};
  for (const auto& [text, cut] : expected) {
    ASSERT_TRUE(reader.next(line));
    EXPECT_EQ(line, text);
    EXPECT_EQ(reader.cut(), cut) << text;
  }
  EXPECT_FALSE(reader.next(line));
  EXPECT_FALSE(reader.cut());
  EXPECT_EQ(reader.repairs().lines, 0);
  EXPECT_EQ(reader.lines_read(), 5);
}

TEST(LineReader, NeverSplitsACharacterAtTheCut) {
  TempFolder folder;
  std::string path = folder.write("text", "ab😀cd\n");
  for (size_t bytes = 0; bytes < 10; ++bytes) {
    LineReader reader(path);
    reader.set_max_line_bytes(bytes);
    std::string line;
    ASSERT_TRUE(reader.next(line));
    EXPECT_EQ(line, std::string("ab😀cd").substr(0, bytes < 2 ? bytes : bytes < 6 ? 2 : bytes));
    EXPECT_EQ(reader.cut(), bytes < 8);
  }
}

TEST(LineReader, APipeThatHoldsOneEmptyLineGivesIt) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  LineReader reader("/dev/fd/" + std::to_string(ends[0]));
  EXPECT_FALSE(reader.ready());
  ASSERT_EQ(write(ends[1], "\n", 1), 1);
  EXPECT_TRUE(reader.ready());
  std::string line = "x";
  ASSERT_TRUE(reader.next(line));  // must not wait for a second byte
  EXPECT_EQ(line, "");
  EXPECT_FALSE(reader.ready());
  close(ends[1]);
  EXPECT_TRUE(reader.ready());
  EXPECT_FALSE(reader.next(line));
  close(ends[0]);
}

TEST(LineReader, HalfALineIsNotReady) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  LineReader reader("/dev/fd/" + std::to_string(ends[0]));
  ASSERT_EQ(write(ends[1], "one\ntw", 6), 6);
  std::string line;
  ASSERT_TRUE(reader.next(line));
  EXPECT_FALSE(reader.ready());
  EXPECT_FALSE(reader.ready(1));
  ASSERT_EQ(write(ends[1], "o", 1), 1);
  EXPECT_FALSE(reader.ready());
  ASSERT_EQ(write(ends[1], "\nthree", 6), 6);
  EXPECT_TRUE(reader.ready());
  ASSERT_TRUE(reader.next(line));
  EXPECT_EQ(line, "two");
  EXPECT_FALSE(reader.ready());
  close(ends[1]);
  EXPECT_TRUE(reader.ready());
  ASSERT_TRUE(reader.next(line));
  EXPECT_EQ(line, "three");
  close(ends[0]);
}

TEST(LineReader, ReadyWaitsForAnotherThread) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  LineReader reader("/dev/fd/" + std::to_string(ends[0]));
  ASSERT_EQ(write(ends[1], "one\n", 4), 4);
  std::string line;
  ASSERT_TRUE(reader.next(line));
  std::thread writer([&] { ASSERT_EQ(write(ends[1], "two\n", 4), 4); });
  EXPECT_TRUE(reader.ready(60000));  // returns when the line is there
  writer.join();
  close(ends[1]);
  close(ends[0]);
}

TEST(LineReader, NamesAMissingFileAndAFolder) {
  TempFolder folder;
  EXPECT_THAT(message_of<Error>([&] { LineReader reader(folder.file("none")); }),
              AllOf(HasSubstr(folder.file("none")), HasSubstr("No such file or directory")));
  EXPECT_THAT(message_of<Error>([&] { LineReader reader(folder.path()); }),
              AllOf(HasSubstr(folder.path()), HasSubstr("Is a directory")));
}

TEST(ReadLines, WarnsOnceOfRepairedLines) {
  TempFolder folder;
  std::string path = folder.write("text", "a\n\xFF\n\xFE\n");
  ::testing::internal::CaptureStderr();
  Strings lines = read_lines(path);
  EXPECT_EQ(::testing::internal::GetCapturedStderr(),
            "warning: " + path +
                ": replaced invalid UTF-8 or NUL bytes in 2 lines, the first is line 2\n");
  EXPECT_EQ(lines.size(), 3u);
}

}  // namespace
}  // namespace heed
