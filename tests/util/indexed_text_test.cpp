#include "util/indexed_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <thread>

#include "util/compress.h"
#include "util/error.h"
#include "util/temp_folder.h"

namespace heed {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using Strings = std::vector<std::string>;
using Wanted = IndexedText::Wanted;

Strings all_lines(const IndexedText& text) {
  Strings lines;
  for (int64_t block = text.blocks(); block-- > 0;) {  // from the end: any order will do
    Repairs repairs;
    Strings of_block = text.read(block, Wanted().set(), repairs);
    EXPECT_EQ(std::ssize(of_block), text.lines_of(block));
    lines.insert(lines.begin(), of_block.begin(), of_block.end());
  }
  return lines;
}

class IndexedTextTest : public ::testing::Test {
 protected:
  IndexedText index(const std::string& content) {
    return IndexedText(folder_.write("text", content), folder_.path());
  }
  TempFolder folder_;
};

TEST_F(IndexedTextTest, HasTheLinesOfALineReader) {
  std::string long_line(3000000, 'x');
  long_line[2999990] = '\n';
  std::vector<std::string> texts = {"",
                                    "\n",
                                    "a",
                                    "a\n",
                                    "a\n\nb",
                                    "\xEF\xBB\xBF"
                                    "a\r\nb\r\n",
                                    "\r\n",
                                    "a\xFF\nb\n",
                                    many_lines(255),
                                    many_lines(256),
                                    many_lines(257),
                                    many_lines(20000) + "end",
                                    long_line};
  for (const std::string& content : texts) {
    for (bool packed : {false, true}) {
      IndexedText text = index(packed ? gzip(content) : content);
      LineReader reader(text.path());
      reader.set_max_line_bytes(1 << 20);
      Strings expected;
      for (std::string line; reader.next(line);) expected.push_back(line);
      EXPECT_EQ(text.lines(), std::ssize(expected));
      EXPECT_EQ(text.blocks(), (std::ssize(expected) + 255) / 256);
      EXPECT_TRUE(all_lines(text) == expected) << content.substr(0, 20);
    }
  }
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_.path()), {}), 1);
}

TEST_F(IndexedTextTest, ReadsWhatIsWanted) {
  IndexedText text = index(many_lines(300));
  Repairs repairs;
  Strings lines = text.read(1, Wanted(0b101), repairs);
  ASSERT_EQ(lines.size(), 44u);
  EXPECT_EQ(lines[0], "256" + std::string(256 % 97, 'x'));
  EXPECT_EQ(lines[1], "");
  EXPECT_EQ(lines[2], "258" + std::string(258 % 97, 'x'));
}

TEST_F(IndexedTextTest, CountsRepairsByTheLinesOfTheFile) {
  IndexedText text = index(many_lines(300) + "a\xFF\n");
  Repairs repairs;
  text.read(0, Wanted().set(), repairs);
  EXPECT_EQ(repairs.lines, 0);
  text.read(1, Wanted().set(), repairs);
  EXPECT_EQ(repairs.lines, 1);
  EXPECT_EQ(repairs.first, 301);
}

TEST_F(IndexedTextTest, CopiesAPipe) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  std::string content = many_lines(5000);
  std::thread writer([&] {
    EXPECT_EQ(write(ends[1], content.data(), content.size()), std::ssize(content));
    close(ends[1]);
  });
  IndexedText text("/dev/fd/" + std::to_string(ends[0]), folder_.path());
  writer.join();
  close(ends[0]);
  EXPECT_EQ(text.lines(), 5000);
  EXPECT_EQ(all_lines(text)[4999], "4999" + std::string(4999 % 97, 'x'));
  EXPECT_EQ(text.checksum(), index(content).checksum());
  EXPECT_NE(text.checksum(), index(content + "a").checksum());
}

TEST_F(IndexedTextTest, ColumnsAreCheckedLineByLine) {
  auto read = [&](const std::string& content) {
    return IndexedText(folder_.write("pairs.tsv", content), folder_.path(),
                       IndexedText::Form::kTwoColumns);
  };
  EXPECT_EQ(read("a\tb\r\n\n \t\t\nc\t").lines(), 4);
  std::string path = folder_.file("pairs.tsv");
  EXPECT_THAT(message_of<Error>([&] { read("a\tb\nc\n"); }), HasSubstr(path + ":2: has 0 TABs"));
  EXPECT_THAT(message_of<Error>([&] { read(many_lines(0) + "a\tb\tc"); }),
              AllOf(HasSubstr(path + ":1: has 2 TABs"), HasSubstr("cut -f1,2")));
}

TEST_F(IndexedTextTest, RefusesAFileThatChanges) {
  IndexedText text = index("a\nb\n");
  std::filesystem::last_write_time(text.path(), std::filesystem::file_time_type::min());
  Repairs repairs;
  EXPECT_THAT(message_of<Error>([&] { text.read(0, Wanted().set(), repairs); }),
              AllOf(HasSubstr(text.path()), HasSubstr("has been written to")));
}

TEST_F(IndexedTextTest, RefusesMoreLinesThanThereWere) {
  IndexedText text = index(many_lines(300));
  auto time = std::filesystem::last_write_time(text.path());
  folder_.write("text", std::string(100000, '\n'));
  std::filesystem::last_write_time(text.path(), time);
  Repairs repairs;
  EXPECT_THAT(message_of<Error>([&] { text.read(0, Wanted().set(), repairs); }),
              HasSubstr("has been written to"));
}

TEST_F(IndexedTextTest, NamesWhatHasNoRoomForACopy) {
  std::string path = folder_.write("text", gzip("a\n"));
  EXPECT_THAT(message_of<Error>([&] { IndexedText(path, "/none"); }), HasSubstr("/none"));
}

}  // namespace
}  // namespace heed
