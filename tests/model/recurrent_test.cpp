#include "model/recurrent.h"

#include <gtest/gtest.h>

#include "model/golden.h"
#include "model/tiny_model.h"

namespace heed {
namespace {

using golden::expect_close;
using golden::tensor;

ModelConfig config_of(const golden::Json& test) {
  ModelConfig config = tiny::recurrent_config();
  config.hidden_size = test.at("hidden_size");
  config.embedding_size = test.at("embedding_size");
  config.layers = test.at("layers");
  config.tie_softmax = config.tie_source_target = false;
  return config;
}

// What stands in the padding must not reach the result.
Tensor spoil_padding(const Tensor& x, const Tensor& lengths) {
  Tensor real = torch::arange(x.size(1)).unsqueeze(0) < lengths.unsqueeze(1);
  return x.masked_fill(~real.unsqueeze(2), 7.0);
}

TEST(RecurrentEncoderTest, StatesAndFinalsEqualPyTorchs) {
  for (const auto& test : golden::load("encoder.json")) {
    SCOPED_TRACE(test.at("kind").get<std::string>() + test.at("layers").dump());
    ModelConfig config = config_of(test);
    config.cell = *config.cell.find(test.at("kind").get<std::string>());
    RecurrentEncoder encoder(config);
    encoder.eval();
    golden::set_parameters(encoder, test.at("parameters"));
    SourceTensors source;
    source.lengths = torch::tensor(test.at("lengths").get<std::vector<int64_t>>());
    Tensor inputs = spoil_padding(tensor(test.at("inputs")), source.lengths);
    Encoded encoded = encoder(inputs, source);
    Tensor states = tensor(test.at("states"));
    for (int64_t i = 0; i < states.size(0); ++i) {
      int64_t length = source.lengths[i].item<int64_t>();
      expect_close(encoded.states[i].slice(0, 0, length), states[i].slice(0, 0, length));
    }
    auto finals = golden::tensors(test.at("finals"));
    ASSERT_EQ(encoded.finals.size(), finals.size());
    for (size_t i = 0; i < finals.size(); ++i) expect_close(encoded.finals[i], finals[i]);
  }
}

struct DecoderCase {
  std::shared_ptr<RecurrentDecoder> decoder;
  Encoded encoded;
  Tensor embeddings, readouts, weights;
};

DecoderCase decoder_case(const golden::Json& test) {
  ModelConfig config = config_of(test);
  config.decoder_order = *config.decoder_order.find(test.at("order").get<std::string>());
  config.cell = *config.cell.find(test.at("cell").get<std::string>());
  config.attention_score = *config.attention_score.find(test.at("score").get<std::string>());
  DecoderCase made{std::make_shared<RecurrentDecoder>(config), {}, {}, {}, {}};
  made.decoder->eval();
  golden::set_parameters(*made.decoder, test.at("parameters"));
  made.encoded.states = tensor(test.at("source"));
  made.encoded.padding = tensor(test.at("padding"));
  made.encoded.finals = golden::tensors(test.at("finals"));
  made.embeddings = tensor(test.at("embeddings"));
  made.readouts = tensor(test.at("readouts"));
  made.weights = tensor(test.at("weights"));
  return made;
}

TEST(RecurrentDecoderTest, TeacherForcingEqualsTheFormulas) {
  for (const auto& test : golden::load("decoder.json")) {
    SCOPED_TRACE(test.at("order").get<std::string>() + " " + test.at("score").get<std::string>());
    DecoderCase c = decoder_case(test);
    auto memory = c.decoder->prepare(c.encoded);
    AttentionTrace trace;
    trace.keep_cross = true;
    RecurrentState state = c.decoder->start(c.encoded, memory);
    expect_close(c.decoder->run(c.embeddings, memory, state, trace), c.readouts);
    expect_close(trace.cross.at(0).squeeze(1), c.weights);
  }
}

TEST(RecurrentDecoderTest, StepsEqualTheFormulas) {
  for (const auto& test : golden::load("decoder.json")) {
    SCOPED_TRACE(test.at("order").get<std::string>() + " " + test.at("score").get<std::string>());
    DecoderCase c = decoder_case(test);
    auto memory = c.decoder->prepare(c.encoded);
    RecurrentState state = c.decoder->start(c.encoded, memory);
    for (int64_t t = 0; t < c.embeddings.size(1); ++t) {
      Tensor weights;
      Tensor readout = c.decoder->step(c.embeddings.select(1, t), memory, state, weights);
      expect_close(readout, c.readouts.select(1, t));
      expect_close(weights.squeeze(1).squeeze(1), c.weights.select(1, t));
    }
  }
}

TEST(RecurrentDecoderTest, ReadoutIsAsWideAsWhatItIsProjectedWith) {
  ModelConfig config = tiny::recurrent_config();
  config.tie_softmax = true;
  EXPECT_EQ(RecurrentDecoder::readout_size(config), config.embedding_size);
  config.tie_softmax = false;
  EXPECT_EQ(RecurrentDecoder::readout_size(config), config.hidden_size);
}

// Readouts and gradients of a batch whose sentences are of all lengths.
std::vector<Tensor> train(const ModelConfig& config, torch::ScalarType type) {
  auto model = tiny::random_model(config);
  model->to(type);
  model->train();
  auto source = tiny::random_sentences(5, 7, 1), target = tiny::random_sentences(5, 6, 2);
  BatchTensors batch = to_tensors(tiny::batch(source, target), model->options());
  Tensor readouts = tiny::forward(*model, batch).flatten(0, 1);
  if (batch.target_positions.defined()) {
    readouts = readouts.index_select(0, batch.target_positions);
  }
  std::vector<Tensor> all = torch::autograd::grad({(readouts + 0.3).square().sum()},
                                                  model->parameters(), {}, {}, false, true);
  all.push_back(readouts.detach());
  return all;
}

// float32 takes the fused kernels where they apply, float64 plain LibTorch everywhere.
TEST(RecurrentTest, KernelsTrainLikePlainLibTorch) {
  for (const auto& [name, config] : tiny::all_configs()) {
    bool draws = config.attention_weights == "hard" || config.attention_scope == "monotonic";
    if (config.architecture != "recurrent" || draws) continue;
    SCOPED_TRACE(name);
    ModelConfig without_noise = config;
    without_noise.dropout = 0;
    auto actual = train(without_noise, torch::kFloat32);
    auto expected = train(without_noise, torch::kFloat64);
    for (size_t i = 0; i < expected.size(); ++i) {
      ASSERT_EQ(actual[i].defined(), expected[i].defined());
      if (!expected[i].defined()) continue;
      expect_close(actual[i], expected[i], 1e-4 * (1 + expected[i].abs().max().item<double>()));
    }
  }
}

}  // namespace
}  // namespace heed
