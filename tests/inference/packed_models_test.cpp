// Models with packed weights beside the same with their weights as they are.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "inference/compiled.h"
#include "kernels/torch.h"

namespace heed {
namespace {

using kernels::Packing;
using tiny::Sentence;

struct Said {
  std::vector<FloatMatrix> log_probabilities, attention;
};

// Three steps of two sentences: a hypothesis each, then two that change places, then one sentence.
Said steps_of(const Inference& model) {
  auto decoding = model.begin(tiny::sources({{4, 5, 6, 7, 8}, {7, 9}}), {.attention = true});
  Said said;
  auto step = [&](const std::vector<int64_t>& ids) {
    decoding->take(ids);
    said.log_probabilities.push_back(decoding->log_probabilities());
    said.attention.push_back(decoding->attention());
  };
  step({2, 2});
  decoding->keep({0, 0, 1, 1}, nullptr);
  step({4, 5, 6, 7});
  std::vector<int64_t> second = {1};
  decoding->keep({3, 2}, &second);
  step({8, 9});
  return said;
}

std::vector<tiny::NamedConfig> configs() {
  std::vector<tiny::NamedConfig> all = tiny::all_configs();
  ModelConfig config = tiny::transformer_config();
  config.activation = "gelu";
  all.push_back({"gelu", config});
  config.hidden_size = 96;  // heads of whole vectors
  config.feed_forward_size = 40;
  all.push_back({"wide", config});
  return all;
}

void expect_near(const FloatMatrix& found, const FloatMatrix& expected, float error) {
  EXPECT_THAT(found.values, testing::Pointwise(testing::FloatNear(error), expected.values));
}

// With its weights packed a model says what it said before, whichever kernels then do it.
TEST(PackedModels, SayTheSame) {
  for (const auto& [name, config] : configs()) {
    SCOPED_TRACE(name);
    auto model = tiny::random_model(config);
    Said expected = steps_of(*tiny::compiled(*model, std::nullopt));
    Said found = steps_of(*tiny::compiled(*model, Packing::kFloat32));
    for (size_t i = 0; i < expected.attention.size(); ++i) {
      expect_near(found.log_probabilities[i], expected.log_probabilities[i], 1e-4F);
      expect_near(found.attention[i], expected.attention[i], 2e-5F);
    }
  }
}

std::vector<float> first_step(const Inference& model, const std::vector<Sentence>& sentences) {
  auto decoding = model.begin(tiny::sources(sentences), {});
  decoding->take(std::vector<int64_t>(sentences.size(), 2));
  return decoding->log_probabilities().values;
}

// In float32 what a packed Transformer says of a sentence does not depend on the sentences beside
// it, to the bit, where nothing is padded.
TEST(PackedModels, ASentenceDependsOnNoOtherToTheBit) {
  auto model = tiny::compiled(*tiny::random_model(tiny::transformer_config()));
  std::vector<float> together = first_step(*model, {{4, 5, 6}, {7, 8, 9}, {9, 4, 4}});
  auto second = together.begin() + tiny::kVocabulary;
  EXPECT_EQ(first_step(*model, {{7, 8, 9}}),
            std::vector<float>(second, second + tiny::kVocabulary));
}

// A model in 8 bits says much the same.
TEST(PackedModels, InEightBitsTheyStayNearTheirOwnWeights) {
  for (ModelConfig config : {tiny::transformer_config(), tiny::recurrent_config()}) {
    config.hidden_size = 32;
    auto model = tiny::random_model(config);
    std::vector<float> exact = first_step(*tiny::compiled(*model, std::nullopt), {{4, 5, 6}, {7}});
    std::vector<float> found =
        first_step(*tiny::compiled(*model, Packing::kInt8), {{4, 5, 6}, {7}});
    float largest = 0;
    for (size_t i = 0; i < exact.size(); ++i) {
      largest = std::max(largest, std::abs(found[i] - exact[i]));
    }
    EXPECT_GT(largest, 0) << config.architecture.name();
    EXPECT_LT(largest, 0.3F) << config.architecture.name();
  }
}

// What is compiled is a snapshot, and leaves the model that it is of alone.
TEST(PackedModels, AreSnapshots) {
  auto model = tiny::random_model(tiny::transformer_config());
  auto before = tiny::compiled(*model);
  std::vector<float> expected = first_step(*before, {{4, 5}});
  {
    torch::NoGradGuard no_gradient;
    for (Tensor& parameter : model->parameters()) {
      ASSERT_TRUE(parameter.defined());
      parameter.mul_(0.5);
    }
  }
  EXPECT_EQ(first_step(*before, {{4, 5}}), expected);
  EXPECT_NE(first_step(*tiny::compiled(*model), {{4, 5}}), expected);
}

}  // namespace
}  // namespace heed
