#include "data/pair_encoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <barrier>
#include <thread>

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

// Processes as threads, that meet where they tell each other what they have.
class Meeting {
 public:
  explicit Meeting(int64_t size) : texts_(size), here_(size) {}
  Sharing of(int64_t rank) {
    auto gather = [this, rank](const std::string& own, const auto&) -> Sharing::Gathered {
      texts_[rank] = own;
      here_.arrive_and_wait();
      auto all = texts_;
      here_.arrive_and_wait();
      return all;
    };
    return {rank, std::ssize(texts_), gather};
  }

 private:
  std::vector<std::string> texts_;
  std::barrier<> here_;
};

TEST_F(PairEncoderTest, IsTheSameWhateverTheNumberOfProcesses) {
  Corpus one = encode(1);
  for (int64_t size : {2, 3, 100}) {
    Meeting meeting(size);
    std::vector<Corpus> all(size);
    std::vector<std::thread> threads;
    for (int64_t rank = 0; rank < size; ++rank) {
      threads.emplace_back([&, rank] {
        PairEncoder(*text_, {*words_, *words_}, limits_, 1, meeting.of(rank))
            .add(draws_, all[rank]);
      });
    }
    for (std::thread& thread : threads) thread.join();
    for (const Corpus& corpus : all) {
      EXPECT_EQ(corpus.checksum(), one.checksum());
      EXPECT_EQ(corpus.counts.read, one.counts.read);
      EXPECT_EQ(corpus.round_trip.texts, one.round_trip.texts);
    }
  }
}

TEST_F(PairEncoderTest, EncodesItsShareAlone) {
  int64_t told = 0;
  auto gather = [&](const std::string& own, const auto&) -> Sharing::Gathered {
    for (const EncodedBlock& block : blocks_from(own)) told += std::ssize(block.pairs);
    return std::vector<std::string>(4, to_bytes(std::vector<EncodedBlock>(20)));
  };
  Corpus corpus;
  PairEncoder encoder(*text_, {*words_, *words_}, limits_, 1, {1, 4, gather});
  encoder.add(std::span(draws_).last(76), corpus);  // 19 blocks each
  EXPECT_EQ(told, 19 * 32);
}

TEST_F(PairEncoderTest, EndsWhereTheOthersAreNotWaitedFor) {
  auto gather = [&](const std::string&, const auto& stopped) -> Sharing::Gathered {
    EXPECT_FALSE(stopped());
    return std::nullopt;
  };
  Corpus corpus;
  PairEncoder encoder(*text_, {*words_, *words_}, limits_, 1, {0, 2, gather});
  encoder.add(draws_, corpus);
  EXPECT_EQ(corpus.size(), 0);
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
