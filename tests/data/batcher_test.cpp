#include "data/batcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "config/options.h"
#include "data/corpus_of_files.h"

namespace heed {
namespace {

using ::testing::ElementsAre;

const std::string kFolder = std::string(HEED_SOURCE_DIR) + "/data/";

Tokenizer learn() {
  TokenizerConfig config = default_config().tokenizer;
  config.vocab_size = 300;
  return train_tokenizer({kFolder + "dev.de", kFolder + "dev.en"}, config);
}

const Tokenizer& words() {
  static const Tokenizer tokenizer = learn();
  return tokenizer;
}

const Corpus& corpus_of(const std::string& name) {
  static std::map<std::string, Corpus> corpora;
  if (!corpora.contains(name)) {
    corpora[name] = read_corpus({{kFolder + name + ".de"}, {kFolder + name + ".en"}},
                                {words(), words()}, default_config().data);
  }
  return corpora[name];
}

const BatcherOptions kOptions{400, 3, 0, 100};

int64_t longer_side(const Corpus& corpus, int64_t pair) {
  return std::max(corpus.source.length(pair), corpus.target.length(pair)) + 1;
}

int64_t padded_tokens(const Corpus& corpus, const std::vector<int64_t>& batch) {
  int64_t longest = 0;
  for (int64_t pair : batch) longest = std::max(longest, longer_side(corpus, pair));
  return longest * static_cast<int64_t>(batch.size());
}

std::vector<int64_t> sorted_pairs(const std::vector<std::vector<int64_t>>& plan) {
  std::vector<int64_t> pairs;
  for (const auto& batch : plan) pairs.insert(pairs.end(), batch.begin(), batch.end());
  std::sort(pairs.begin(), pairs.end());
  return pairs;
}

TEST(PlanTest, EveryPairOnceAnEpoch) {
  const Corpus& corpus = corpus_of("dev");
  std::vector<int64_t> all(corpus.size());
  for (int64_t i = 0; i < corpus.size(); ++i) all[i] = i;
  for (int64_t epoch : {0, 1, 7}) {
    EXPECT_EQ(sorted_pairs(plan_epoch(corpus, kOptions, epoch)), all);
  }
  EXPECT_EQ(sorted_pairs(plan_in_order(corpus, 400)), all);
}

TEST(PlanTest, BatchesHaveAtMostBatchTokens) {
  const Corpus& corpus = corpus_of("dev");
  for (const auto& plan : {plan_epoch(corpus, kOptions, 0), plan_in_order(corpus, 400)}) {
    for (const auto& batch : plan) EXPECT_LE(padded_tokens(corpus, batch), 400);
  }
}

TEST(PlanTest, APairLargerThanABatchIsABatch) {
  const Corpus& corpus = corpus_of("dev");
  auto plan = plan_epoch(corpus, {1, 3, 0, 100}, 0);
  EXPECT_EQ(static_cast<int64_t>(plan.size()), corpus.size());
}

TEST(PlanTest, IsAFunctionOfSeedAndEpoch) {
  const Corpus& corpus = corpus_of("dev");
  auto plan = plan_epoch(corpus, kOptions, 2);
  EXPECT_EQ(plan_epoch(corpus, kOptions, 2), plan);
  EXPECT_NE(plan_epoch(corpus, kOptions, 3), plan);
  BatcherOptions other = kOptions;
  other.seed = 4;
  EXPECT_NE(plan_epoch(corpus, other, 2), plan);
}

TEST(PlanTest, BatchesDifferFromEpochToEpochAndAreShuffled) {
  const Corpus& corpus = corpus_of("dev");
  auto first = plan_epoch(corpus, kOptions, 0), second = plan_epoch(corpus, kOptions, 1);
  std::set<std::vector<int64_t>> seen(first.begin(), first.end());
  auto again = std::count_if(second.begin(), second.end(),
                             [&](const auto& batch) { return seen.contains(batch); });
  EXPECT_LT(again, static_cast<int64_t>(second.size()) / 4);
  bool ascending = std::is_sorted(first.begin(), first.end(), [&](const auto& a, const auto& b) {
    return corpus.target.length(a[0]) < corpus.target.length(b[0]);
  });
  EXPECT_FALSE(ascending);
}

TEST(PlanTest, LittleIsPadding) {
  const Corpus& corpus = corpus_of("train");
  int64_t padded = 0, real = 0;
  BatcherOptions options{4096, 1, 0, 100};
  for (const auto& pairs : plan_epoch(corpus, options, 0)) {
    Batch batch = gather_batch(corpus, pairs, {words(), words()});
    for (const IdMatrix* side : {&batch.source, &batch.target_output}) {
      padded += side->rows * side->columns;
      real += side->tokens();
    }
  }
  EXPECT_LT(1 - static_cast<double>(real) / static_cast<double>(padded), 0.10);
}

TEST(BatchTest, ShiftsTargetsAndPadsOnTheRight) {
  std::vector<int32_t> long_one = {7, 8, 9}, short_one = {5};
  SpecialIds special;
  Batch batch = make_batch({long_one, short_one}, {short_one, long_one}, special, special);
  EXPECT_EQ(batch.source.rows, 2);
  EXPECT_EQ(batch.source.columns, 4);
  EXPECT_THAT(batch.source.ids, ElementsAre(7, 8, 9, 3, 5, 3, 0, 0));
  EXPECT_THAT(batch.source.lengths, ElementsAre(4, 2));
  EXPECT_EQ(batch.source.tokens(), 6);
  EXPECT_THAT(batch.target_input.ids, ElementsAre(2, 5, 0, 0, 2, 7, 8, 9));
  EXPECT_THAT(batch.target_output.ids, ElementsAre(5, 3, 0, 0, 7, 8, 9, 3));
  EXPECT_EQ(batch.target_input.lengths, batch.target_output.lengths);
}

using Ids = std::vector<int64_t>;

std::pair<Ids, Ids> ids_of(const Batch& batch) {
  return {batch.source.ids, batch.target_output.ids};
}

TEST(BatcherTest, GivesThePlannedBatchesAndGoesOnToTheNextEpoch) {
  const Corpus& corpus = corpus_of("dev");
  auto plan = plan_epoch(corpus, kOptions, 0);
  Batcher batcher(corpus, {words(), words()}, kOptions, {});
  for (size_t i = 0; i < plan.size(); ++i) {
    EXPECT_EQ(ids_of(batcher.next()[0]), ids_of(gather_batch(corpus, plan[i], {words(), words()})));
    bool last = i + 1 == plan.size();
    EXPECT_EQ(batcher.position().epoch, last ? 1 : 0);
    EXPECT_EQ(batcher.position().batch, last ? 0 : static_cast<int64_t>(i) + 1);
  }
  EXPECT_DOUBLE_EQ(batcher.epochs(), 1);
  auto next = plan_epoch(corpus, kOptions, 1);
  EXPECT_EQ(ids_of(batcher.next()[0]), ids_of(gather_batch(corpus, next[0], {words(), words()})));
}

void expect_same_after_resume(double sampling_alpha) {
  const Corpus& corpus = corpus_of("dev");
  BatcherOptions options = kOptions;
  options.sampling_alpha = sampling_alpha;
  DataPosition position, end;
  std::vector<std::pair<Ids, Ids>> expected;
  {  // one batcher at a time: SentencePiece's seed is the whole process's
    Batcher whole(corpus, {words(), words()}, options, {});
    auto batches = static_cast<int>(plan_epoch(corpus, options, 0).size());
    for (int i = 0; i < batches - 3; ++i) whole.next();
    position = whole.position();
    for (int i = 0; i < 6; ++i) expected.push_back(ids_of(whole.next()[0]));
    end = whole.position();
  }
  Batcher resumed(corpus, {words(), words()}, options, position);
  for (int i = 0; i < 6; ++i) EXPECT_EQ(ids_of(resumed.next()[0]), expected[i]) << i;
  EXPECT_EQ(resumed.position().epoch, 1);
  EXPECT_EQ(resumed.position().batch, end.batch);
}

TEST(BatcherTest, GoesOnFromAPosition) { expect_same_after_resume(0); }

TEST(BatcherTest, SamplesTheSameFromAPositionOn) { expect_same_after_resume(0.2); }

std::vector<int32_t> row_of(const IdMatrix& matrix, int64_t row) {
  auto begin = matrix.ids.begin() + row * matrix.columns;
  return {begin, begin + matrix.lengths[row] - 1};
}

TEST(BatcherTest, SamplesAreOtherSplitsOfTheSameText) {
  const Corpus& corpus = corpus_of("dev");
  BatcherOptions options = kOptions;
  options.sampling_alpha = 0.3;
  auto plan = plan_epoch(corpus, options, 0);
  Batcher batcher(corpus, {words(), words()}, options, {});
  int64_t others = 0, pairs = 0;
  for (int i = 0; i < 5; ++i) {
    Batch batch = batcher.next()[0];
    for (size_t row = 0; row < plan[i].size(); ++row) {
      auto sampled = row_of(batch.source, static_cast<int64_t>(row));
      auto whole = corpus.source[plan[i][row]];
      std::vector<int32_t> original(whole.begin(), whole.end());
      EXPECT_EQ(words().decode(sampled), words().decode(original));
      others += sampled != original;
      ++pairs;
    }
  }
  EXPECT_GT(others, pairs / 2);
}

TEST(BatcherTest, SamplesTooLongAreLeftAsTheyWere) {
  const Corpus& corpus = corpus_of("dev");
  BatcherOptions options{400, 3, 0.9, 1};
  auto plan = plan_epoch(corpus, options, 0);
  Batcher batcher(corpus, {words(), words()}, options, {});
  EXPECT_EQ(ids_of(batcher.next()[0]), ids_of(gather_batch(corpus, plan[0], {words(), words()})));
}

TEST(CutIntoParts, EveryPairOnceAndAboutAsManyTokensInEach) {
  const Corpus& corpus = corpus_of("dev");
  auto tokens = [&](const std::vector<int64_t>& pairs) {
    int64_t sum = 0;
    for (int64_t pair : pairs) {
      sum += corpus.source.length(pair) + corpus.target.length(pair) + 2;
    }
    return sum;
  };
  for (auto pairs : plan_epoch(corpus, kOptions, 0)) {
    EXPECT_EQ(cut_into_parts(corpus, pairs, 1), (std::vector<std::vector<int64_t>>{pairs}));
    for (int64_t count : {2, 3, 7}) {
      auto parts = cut_into_parts(corpus, pairs, count);
      int64_t longest = 0;
      std::vector<int64_t> all;
      for (int64_t pair : pairs) longest = std::max(longest, tokens({pair}));
      for (const auto& part : parts) {
        all.insert(all.end(), part.begin(), part.end());
        EXPECT_NEAR(tokens(part), tokens(pairs) / count, longest);
      }
      EXPECT_THAT(all, ::testing::UnorderedElementsAreArray(pairs));
      EXPECT_LE(std::ssize(parts), count);
    }
  }
}

TEST(CutIntoParts, FewerPartsWhereThereAreFewerPairs) {
  const Corpus& corpus = corpus_of("dev");
  EXPECT_EQ(cut_into_parts(corpus, {5}, 4), (std::vector<std::vector<int64_t>>{{5}}));
  auto two = cut_into_parts(corpus, {5, 6}, 4);
  EXPECT_THAT(two, ::testing::SizeIs(2));
}

TEST(BatcherTest, GivesBatchesInParts) {
  const Corpus& corpus = corpus_of("dev");
  BatcherOptions options = kOptions;
  options.parts = 3;
  auto plan = plan_epoch(corpus, options, 0);
  for (double alpha : {0.0, 0.2}) {
    options.sampling_alpha = alpha;
    Batcher batcher(corpus, {words(), words()}, options, {});
    auto batches = batcher.next();
    auto parts = cut_into_parts(corpus, plan[0], 3);
    ASSERT_EQ(batches.size(), parts.size());
    for (size_t i = 0; i < parts.size(); ++i) {
      EXPECT_EQ(batches[i].source.rows, std::ssize(parts[i]));
      if (alpha > 0) continue;
      EXPECT_EQ(ids_of(batches[i]), ids_of(gather_batch(corpus, parts[i], {words(), words()})));
    }
  }
}

// Whoever computes a part draws the same for it. One batcher at a time: a process has one, and the
// seed of drawing is the process's.
TEST(BatcherTest, GivesAProcessItsOwnParts) {
  auto batches_of = [](int64_t first, int64_t end) {
    BatcherOptions options = kOptions;
    options.parts = 3;
    options.sampling_alpha = 0.2;
    options.first_part = first;
    options.end_part = end;
    Batcher batcher(corpus_of("dev"), {words(), words()}, options, {});
    std::vector<std::vector<Batch>> batches;
    for (int i = 0; i < 3; ++i) batches.push_back(batcher.next());
    return batches;
  };
  auto whole = batches_of(0, 3), head = batches_of(0, 1), tail = batches_of(1, 3);
  for (size_t i = 0; i < whole.size(); ++i) {
    ASSERT_EQ(head[i].size(), 1u);
    ASSERT_EQ(1 + tail[i].size(), whole[i].size());
    EXPECT_EQ(ids_of(head[i][0]), ids_of(whole[i][0]));
    for (size_t j = 0; j < tail[i].size(); ++j) {
      EXPECT_EQ(ids_of(tail[i][j]), ids_of(whole[i][j + 1]));
    }
  }
}

TEST(BatcherTest, EndsWithBatchesLeft) {
  Batcher batcher(corpus_of("dev"), {words(), words()}, kOptions, {});
  batcher.next();  // the destructor must not wait for a reader of the rest
}

}  // namespace
}  // namespace heed
