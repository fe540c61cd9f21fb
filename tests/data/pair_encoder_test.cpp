#include "data/pair_encoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/options.h"
#include "util/temp_folder.h"

namespace heed {
namespace {

class PairEncoderTest : public ::testing::Test {
 protected:
  PairEncoderTest() {
    std::string source, target;
    for (int i = 0; i < 20000; ++i) {
      source += std::string(i % 7, 'a') + "b\n";
      target += std::string(i % 5, 'c') + "d\n";
    }
    text_ = std::make_unique<ParallelText>(
        CorpusFiles{{folder_.write("s", source)}, {folder_.write("t", target)}}, folder_.path());
    for (int64_t i = text_->blocks(); i-- > 0;) {
      draws_.push_back({i, ParallelText::Wanted(0x5555555555555555)});
    }
  }
  // A piece a letter.
  static std::shared_ptr<Tokenizer> letters() {
    TempFolder folder;
    TokenizerConfig config = default_config().tokenizer;
    config.type = "char";
    return std::make_shared<Tokenizer>(train_tokenizer({folder.write("text", "abcdefgh")}, config));
  }
  Corpus encode(int64_t workers) {
    Corpus corpus;
    PairEncoder(*text_, {*words_, *words_}, limits_, workers).add(draws_, corpus);
    return corpus;
  }

  TempFolder folder_;
  std::shared_ptr<Tokenizer> words_ = letters();
  DataConfig limits_ = default_config().data;
  std::unique_ptr<ParallelText> text_;
  std::vector<BlockDraw> draws_;
};

TEST_F(PairEncoderTest, IsTheSameWhateverTheNumberOfThreads) {
  Corpus one = encode(1), four = encode(4);
  EXPECT_EQ(one.size(), 78 * 32 + 16);  // every other of 64 lines of a block; 32 in the last
  EXPECT_EQ(one.checksum(), four.checksum());
  EXPECT_EQ(one.counts.read, one.size());
}

TEST_F(PairEncoderTest, GoesInTheOrderOfTheDraws) {
  Corpus corpus = encode(2);
  auto first = corpus.source[0];
  int64_t line = 78 * 256;  // of the last block, the first drawn
  EXPECT_EQ(words_->decode({first.begin(), first.end()}), std::string(line % 7, 'a') + "b");
}

TEST_F(PairEncoderTest, EndsWhenItIsStopped) {
  PairEncoder encoder(*text_, {*words_, *words_}, limits_, 1);
  encoder.stop();
  Corpus corpus;
  encoder.add(draws_, corpus);
  EXPECT_EQ(corpus.size(), 0);
}

}  // namespace
}  // namespace heed
