#include "kernels/decoder_layer.h"

#include <gtest/gtest.h>
#include "kernels/torch.h"

#include "model/golden.h"
#include "model/layers.h"
#include "model/tiny_model.h"

namespace heed::kernels {
namespace {

using golden::expect_close;

Tensor index(std::initializer_list<int64_t> values) {
  return torch::tensor(std::vector<int64_t>(values), torch::kInt64);
}

struct Said {
  std::vector<Tensor> logits, attention;
};

// Three steps of two sentences: a hypothesis each, then two that change places, then one sentence.
Said steps_of(Seq2Seq& model) {
  c10::InferenceMode no_gradient;
  DecoderState state =
      model.start(model.encode(to_tensors(tiny::sources({{4, 5, 6, 7, 8}, {7, 9}}), model)));
  Said said;
  auto step = [&](const Tensor& ids) {
    StepOutput output = model.step(ids, state);
    said.logits.push_back(output.logits.clone());
    said.attention.push_back(output.attention.clone());
  };
  step(torch::full({2, 1}, 2, torch::kInt64));
  model.reorder(state, index({0, 0, 1, 1}), {});
  step(index({4, 5, 6, 7}).view({2, 2}));
  model.reorder(state, index({3, 2}), index({1}));
  step(index({8, 9}).view({1, 2}));
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

// With its weights packed a model says what it said before, whichever kernels then do it.
TEST(DecoderLayer, PackedModelsSayTheSame) {
  for (const auto& [name, config] : configs()) {
    SCOPED_TRACE(name);
    auto model = tiny::random_model(config), packed = tiny::random_model(config);
    pack(*packed, Packing::kFloat32);
    Said expected = steps_of(*model), found = steps_of(*packed);
    for (size_t i = 0; i < expected.logits.size(); ++i) {
      double size = expected.logits[i].abs().max().item<double>();
      expect_close(found.logits[i], expected.logits[i], 2e-5 * std::max(1.0, size));
      expect_close(found.attention[i], expected.attention[i], 2e-5);
    }
  }
}

// In float32 what a packed Transformer says of a sentence does not depend on the sentences beside
// it, to the bit, where nothing is padded.
TEST(DecoderLayer, ASentenceDependsOnNoOtherToTheBit) {
  c10::InferenceMode no_gradient;
  auto model = tiny::random_model(tiny::transformer_config());
  pack(*model, Packing::kFloat32);
  auto logits = [&](const std::vector<tiny::Sentence>& sentences) {
    DecoderState state = model->start(model->encode(to_tensors(tiny::sources(sentences), *model)));
    return model
        ->step(torch::full({static_cast<int64_t>(sentences.size()), 1}, 2, torch::kInt64), state)
        .logits;
  };
  Tensor together = logits({{4, 5, 6}, {7, 8, 9}, {9, 4, 4}});
  EXPECT_TRUE(torch::equal(logits({{7, 8, 9}})[0], together[1]));
}

}  // namespace
}  // namespace heed::kernels
