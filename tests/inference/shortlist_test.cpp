// Shortlists in models of each precision.
#include "decoding/search.h"

#include <gtest/gtest.h>
#include "kernels/torch.h"

#include "inference/compiled.h"

namespace heed {
namespace {

// Source piece i is translated by i alone, and 4 is the most frequent.
std::shared_ptr<const Lexicon> same_pieces() {
  Corpus corpus;
  for (int32_t id = 4; id < tiny::kVocabulary; ++id) {
    for (int times = 0; times < (id == 4 ? 3 : 1); ++times) {
      corpus.source.add({id});
      corpus.target.add({id});
    }
  }
  return std::make_shared<const Lexicon>(Lexicon::learn(corpus, tiny::kVocabulary));
}

std::vector<std::vector<Hypothesis>> found(const Inference& model, const SearchOptions& options,
                                           const std::vector<tiny::Sentence>& sentences) {
  return search(model, tiny::sources(sentences), SpecialIds{}, options);
}

// Without a packing the weights are as a GPU has them.
class ShortlistTest : public ::testing::TestWithParam<std::optional<kernels::Packing>> {
 protected:
  std::shared_ptr<const Inference> model(ModelConfig config) {
    config.hidden_size = 32;
    return tiny::compiled(*tiny::random_model(config), GetParam());
  }
  const std::vector<tiny::Sentence> sentences_ = tiny::random_sentences(6, 7, 3);
};

TEST_P(ShortlistTest, AllPiecesOfferedChangeNothing) {
  for (const ModelConfig& config : {tiny::transformer_config(), tiny::recurrent_config()}) {
    auto model = this->model(config);
    std::vector<tiny::Sentence> whole = sentences_;
    whole.push_back({4, 5, 6, 7, 8, 9, 10});
    SearchOptions options;
    options.beam_size = 1;  // begin and padding are not offered, which in a beam changes all scores
    auto expected = found(*model, options, whole);
    options.lexicon = same_pieces();
    options.shortlist = 5;
    auto offered = found(*model, options, whole);
    for (size_t i = 0; i < whole.size(); ++i) {
      EXPECT_EQ(offered[i][0].ids, expected[i][0].ids);
      EXPECT_GE(offered[i][0].log_probability, expected[i][0].log_probability - 1e-3);
    }
  }
}

TEST_P(ShortlistTest, NothingElseIsChosen) {
  for (const ModelConfig& config : {tiny::transformer_config(), tiny::recurrent_config()}) {
    auto model = this->model(config);
    SearchOptions options;
    options.lexicon = same_pieces();
    options.shortlist = 1;
    for (int64_t beam : {1, 4}) {
      options.beam_size = beam;
      options.n_best = beam;
      for (const tiny::Sentence& sentence : sentences_) {
        auto hypotheses = found(*model, options, {sentence})[0];
        for (const Hypothesis& hypothesis : hypotheses) {
          for (int32_t id : hypothesis.ids) {
            bool allowed = id == 4 || id == 1 || std::ranges::count(sentence, id) > 0;
            EXPECT_TRUE(allowed) << id;
          }
        }
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, ShortlistTest,
                         ::testing::Values(std::nullopt, kernels::Packing::kFloat32,
                                           kernels::Packing::kBfloat16, kernels::Packing::kInt8));

}  // namespace
}  // namespace heed
