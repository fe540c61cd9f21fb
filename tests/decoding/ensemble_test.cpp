#include "decoding/ensemble.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include "model/torch.h"

#include "decoding/search.h"
#include "model/golden.h"
#include "model/tiny_model.h"
#include "util/error.h"

namespace heed {
namespace {

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

}  // namespace
}  // namespace heed
