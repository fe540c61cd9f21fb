#include "data/corpus.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include "config/options.h"
#include "data/corpus_of_files.h"
#include "util/error.h"
#include "util/temp_folder.h"

namespace heed {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class CorpusTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    TempFolder folder;
    TokenizerConfig config = default_config().tokenizer;
    config.type = "char";
    config.normalization = "nmt_nfkc";
    tokenizer_ = new Tokenizer(
        train_tokenizer({folder.write("text", "abcdefghijklmnopqrstuvwxyz 0123456789\n")}, config));
  }
  static void TearDownTestSuite() { delete tokenizer_; }

  Corpus read(const std::string& source, const std::string& target) {
    return read_corpus({{folder_.write("source", source)}, {folder_.write("target", target)}},
                       {*tokenizer_, *tokenizer_}, limits_);
  }
  static std::string text(std::span<const int32_t> ids) {
    return tokenizer_->decode({ids.begin(), ids.end()});
  }

  static inline Tokenizer* tokenizer_ = nullptr;
  TempFolder folder_;
  DataConfig limits_ = default_config().data;
};

TEST_F(CorpusTest, PairsStayAligned) {
  Corpus corpus = read("a\n\nc\nd\n  \nf\n", "1\n2\n\xE3\x80\x80\n4\n\n6");
  ASSERT_EQ(corpus.size(), 3);
  EXPECT_EQ(corpus.counts.read, 6);
  EXPECT_EQ(corpus.counts.kept, 3);
  EXPECT_EQ(corpus.counts.blank, 3);
  for (auto [i, source, target] : {std::tuple(0, "a", "1"), {1, "d", "4"}, {2, "f", "6"}}) {
    EXPECT_EQ(text(corpus.source[i]), source);
    EXPECT_EQ(text(corpus.target[i]), target);
  }
}

TEST_F(CorpusTest, TagsStandBeforeTheSourcesOfTheirFiles) {
  TokenizerConfig config = default_config().tokenizer;
  config.type = "char";
  config.user_defined = {"<1>", "<2>"};
  Tokenizer tokenizer = train_tokenizer({folder_.write("text", "abcdefgh\n")}, config);
  CorpusFiles files{.source = {folder_.write("s1", "ab\n\n"), folder_.write("s2", "cd\n")},
                    .target = {folder_.write("t1", "ef\ng\n"), folder_.write("t2", "h\n")},
                    .alignment = {folder_.write("a1", "0-0\n\n"), folder_.write("a2", "0-0\n")},
                    .tags = {"<1>", "<2>"}};
  Corpus corpus = read_corpus(files, {tokenizer, tokenizer}, limits_);
  ASSERT_EQ(corpus.size(), 2);
  EXPECT_EQ(corpus.counts.blank, 1);
  for (auto [i, source] : {std::pair(0, "<1> ab"), std::pair(1, "<2> cd")}) {
    auto ids = corpus.source[i];
    EXPECT_EQ(std::vector(ids.begin(), ids.end()), tokenizer.encode(source));
    // The tag's pieces belong to no word that a link could name.
    AlignedPair aligned = corpus.alignments[i];
    ASSERT_EQ(aligned.source.size(), ids.size());
    EXPECT_NE(aligned.source[1], 0);
    EXPECT_EQ(aligned.source.back(), 0);
  }
  files.tags[1] = "<3>";
  EXPECT_THAT(message_of<UsageError>([&] {
                read_corpus(files, {tokenizer, tokenizer}, limits_);
              }),
              HasSubstr("[data] tags: <3>"));
}

TEST_F(CorpusTest, FiltersCountWhatTheyDrop) {
  limits_.max_length = 6;
  limits_.max_length_ratio = 2;
  // A piece a character and one for the word's start: 6, 7; 3 to 6 is a ratio of 2, 2 to 6 of 3.
  Corpus corpus = read("abcde\nabcdef\nab\nab\na\n\n", "abcde\na\nabcdef\nabcde\nabcde\nx\n");
  EXPECT_EQ(corpus.counts.read, 6);
  EXPECT_EQ(corpus.counts.kept, 2);
  EXPECT_EQ(corpus.counts.too_long, 2);
  EXPECT_EQ(corpus.counts.ratio, 1);
  EXPECT_EQ(corpus.counts.blank, 1);
  EXPECT_EQ(corpus.counts.summary(limits_),
            "6 pairs read, 2 kept; dropped: 1 blank on a side, 2 over 6 pieces, 1 with a length "
            "ratio over 2");
  EXPECT_EQ(text(corpus.source[1]), "ab");
  EXPECT_EQ(text(corpus.target[1]), "abcde");
}

TEST_F(CorpusTest, NothingIsSaidOfFiltersThatDropNothing) {
  EXPECT_EQ(read("a\nb\n", "1\n2\n").counts.summary(limits_), "2 pairs read, 2 kept");
}

TEST_F(CorpusTest, NamesBothFilesAndCountsWhereTheyDiffer) {
  std::string many, fewer;
  for (int i = 0; i < 1000; ++i) many += "a\n";
  for (int i = 0; i < 999; ++i) fewer += "a\n";
  std::string source = folder_.file("source"), target = folder_.file("target");
  EXPECT_THAT(message_of<Error>([&] { read(many, fewer); }),
              AllOf(HasSubstr(source + " has 1,000 lines"), HasSubstr(target + " has 999")));
  EXPECT_THAT(message_of<Error>([&] { read(fewer, many); }),
              AllOf(HasSubstr(source + " has 999 lines"), HasSubstr(target + " has 1,000")));
  EXPECT_THAT(message_of<Error>([&] { read("", "a\n"); }),
              AllOf(HasSubstr(source + " has 0 lines"), HasSubstr(target + " has 1")));
}

TEST_F(CorpusTest, SaysWhyNoPairIsLeft) {
  limits_.max_length = 1;
  EXPECT_THAT(message_of<Error>([&] { read("a\n\n", "a\na\n"); }),
              AllOf(HasSubstr("no pair to use"), HasSubstr("2 pairs read, 0 kept"),
                    HasSubstr("1 blank on a side, 1 over 1 pieces")));
}

TEST_F(CorpusTest, FilesFollowEachOther) {
  auto sources = {folder_.write("s1", "a\nb\n"), folder_.write("s2", "c")};
  auto targets = {folder_.write("t1", "1\n2\n"), folder_.write("t2", "3\n")};
  Corpus corpus = read_corpus({sources, targets}, {*tokenizer_, *tokenizer_}, limits_);
  ASSERT_EQ(corpus.size(), 3);
  EXPECT_EQ(text(corpus.source[2]), "c");
  EXPECT_EQ(text(corpus.target[2]), "3");
  EXPECT_EQ(corpus.checksum(), read("a\nb\nc\n", "1\n2\n3\n").checksum());
}

TEST_F(CorpusTest, GzipIsAsPlain) {
  std::string lines;
  for (int i = 0; i < 9000; ++i) lines += std::to_string(i) + " abc\n";  // more than one chunk
  std::string packed = folder_.file("packed.gz");
  gzFile file = gzopen(packed.c_str(), "wb");
  gzwrite(file, lines.data(), static_cast<unsigned>(lines.size()));
  gzclose(file);
  Corpus corpus = read_corpus({{packed}, {packed}}, {*tokenizer_, *tokenizer_}, limits_);
  EXPECT_EQ(corpus.size(), 9000);
  EXPECT_EQ(corpus.checksum(), read(lines, lines).checksum());
  EXPECT_EQ(text(corpus.source[8999]), "8999 abc");
}

TEST_F(CorpusTest, ASampleIsAFunctionOfItsSeed) {
  std::string lines;
  for (int i = 0; i < 20000; ++i) lines += std::to_string(i) + "\n";
  std::string path = folder_.write("lines", lines);
  ParallelText pairs({{path}, {path}}, folder_.path());
  auto sample = [&](const ReadOptions& options) {
    return read_corpus(pairs, {*tokenizer_, *tokenizer_}, limits_, options);
  };
  Corpus some = sample({.most = 1000, .seed = 1});
  EXPECT_NEAR(static_cast<double>(some.size()), 1000, 100);
  EXPECT_EQ(some.counts.read, some.size());
  EXPECT_LT(std::stoi(text(some.source[0])), 200);
  EXPECT_GT(std::stoi(text(some.source[some.size() - 1])), 19800);
  EXPECT_EQ(sample({.most = 1000, .seed = 1}).checksum(), some.checksum());
  EXPECT_NE(sample({.most = 1000, .seed = 2}).checksum(), some.checksum());
  EXPECT_EQ(sample({.most = 20000}).size(), 20000);
}

TEST_F(CorpusTest, ChecksumsTellDataApart) {
  std::string one = read("a\nb\n", "1\n2\n").checksum();
  EXPECT_EQ(read("a\nb\n", "1\n2\n").checksum(), one);
  EXPECT_NE(read("b\na\n", "1\n2\n").checksum(), one);
  EXPECT_NE(read("a\nb\n", "1\n3\n").checksum(), one);
}

TEST_F(CorpusTest, AlignmentsStayWithTheirPairs) {
  CorpusFiles files{{folder_.write("source", "a b\n\nc d e\n")},
                    {folder_.write("target", "x\ny\nz w\n")},
                    {folder_.write("links", "0-0 1-0\n\n2-1\n")}};
  Corpus corpus = read_corpus(files, {*tokenizer_, *tokenizer_}, limits_);
  ASSERT_EQ(corpus.size(), 2);
  ASSERT_EQ(corpus.alignments.size(), 2);
  ASSERT_EQ(corpus.alignments[0].links.size(), 2u);
  EXPECT_EQ(corpus.alignments[0].links[1].source, 1);
  ASSERT_EQ(corpus.alignments[1].links.size(), 1u);
  EXPECT_EQ(corpus.alignments[1].links[0].source, 2);
  EXPECT_EQ(corpus.alignments[1].links[0].target, 1);
  EXPECT_EQ(std::ssize(corpus.alignments[1].source), corpus.source.length(1));
  EXPECT_EQ(corpus.alignments[1].source.back(), 2);
}

TEST_F(CorpusTest, PairsWithLinksToWordsThatNormalisationRemovesAreCounted) {
  CorpusFiles files{{folder_.write("source", "a b \u200B\nc\nd \u2581\n")},
                    {folder_.write("target", "x y\nz\nw\n")},
                    {folder_.write("links", "0-0 1-1 2-1\n0-0\n0-0\n")}};
  ::testing::internal::CaptureStderr();
  Corpus corpus = read_corpus(files, {*tokenizer_, *tokenizer_}, limits_);
  EXPECT_THAT(
      ::testing::internal::GetCapturedStderr(),
      HasSubstr("links: 1 pairs have links to words of which normalisation leaves nothing"));
  ASSERT_EQ(corpus.alignments.size(), 3);
  ASSERT_EQ(corpus.alignments[0].links.size(), 2u);
  EXPECT_EQ(corpus.alignments[0].links[1].source, 1);
}

TEST_F(CorpusTest, AlignmentsMustFitTheText) {
  auto fault = [&](const std::string& links) {
    CorpusFiles files{{folder_.write("source", "a b\nc\n")},
                      {folder_.write("target", "x\ny z\n")},
                      {folder_.write("links", links)}};
    return message_of<Error>([&] { read_corpus(files, {*tokenizer_, *tokenizer_}, limits_); });
  };
  EXPECT_THAT(
      fault("0-0\n1-0\n"),
      HasSubstr("links:2: the link 1-0 points beyond the source's 1 and the target's 2 words"));
  EXPECT_THAT(fault("0-0\n"),
              AllOf(HasSubstr("links has 1 line and "), HasSubstr("source has 2: ")));
  EXPECT_THAT(fault("0-0\n0-1\n0-0\n"), HasSubstr("links has 3 lines and "));
}

}  // namespace
}  // namespace heed
