#include "decoding/shortlist.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include "kernels/torch.h"

#include "decoding/search.h"
#include "model/layers.h"
#include "model/tiny_model.h"
#include "util/error.h"

namespace heed {
namespace {

using ::testing::HasSubstr;

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

std::vector<std::vector<Hypothesis>> found(Seq2Seq& model, const SearchOptions& options,
                                           const std::vector<tiny::Sentence>& sentences) {
  return search(model, tiny::sources(sentences), SpecialIds{}, options);
}

class ShortlistTest : public ::testing::TestWithParam<kernels::Packing> {
 protected:
  std::shared_ptr<Seq2Seq> model(ModelConfig config) {
    config.hidden_size = 32;
    auto model = tiny::random_model(config);
    pack(*model, GetParam());
    return model;
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
                         ::testing::Values(kernels::Packing::kFloat32, kernels::Packing::kBfloat16,
                                           kernels::Packing::kInt8));

TEST(LoadShortlist, SaysWhatItDoesNotGoWith) {
  Bundle bundle;
  bundle.config = default_config();
  Placement packed{torch::kCPU, torch::kFloat32, kernels::Packing::kInt8};
  auto said = [&](DecodingConfig options, const std::vector<std::string>& folders,
                  const Placement& placement) -> std::string {
    options.shortlist = 50;
    try {
      load_shortlist(folders, bundle, options, placement);
    } catch (const UsageError& error) {
      return error.what();
    }
    return "no error";
  };
  DecodingConfig options = bundle.config.decoding;
  EXPECT_EQ(load_shortlist({"a"}, bundle, options, packed), nullptr);
  EXPECT_THAT(said(options, {"a", "b"}, packed), HasSubstr("not an ensemble of 2"));
  EXPECT_THAT(said(options, {"a"}, {torch::kCUDA, torch::kFloat32}), HasSubstr("on the CPU alone"));
  options.temperature = 2;
  EXPECT_THAT(said(options, {"a"}, packed), HasSubstr("not with sampling"));
}

}  // namespace
}  // namespace heed
