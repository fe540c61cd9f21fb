#include "data/pools.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <numeric>
#include <set>

#include "config/options.h"
#include "data/batcher.h"
#include "util/error.h"
#include "util/random.h"
#include "util/temp_folder.h"

namespace heed {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(TimesDrawn, IsTheWeightOnTheAverageAndNeverFarFromIt) {
  for (double weight : {0.01, 0.25, 0.5, 1.0, 1.5, 3.7, 4.0}) {
    for (uint64_t pair = 0; pair < 200; ++pair) {
      int64_t sum = 0;
      for (int64_t epoch = 0; epoch < 100; ++epoch) {
        int64_t times = times_drawn(weight, epoch, SplitMix64::hash(pair));
        EXPECT_GE(times, std::floor(weight));
        EXPECT_LE(times, std::ceil(weight));
        sum += times;
        EXPECT_LE(std::abs(static_cast<double>(sum) - weight * static_cast<double>(epoch + 1)), 1);
      }
    }
  }
}

TEST(TimesDrawn, APartIsDrawnInEachEpoch) {
  for (int64_t epoch : {0, 1, 2, 3}) {
    int64_t drawn = 0;
    for (uint64_t i = 0; i < 10000; ++i) drawn += times_drawn(0.25, epoch, SplitMix64::hash(i));
    EXPECT_NEAR(drawn, 2500, 150);
  }
}

// A text whose pair i is a number written in letters, on both sides.
class PoolsTest : public ::testing::Test {
 protected:
  // A piece a letter.
  static std::shared_ptr<Tokenizer> letters() {
    TempFolder folder;
    TokenizerConfig config = default_config().tokenizer;
    config.type = "char";
    return std::make_shared<Tokenizer>(train_tokenizer({folder.write("text", "abcdefgh")}, config));
  }
  static std::string word(int64_t number) {
    std::string letters;
    for (int digit = 0; digit < 6; ++digit, number /= 8) letters += "abcdefgh"[number % 8];
    return letters;
  }
  std::string write(const std::string& name, int64_t first, int64_t count) {
    std::string content;
    for (int64_t i = first; i < first + count; ++i) content += word(i) + "\n";
    return folder_.write(name, content);
  }
  // Two files of 3,000 and 1,000 pairs.
  std::unique_ptr<ParallelText> text() {
    return std::make_unique<ParallelText>(CorpusFiles{{one_, two_}, {one_, two_}}, folder_.path());
  }
  StreamedPools stream(std::vector<double> weights = {}, int64_t pairs = 1000) {
    return {text(), {*words_, *words_}, limits_, options(std::move(weights), pairs)};
  }
  static PoolOptions options(std::vector<double> weights = {}, int64_t pairs = 1000) {
    return {.pairs = pairs, .seed = 7, .weights = std::move(weights), .threads = 2};
  }
  std::vector<std::string> texts_of(const Pool& pool) const {
    std::vector<std::string> texts;
    for (int64_t pair : pool.drawn) {
      auto ids = pool.corpus->source[pair];
      texts.push_back(words_->decode({ids.begin(), ids.end()}));
    }
    return texts;
  }
  // How often each pair comes in an epoch.
  std::map<std::string, int> epoch_of(Pools& pools, int64_t epoch) const {
    std::map<std::string, int> times;
    int64_t count = 1;
    for (int64_t number = 0; number < count; ++number) {
      Pool pool = pools.get(epoch, number);
      count = pool.pools;
      for (const std::string& text : texts_of(pool)) ++times[text];
    }
    return times;
  }

  TempFolder folder_;
  std::string one_ = write("one", 0, 3000), two_ = write("two", 3000, 1000);
  std::shared_ptr<Tokenizer> words_ = letters();
  DataConfig limits_ = default_config().data;
};

TEST_F(PoolsTest, EveryPairOnceAnEpochInPoolsOfAboutTheSameSize) {
  StreamedPools pools = stream();
  for (int64_t epoch : {0, 1}) {
    std::map<std::string, int> times = epoch_of(pools, epoch);
    EXPECT_EQ(times.size(), 4000u);
    for (const auto& [text, count] : times) EXPECT_EQ(count, 1) << text;
  }
  for (int64_t number = 0; number < 4; ++number) {
    Pool pool = pools.get(0, number);
    EXPECT_EQ(pool.pools, 4);
    EXPECT_NEAR(static_cast<double>(pool.drawn.size()), 1000, 256);
  }
}

TEST_F(PoolsTest, APoolIsAFunctionOfEpochAndNumber) {
  StreamedPools pools = stream(), others = stream();
  auto third = texts_of(others.get(1, 2));
  EXPECT_EQ(texts_of(pools.get(1, 2)), third);
  EXPECT_NE(texts_of(pools.get(0, 2)), third);
  EXPECT_EQ(texts_of(pools.get(1, 2)), third);
  for (int64_t none : {-1, 4}) {
    EXPECT_THAT(message_of<Error>([&] { pools.get(1, none); }), HasSubstr("an epoch has 4 pools"));
  }
  PoolOptions seeded = options();
  seeded.seed = 8;
  StreamedPools other_seed(text(), {*words_, *words_}, limits_, seeded);
  EXPECT_NE(texts_of(other_seed.get(1, 2)), third);
}

TEST_F(PoolsTest, APoolHasPairsFromAllOverTheText) {
  StreamedPools pools = stream();
  int64_t of_second_file = 0;
  std::set<std::string> second;
  for (int64_t i = 3000; i < 4000; ++i) second.insert(word(i));
  for (int64_t number = 0; number < 4; ++number) {
    for (const std::string& text : texts_of(pools.get(0, number))) {
      of_second_file += second.contains(text) && number == 0;
    }
  }
  EXPECT_GT(of_second_file, 0);
  EXPECT_LT(of_second_file, 1000);
}

TEST_F(PoolsTest, WeightsSayHowOftenPairsOfAFileCome) {
  StreamedPools streamed = stream({1.5, 4});
  auto whole = make_pools(text(), {*words_, *words_}, limits_, options({1.5, 4}, 10000));
  for (Pools* pools : {static_cast<Pools*>(&streamed), whole.get()}) {
    std::vector<std::map<std::string, int>> epochs = {epoch_of(*pools, 0), epoch_of(*pools, 1)};
    int64_t first_epoch = 0;
    for (int64_t i = 0; i < 3000; ++i) {
      first_epoch += epochs[0][word(i)];
      EXPECT_EQ(epochs[0][word(i)] + epochs[1][word(i)], 3) << i;
    }
    EXPECT_NEAR(first_epoch, 4500, 150);
    for (int64_t i = 3000; i < 4000; ++i) EXPECT_EQ(epochs[0][word(i)], 4);
  }
}

TEST_F(PoolsTest, WhatFitsIsInMemoryAsItStands) {
  auto pools = make_pools(text(), {*words_, *words_}, limits_, options({}, 4000));
  Pool pool = pools->get(3, 0);
  EXPECT_EQ(pool.pools, 1);
  std::vector<int64_t> all(4000);
  std::iota(all.begin(), all.end(), int64_t{0});
  EXPECT_EQ(pool.drawn, all);
  EXPECT_EQ(texts_of(pool)[3999], word(3999));
  EXPECT_EQ(pools->checksum(), pool.corpus->checksum());
}

TEST_F(PoolsTest, FiltersAreToldAtTheEndOfAnEpoch) {
  std::string too_long(300, 'c'), invalid = "ab\xFF\n";
  too_long += '\n';
  std::string source, target;
  for (int i = 0; i < 1000; ++i) {
    source += i % 100 == 0 ? "\n" : "ab\n";
    target += i % 10 == 0 ? too_long : invalid;
  }
  CorpusFiles files{{folder_.write("s", source)}, {folder_.write("t", target)}};
  auto read = [&](int64_t first) {
    ::testing::internal::CaptureStderr();
    StreamedPools pools(std::make_unique<ParallelText>(files, folder_.path()), {*words_, *words_},
                        limits_, options({}, 300));
    for (int64_t number = first; number < 4; ++number) EXPECT_EQ(pools.get(0, number).pools, 4);
    return ::testing::internal::GetCapturedStderr();
  };
  EXPECT_THAT(read(0), AllOf(HasSubstr("1,000 pairs, more than data.pool_pairs = 300: read in 4"),
                             HasSubstr("epoch 1: 1,000 pairs read, 900 kept; dropped: 10 blank on "
                                       "a side, 90 over 100 pieces"),
                             HasSubstr("invalid UTF-8 or NUL bytes in 900 lines, the first is "
                                       "line 2")));
  EXPECT_THAT(read(2), AllOf(HasSubstr("epoch 1, from pool 3 of 4 on: "),
                             Not(HasSubstr("1,000 pairs read"))));
}

TEST_F(PoolsTest, TargetsThatDoNotComeBackAreToldOnce) {
  std::string lines;
  for (int i = 0; i < 1000; ++i) lines += i % 10 == 0 ? "abz\n" : "ab\n";
  CorpusFiles files{{folder_.write("s", lines)}, {folder_.write("t", lines)}};
  for (int64_t pairs : {300, 10000}) {
    ::testing::internal::CaptureStderr();
    PoolOptions given = options({}, pairs);
    given.vocabulary = default_config().tokenizer;
    auto pools = make_pools(std::make_unique<ParallelText>(files, folder_.path()),
                            {*words_, *words_}, limits_, given);
    for (int64_t epoch : {0, 1}) epoch_of(*pools, epoch);
    std::string said = ::testing::internal::GetCapturedStderr();
    size_t at = said.find("100 of 1,000 training targets do not come back");
    ASSERT_NE(at, std::string::npos) << said;
    EXPECT_EQ(said.find("do not come back", at + 40), std::string::npos) << said;
  }
}

TEST_F(PoolsTest, TheOrderDependsOnPoolsAndWeights) {
  auto plan = [&](std::vector<double> weights, int64_t pairs) {
    return make_pools(text(), {*words_, *words_}, limits_, options(std::move(weights), pairs))
        ->plan();
  };
  EXPECT_EQ(plan({}, 4000), "");
  EXPECT_EQ(plan({1, 1}, 5000), "");
  EXPECT_NE(plan({1, 2}, 5000), "");
  std::set<std::string> plans = {plan({}, 1000), plan({}, 2000), plan({1, 2}, 1000)};
  EXPECT_EQ(plans.size(), 3u);
  EXPECT_EQ(plan({1, 1}, 1000), plan({}, 1000));
}

TEST_F(PoolsTest, SaysWhyNoPairIsLeft) {
  limits_.max_length = 1;
  EXPECT_THAT(message_of<Error>([&] {
                StreamedPools pools = stream();
                epoch_of(pools, 0);
              }),
              AllOf(HasSubstr("no pair to use"), HasSubstr("4,000 over 1 pieces")));
}

using Ids = std::vector<int64_t>;

std::vector<Ids> batches_of(Pools& pools, const TokenizerPair& words, DataPosition start, int count,
                            DataPosition& end) {
  BatcherOptions options{.batch_tokens = 200, .seed = 7, .sampling_alpha = 0, .max_length = 100};
  Batcher batcher(pools, words, options, start);
  std::vector<Ids> batches;
  for (int i = 0; i < count; ++i) batches.push_back(batcher.next()[0].source.ids);
  end = batcher.position();
  return batches;
}

TEST_F(PoolsTest, ABatcherGoesOnFromAnyPlace) {
  TokenizerPair words{*words_, *words_};
  DataPosition end, ignored;
  StreamedPools whole = stream();
  std::vector<Ids> all = batches_of(whole, words, {}, 250, end);
  EXPECT_EQ(end.epoch, 1);
  for (int done : {1, 37, 150, 249}) {
    StreamedPools first = stream();
    DataPosition at;
    std::vector<Ids> begun = batches_of(first, words, {}, done, at);
    StreamedPools second = stream();
    std::vector<Ids> rest = batches_of(second, words, at, 250 - done, ignored);
    begun.insert(begun.end(), rest.begin(), rest.end());
    EXPECT_TRUE(begun == all) << done;
  }
}

}  // namespace
}  // namespace heed
