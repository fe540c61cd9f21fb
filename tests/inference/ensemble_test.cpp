#include "inference/ensemble.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include "kernels/torch.h"

#include <cmath>

#include "config/options.h"
#include "inference/compiled.h"
#include "util/error.h"
#include "util/temp_folder.h"

namespace heed {
namespace {

constexpr int64_t kAlphabet = 9;  // four special symbols, the space and four letters

// A vocabulary of letters whose ids depend on how often each occurs.
std::shared_ptr<Tokenizer> letters(const std::string& text) {
  TempFolder folder;
  TokenizerConfig config = default_config().tokenizer;
  config.type = "char";
  config.vocab_size = kAlphabet;
  return std::make_shared<Tokenizer>(train_tokenizer({folder.write("text", text + "\n")}, config));
}

std::shared_ptr<const Tokenizer> any_letters() {
  static const auto tokenizer = letters("a b c d");
  return tokenizer;
}

using Models = std::vector<std::shared_ptr<const Inference>>;

Ensemble ensemble_of(const Models& models) {
  std::vector<Ensemble::Member> members;
  for (const auto& model : models) members.push_back({model, any_letters()});
  return Ensemble(members);
}

void expect_near(const std::vector<float>& actual, const std::vector<float>& expected,
                 float error = 1e-5F) {
  EXPECT_THAT(actual, testing::Pointwise(testing::FloatNear(error), expected));
}

// The mean of the models' numbers, each after `change`.
std::vector<float> mean(const std::vector<std::vector<float>>& all, float (*change)(float)) {
  std::vector<float> sum(all[0].size());
  for (const auto& one : all) {
    for (size_t i = 0; i < sum.size(); ++i) {
      sum[i] += change(one[i]) / static_cast<float>(all.size());
    }
  }
  return sum;
}

std::vector<float> probabilities(const Decoding& decoding) {
  return mean({decoding.log_probabilities().values}, [](float x) { return std::exp(x); });
}

TEST(EnsembleTest, WithItselfIsItself) {
  auto sources = tiny::random_sentences(5, 6, 51);
  for (const auto& config : {tiny::transformer_config(), tiny::recurrent_config()}) {
    auto model = tiny::compiled(*tiny::random_model(config));
    Ensemble twice = ensemble_of({model, model});
    SearchOptions options;
    options.beam_size = options.n_best = 4;
    options.want_attention = true;
    auto expected = search(*model, tiny::sources(sources), SpecialIds{}, options);
    auto found = search(twice, tiny::sources(sources), SpecialIds{}, options);
    for (size_t i = 0; i < sources.size(); ++i) {
      ASSERT_EQ(found[i].size(), expected[i].size());
      for (size_t k = 0; k < found[i].size(); ++k) {
        EXPECT_EQ(found[i][k].ids, expected[i][k].ids);
        EXPECT_NEAR(found[i][k].score, expected[i][k].score, 1e-4);
        for (size_t t = 0; t < found[i][k].attention.size(); ++t) {
          expect_near(found[i][k].attention[t], expected[i][k].attention[t]);
        }
      }
    }
  }
}

Models three_models() {
  auto lstm = tiny::recurrent_config();
  lstm.cell = "lstm";
  return {tiny::compiled(*tiny::random_model(tiny::transformer_config(), {11, 11}, 1)),
          tiny::compiled(*tiny::random_model(lstm, {11, 11}, 2)),
          tiny::compiled(*tiny::random_model(tiny::recurrent_config(), {11, 11}, 3))};
}

// Members of different kinds, over several steps and a reordering.
TEST(EnsembleTest, ProbabilitiesAreTheMembersMean) {
  Models models = three_models();
  Ensemble ensemble = ensemble_of(models);
  IdMatrix source = tiny::sources({{4, 5, 6}, {7}});
  auto together = ensemble.begin(source, {.attention = true});
  std::vector<std::unique_ptr<Decoding>> alone;
  for (const auto& model : models) alone.push_back(model->begin(source, {.attention = true}));
  std::vector<std::vector<int64_t>> pieces = {{2, 2}, {4, 5, 6, 7}, {8, 9, 10, 4}};
  std::vector<std::vector<int64_t>> rows = {{}, {0, 0, 1, 1}, {1, 0, 3, 3}};
  for (size_t t = 0; t < pieces.size(); ++t) {
    if (t > 0) together->keep(rows[t], nullptr);
    together->take(pieces[t]);
    std::vector<std::vector<float>> next, attention;
    for (auto& decoding : alone) {
      if (t > 0) decoding->keep(rows[t], nullptr);
      decoding->take(pieces[t]);
      next.push_back(decoding->log_probabilities().values);
      attention.push_back(decoding->attention().values);
    }
    expect_near(probabilities(*together), mean(next, [](float x) { return std::exp(x); }));
    expect_near(together->attention().values, mean(attention, [](float x) { return x; }));
    BestPieces best = together->best({2, {0, 2}, 3});
    FloatMatrix whole = together->log_probabilities();
    for (int64_t row = 0; row < whole.rows; ++row) {
      EXPECT_NEAR(best.log_probabilities[2 * row], whole[row][best.ids[2 * row]], 1e-5);
      EXPECT_NEAR(best.asked[row], whole[row][3], 1e-5);
    }
  }
}

TEST(EnsembleTest, GivenTargetsHaveTheMembersMeanProbability) {
  Models models = three_models();
  Batch batch = tiny::batch({{4, 5, 6}, {7}}, {{8}, {9, 10}});
  std::vector<std::vector<float>> each;
  for (const auto& model : models) each.push_back(model->force(batch, false).log_probabilities);
  ForcedTargets forced = ensemble_of(models).force(batch, true);
  std::vector<float> found = mean({forced.log_probabilities}, [](float x) { return std::exp(x); });
  expect_near(found, mean(each, [](float x) { return std::exp(x); }));
  ASSERT_EQ(forced.attention.size(), 2u);
  EXPECT_EQ(forced.attention[0].columns, 4);
}

TEST(EnsembleTest, HasNoAttentionOfItsOwn) {
  EXPECT_THAT([&] { ensemble_of(three_models()).heads(tiny::batch({{4}}, {{5}})); },
              testing::ThrowsMessage<Error>(testing::HasSubstr("inspect its models one by one")));
}

TEST(EnsembleTest, MembersMayHaveSourceVocabulariesOfTheirOwn) {
  auto first = letters("a a a a b b b c c d"), second = letters("d d d d c c c b b a");
  ASSERT_NE(first->encode("ab"), second->encode("ab"));
  VocabularySizes sizes{kAlphabet, kAlphabet};
  auto one = tiny::compiled(*tiny::random_model(tiny::transformer_config(), sizes, 1));
  auto other = tiny::compiled(*tiny::random_model(tiny::recurrent_config(), sizes, 2));
  auto begin_with = [](const Inference& model, const Tokenizer& tokenizer) {
    std::vector<std::vector<int32_t>> ids = {tokenizer.encode("ab c"), tokenizer.encode("d")};
    auto decoding = model.begin(pad_sentences({ids.begin(), ids.end()}, tokenizer.special()),
                                {.attention = true});
    decoding->take({SpecialIds{}.begin, SpecialIds{}.begin});
    return decoding;
  };
  Ensemble ensemble({{one, first}, {other, second}});
  auto together = begin_with(ensemble, *first), a = begin_with(*one, *first),
       b = begin_with(*other, *second);
  expect_near(probabilities(*together),
              mean({probabilities(*a), probabilities(*b)}, [](float x) { return x; }));
  // Another vocabulary's columns are other pieces: only the first member's attention counts.
  expect_near(together->attention().values, a->attention().values, 1e-6F);
}

}  // namespace
}  // namespace heed
