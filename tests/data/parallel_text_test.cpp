#include "data/parallel_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "util/compress.h"
#include "util/error.h"
#include "util/temp_folder.h"

namespace heed {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Strings = std::vector<std::string>;

class ParallelTextTest : public ::testing::Test {
 protected:
  ParallelText read(const CorpusFiles& files) { return {files, folder_.path()}; }
  std::string write(const std::string& name, const std::string& content) {
    return folder_.write(name, content);
  }
  static ParallelText::Lines lines(const ParallelText& text, int64_t block) {
    return text.read(block, ParallelText::Wanted().set());
  }
  TempFolder folder_;
};

TEST_F(ParallelTextTest, BlocksGoOverAllFiles) {
  ParallelText text = read({{write("a.s", many_lines(300)), write("b.s", gzip("x\ny\n"))},
                            {write("a.t", many_lines(300)), write("b.t", "1\n2\n")}});
  EXPECT_EQ(text.files(), 2);
  EXPECT_EQ(text.lines(), 302);
  EXPECT_EQ(text.lines(1), 2);
  ASSERT_EQ(text.blocks(), 3);
  EXPECT_EQ(text.block(2).file, 1);
  EXPECT_EQ(text.block(2).first_line, 300);
  EXPECT_EQ(text.block(1).lines, 44);
  EXPECT_THAT(lines(text, 2).source, ElementsAre("x", "y"));
  EXPECT_THAT(lines(text, 2).target, ElementsAre("1", "2"));
  EXPECT_THAT(lines(text, 2).alignment, IsEmpty());
  EXPECT_EQ(text.names(1), folder_.file("b.s") + " and " + folder_.file("b.t"));
}

TEST_F(ParallelTextTest, OneFileHoldsBothSides) {
  CorpusFiles files{{}, {}, {write("links", "0-0\n\n\n")}, {write("p.tsv", "a b\tc\n\nd\te\r\n")}};
  ParallelText text = read(files);
  EXPECT_THAT(lines(text, 0).source, ElementsAre("a b", "", "d"));
  EXPECT_THAT(lines(text, 0).target, ElementsAre("c", "", "e"));
  EXPECT_THAT(lines(text, 0).alignment, ElementsAre("0-0", "", ""));
  EXPECT_EQ(text.names(0), folder_.file("p.tsv"));
}

TEST_F(ParallelTextTest, NamesFilesThatDifferInLength) {
  std::string source = write("s", many_lines(1000)), target = write("t", many_lines(999));
  EXPECT_THAT(message_of<Error>([&] {
                read({{source}, {target}});
              }),
              AllOf(HasSubstr(source + " has 1,000 lines and " + target + " has 999"),
                    HasSubstr("line i of one belongs to line i of the other")));
  EXPECT_THAT(message_of<Error>([&] {
                read({{source}, {source}, {target}});
              }),
              HasSubstr(target + " has 999 lines and " + source + " has 1,000"));
}

TEST_F(ParallelTextTest, SidesAreReadFileAfterFile) {
  ParallelText columns = read({{}, {}, {}, {write("p", "a\tb\n\n"), write("q", "c\td")}});
  ParallelText files = read({{write("s", many_lines(300)), write("t", "x")},
                             {write("u", many_lines(300)), write("v", "y")}});
  auto side = [](const ParallelText& text, ParallelText::Side side) {
    Strings lines;
    SideReader reader(text, side);
    for (std::string line; reader.next(line);) lines.push_back(line);
    return lines;
  };
  EXPECT_THAT(side(columns, ParallelText::Side::kSource), ElementsAre("a", "", "c"));
  EXPECT_THAT(side(columns, ParallelText::Side::kTarget), ElementsAre("b", "", "d"));
  Strings targets = side(files, ParallelText::Side::kTarget);
  ASSERT_EQ(targets.size(), 301u);
  EXPECT_EQ(targets[299], "299xxxxxxxx");
  EXPECT_EQ(targets[300], "y");
}

TEST_F(ParallelTextTest, ChecksumsAreOfTheContent) {
  auto checksum = [&](const std::string& source, const std::string& target) {
    return read({{write("s", source)}, {write("t", target)}}).checksum();
  };
  std::string one = checksum("a\n", "b\n");
  EXPECT_EQ(checksum("a\n", "b\n"), one);
  EXPECT_EQ(checksum(gzip("a\n"), "b\n"), one);
  EXPECT_NE(checksum("b\n", "a\n"), one);
}

TEST_F(ParallelTextTest, MarkupIsNoText) {
  std::string plain = write("plain", "a\n"), markup = write("dev.sgm", "\n<refset>\n");
  for (const CorpusFiles& files :
       {CorpusFiles{{plain}, {markup}}, CorpusFiles{{markup}, {plain}}}) {
    EXPECT_THAT(message_of<Error>([&] { read(files); }), HasSubstr(markup));
  }
}

TEST_F(ParallelTextTest, KnowsTheTagOfAFileAndThePlaceOfATarget) {
  CorpusFiles files;
  files.pairs = {write("p", "a\tb\n"), write("q", "c\td\n")};
  files.tags = {"<1>", "<2>"};
  ParallelText columns = read(files);
  EXPECT_EQ(columns.tag(0), "<1>");
  EXPECT_EQ(columns.tag(1), "<2>");
  EXPECT_EQ(columns.target_path(1), files.pairs[1]);
  ParallelText text = read({{write("s", many_lines(300))}, {write("t", many_lines(300))}});
  EXPECT_EQ(text.tag(0), "");
  EXPECT_EQ(text.target_path(0), folder_.file("t"));
  EXPECT_EQ(text.line_in_file(1, 2), 259);
}

TEST_F(ParallelTextTest, KnowsWhereALinkStands) {
  std::string links = write("links", many_lines(300));
  ParallelText text = read({{write("s", many_lines(300))}, {write("t", many_lines(300))}, {links}});
  EXPECT_EQ(text.alignment_place(1, 2), links + ":259");
}

}  // namespace
}  // namespace heed
