#include "decoding/ensemble.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include "kernels/torch.h"

#include "config/options.h"
#include "decoding/search.h"
#include "model/golden.h"
#include "model/tiny_model.h"
#include "util/error.h"
#include "util/temp_folder.h"

namespace heed {
namespace {

constexpr int64_t kAlphabet = 9;  // four special symbols, the space and four letters

using Members = std::vector<std::shared_ptr<Seq2Seq>>;

DecoderState start(Seq2Seq& model) {
  return model.start(model.encode(to_tensors(tiny::sources({{4, 5, 6}, {7}}), model)));
}

TEST(EnsembleTest, WithItselfIsItself) {
  auto sources = tiny::random_sentences(5, 6, 51);
  for (const auto& config : {tiny::transformer_config(), tiny::recurrent_config()}) {
    auto model = tiny::random_model(config);
    Ensemble twice(Members{model, model});
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
          EXPECT_THAT(found[i][k].attention[t],
                      testing::Pointwise(testing::FloatNear(1e-5), expected[i][k].attention[t]));
        }
      }
    }
  }
}

// Members of different kinds, over several steps and a reordering.
TEST(EnsembleTest, ProbabilitiesAreTheMembersMean) {
  torch::NoGradGuard no_gradient;
  auto lstm = tiny::recurrent_config();
  lstm.cell = "lstm";
  Members members = {tiny::random_model(tiny::transformer_config(), {11, 11}, 1),
                     tiny::random_model(lstm, {11, 11}, 2),
                     tiny::random_model(tiny::recurrent_config(), {11, 11}, 3)};
  Ensemble ensemble(members);
  DecoderState state = start(ensemble);
  std::vector<DecoderState> states;
  for (auto& member : members) states.push_back(start(*member));
  std::vector<Tensor> pieces = {torch::tensor({{2}, {2}}), torch::tensor({{4, 5}, {6, 7}}),
                                torch::tensor({{8, 9}, {10, 4}})};
  Tensor rows[] = {{}, torch::tensor({0, 0, 1, 1}), torch::tensor({1, 0, 3, 3})};
  for (size_t t = 0; t < pieces.size(); ++t) {
    if (t > 0) ensemble.reorder(state, rows[t], {});
    StepOutput output = ensemble.step(pieces[t], state);
    Tensor probabilities = torch::zeros_like(output.logits);
    Tensor attention = torch::zeros_like(output.attention);
    for (size_t i = 0; i < members.size(); ++i) {
      if (t > 0) members[i]->reorder(states[i], rows[t], {});
      StepOutput own = members[i]->step(pieces[t], states[i]);
      probabilities += torch::softmax(own.logits, -1) / 3;
      attention += own.attention / 3;
    }
    golden::expect_close(output.logits.exp(), probabilities);
    golden::expect_close(output.attention, attention);
    EXPECT_EQ(state.position, static_cast<int64_t>(t) + 1);
  }
}

TEST(EnsembleTest, CannotBeTrained) {
  Ensemble ensemble(Members{tiny::random_model(tiny::transformer_config())});
  EXPECT_THAT([&] { tiny::forward(ensemble, {}); },
              testing::ThrowsMessage<Error>("an ensemble cannot be trained"));
}

// A vocabulary of letters whose ids depend on how often each occurs.
std::shared_ptr<Tokenizer> letters(const std::string& text) {
  TempFolder folder;
  TokenizerConfig config = default_config().tokenizer;
  config.type = "char";
  config.vocab_size = kAlphabet;
  return std::make_shared<Tokenizer>(train_tokenizer({folder.write("text", text + "\n")}, config));
}

TEST(EnsembleTest, MembersMayHaveSourceVocabulariesOfTheirOwn) {
  torch::NoGradGuard no_gradient;
  auto first = letters("a a a a b b b c c d"), second = letters("d d d d c c c b b a");
  ASSERT_NE(first->encode("ab"), second->encode("ab"));
  Members members = {tiny::random_model(tiny::transformer_config(), {kAlphabet, kAlphabet}, 1),
                     tiny::random_model(tiny::recurrent_config(), {kAlphabet, kAlphabet}, 2)};
  auto start_with = [](Seq2Seq& model, const Tokenizer& tokenizer) {
    std::vector<std::vector<int32_t>> ids = {tokenizer.encode("ab c"), tokenizer.encode("d")};
    IdMatrix source = pad_sentences({ids.begin(), ids.end()}, tokenizer.special());
    return model.start(model.encode(to_tensors(source, model)));
  };
  Ensemble ensemble(members, {first, second});
  DecoderState together = start_with(ensemble, *first), a = start_with(*members[0], *first),
               b = start_with(*members[1], *second);
  Tensor begin = torch::full({2, 1}, SpecialIds{}.begin, torch::kInt64);
  StepOutput mixed = ensemble.step(begin, together), own = members[0]->step(begin, a);
  Tensor mean =
      (torch::softmax(own.logits, -1) + torch::softmax(members[1]->step(begin, b).logits, -1)) / 2;
  golden::expect_close(mixed.logits.exp(), mean, 1e-5);
  // Another vocabulary's columns are other pieces: only the first member's attention counts.
  golden::expect_close(mixed.attention, own.attention, 1e-6);
}

}  // namespace
}  // namespace heed
