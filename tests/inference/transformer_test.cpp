#include "inference/transformer.h"

#include <gtest/gtest.h>

#include "inference/compiled.h"
#include "model/golden.h"
#include "model/golden_layers.h"

namespace heed {
namespace {

using golden::expect_close;
using golden::tensor;

TEST(LayerStepTest, DecoderStepsEqualPyTorchs) {
  for (const auto& test : golden::load("transformer.json")) {
    SCOPED_TRACE(golden::name_of(test));
    TransformerDecoderLayer layer(golden::config_of(test));
    layer.eval();
    golden::set_parameters(layer, test.at("decoder"));
    Tensor target = tensor(test.at("target")), output = tensor(test.at("output"));
    DecoderLayerState state =
        start_layer(layer, {tensor(test.at("states")), tensor(test.at("padding")), {}});
    for (int64_t t = 0; t < target.size(1); ++t) {
      Tensor attention;
      layer.self_attention().extend(state.self);
      Tensor step = layer_step(layer, {test.at("norm") == "pre", t}, target.slice(1, t, t + 1),
                               state, &attention);
      expect_close(step, output.slice(1, t, t + 1), 3e-5);
      expect_close(attention.sum(3), torch::ones({target.size(0), 2, 1}), 1e-5);
    }
    EXPECT_EQ(state.self.origins.size(1), target.size(1));
  }
}

TEST(TransformerInferenceTest, LayersThatNoCacheHoldsTakeMoreHypothesesAtATime) {
  ModelConfig config = tiny::transformer_config();
  auto small = tiny::random_model(config);
  EXPECT_EQ(tiny::compiled(*small)->preferred_rows(), 48);
  config.hidden_size = 512;
  config.feed_forward_size = 4096;
  auto large = tiny::random_model(config);
  int64_t bytes = 4 * config.layers * (6 * 512 * 512 + 2 * 512 * 4096);
  int64_t expected = std::min<int64_t>(bytes / (384 * 1024), 320);
  ASSERT_GT(expected, 48);
  EXPECT_EQ(tiny::compiled(*large)->preferred_rows(), expected);
}

}  // namespace
}  // namespace heed
