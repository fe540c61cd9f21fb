#include "model/transformer.h"

#include <gtest/gtest.h>

#include "model/golden.h"
#include "model/golden_layers.h"
#include "model/layers.h"
#include "model/tiny_model.h"

namespace heed {
namespace {

using golden::expect_close;
using golden::tensor;

TEST(TransformerLayerTest, EncoderEqualsPyTorchs) {
  for (const auto& test : golden::load("transformer.json")) {
    SCOPED_TRACE(golden::name_of(test));
    TransformerEncoderLayer layer(golden::config_of(test));
    layer.eval();
    golden::set_parameters(layer, test.at("encoder"));
    SelfMask mask{tensor(test.at("padding")).unsqueeze(1), {}};
    Residual x(tensor(test.at("source")), {test.at("norm") == "pre", 0});
    layer(x, mask, nullptr);
    expect_close(x.sum(), tensor(test.at("states")), 3e-5);
  }
}

TEST(TransformerLayerTest, DecoderEqualsPyTorchs) {
  for (const auto& test : golden::load("transformer.json")) {
    SCOPED_TRACE(golden::name_of(test));
    TransformerDecoderLayer layer(golden::config_of(test));
    layer.eval();
    golden::set_parameters(layer, test.at("decoder"));
    Encoded encoded{tensor(test.at("states")), tensor(test.at("padding")), {}};
    Tensor target = tensor(test.at("target"));
    SelfMask causal = layer.self_attention().mask({}, target.size(1), target.options());
    // The path that is one kernel, and the one that gives weights, of either attention.
    for (bool cross : {false, true}) {
      for (bool self : {false, true}) {
        Residual x(target, {test.at("norm") == "pre", 0});
        AttentionTrace trace;
        trace.keep_cross = cross;
        trace.keep_self = self;
        layer(x, causal, encoded, trace);
        expect_close(x.sum(), tensor(test.at("output")), 3e-5);
        EXPECT_EQ(trace.cross.size(), cross ? 1u : 0u);
        EXPECT_EQ(trace.decoder_self.size(), self ? 1u : 0u);
      }
    }
  }
}

// What PositionedEmbedding adds to embeddings that are zero.
Tensor positions_alone(const ModelConfig& config, int64_t first, int64_t length) {
  auto table = std::make_shared<Embedding>(5, config.hidden_size);
  torch::NoGradGuard no_gradient;
  table->weight.zero_();
  PositionedEmbedding embedding(config, table, 20);
  embedding.eval();
  return embedding(torch::zeros({1, length}, torch::kInt64), first)[0];
}

TEST(PositionedEmbeddingTest, SinusoidsEqualTheFormula) {
  for (const auto& test : golden::load("positions.json")) {
    Tensor expected = tensor(test);
    ModelConfig config = tiny::transformer_config();
    config.hidden_size = expected.size(1);
    Tensor whole = positions_alone(config, 0, 300);
    std::vector<int64_t> rows = {0, 1, 2, 7, 100, 255, 256, 299};
    expect_close(whole.index_select(0, torch::tensor(rows)), expected, 1e-6);
    for (size_t i = 0; i < rows.size(); ++i) {
      expect_close(positions_alone(config, rows[i], 1)[0], expected[static_cast<int64_t>(i)], 1e-6);
    }
  }
}

TEST(PositionedEmbeddingTest, TheSameFrequenciesInHalves) {
  ModelConfig config = tiny::transformer_config();
  Tensor interleaved = sinusoids(config, 50).view({50, -1, 2});
  config.sinusoids = "halves";
  Tensor halves = torch::cat({interleaved.select(2, 0), interleaved.select(2, 1)}, 1);
  EXPECT_TRUE(torch::equal(sinusoids(config, 50), halves));
  expect_close(positions_alone(config, 0, 50), halves, 1e-6);
}

// Of a table of Marian's own: pos exp(-k ln 10000 / (d / 2 - 1)).
TEST(PositionedEmbeddingTest, Tensor2TensorsFrequenciesReachTheEnd) {
  ModelConfig config = tiny::transformer_config();
  config.sinusoids = "tensor2tensor";
  Tensor table = sinusoids(config, 101);
  for (int64_t position : {0, 1, 10, 100}) {
    for (int64_t k = 0; k < 4; ++k) {
      double angle = static_cast<double>(position) * std::pow(10000.0, -static_cast<double>(k) / 3);
      EXPECT_NEAR(table[position][k].item<double>(), std::sin(angle), 1e-6);
      EXPECT_NEAR(table[position][4 + k].item<double>(), std::cos(angle), 1e-6);
    }
  }
}

TEST(PositionedEmbeddingTest, LongerSentencesAfterShorterOnesGetTheSamePositions) {
  ModelConfig config = tiny::transformer_config();
  auto table = std::make_shared<Embedding>(5, config.hidden_size);
  PositionedEmbedding embedding(config, table, 20);
  embedding.eval();
  Tensor ids = torch::ones({1, 600}, torch::kInt64);
  Tensor before = embedding(ids.slice(1, 0, 3));
  Tensor longer = embedding(ids);
  EXPECT_TRUE(torch::equal(longer.slice(1, 0, 3), before));
  EXPECT_TRUE(torch::equal(embedding(ids.slice(1, 0, 2), 500), longer.slice(1, 500, 502)));
}

TEST(PositionedEmbeddingTest, Bfloat16LeavesNoTraceInFloat32) {
  ModelConfig config = tiny::transformer_config();
  auto table = std::make_shared<Embedding>(5, config.hidden_size);
  torch::NoGradGuard no_gradient;
  table->weight.zero_();
  PositionedEmbedding embedding(config, table, 20);
  embedding.eval();
  Tensor ids = torch::zeros({1, 9}, torch::kInt64);
  Tensor expected = embedding(ids);
  table->to(torch::kBFloat16);
  EXPECT_EQ(embedding(ids).scalar_type(), torch::kBFloat16);
  expect_close(embedding(ids), expected, 4e-3);
  table->to(torch::kFloat32);
  EXPECT_TRUE(torch::equal(embedding(ids), expected));
}

TEST(PositionedEmbeddingTest, EmbeddingsAreScaledByTheRootOfTheWidth) {
  ModelConfig config = tiny::transformer_config();
  auto table = std::make_shared<Embedding>(5, config.hidden_size);
  PositionedEmbedding embedding(config, table, 20);
  embedding.eval();
  Tensor added = embedding(torch::tensor({{3}}))[0][0] - positions_alone(config, 0, 1)[0];
  expect_close(added, table->weight[3] * std::sqrt(8.0), 1e-6);
}

TEST(PositionedEmbeddingTest, EmbeddingsAreScaledOnlyWhereWanted) {
  ModelConfig config = tiny::transformer_config();
  config.scale_embeddings = false;
  auto table = std::make_shared<Embedding>(5, config.hidden_size);
  PositionedEmbedding embedding(config, table, 20);
  embedding.eval();
  Tensor added = embedding(torch::tensor({{3}}))[0][0] - positions_alone(config, 0, 1)[0];
  expect_close(added, table->weight[3], 1e-6);
}

TEST(PositionedEmbeddingTest, TheNormIsOfTheSum) {
  ModelConfig config = tiny::transformer_config();
  auto table = std::make_shared<Embedding>(5, config.hidden_size);
  PositionedEmbedding plain(config, table, 20);
  config.embedding_norm = true;
  PositionedEmbedding normed(config, table, 20);
  plain.eval();
  normed.eval();
  Tensor ids = torch::tensor({{3, 1, 4}});
  expect_close(normed(ids), torch::layer_norm(plain(ids), {config.hidden_size}), 1e-6);
}

TEST(PositionedEmbeddingTest, NothingIsAPieceOfZerosAtTheBeginning) {
  for (const char* positions : {"sinusoidal", "learned", "rotary"}) {
    ModelConfig config = tiny::transformer_config();
    config.positions = *config.positions.find(positions);
    auto table = std::make_shared<Embedding>(5, config.hidden_size);
    PositionedEmbedding embedding(config, table, 20);
    embedding.eval();
    torch::NoGradGuard no_gradient;
    table->weight[2].zero_();
    Tensor nothing = embedding.nothing(3);
    EXPECT_TRUE(torch::equal(nothing, embedding(torch::full({3, 1}, 2, torch::kInt64))));
    nothing.fill_(9);  // is the caller's own
    EXPECT_TRUE(torch::equal(embedding.nothing(1)[0], embedding(torch::tensor({{2}}))[0]));
  }
}

TEST(PositionedEmbeddingTest, BeyondTheLastLearnedPositionItsVectorIsUsedAgain) {
  ModelConfig config = tiny::transformer_config();
  config.positions = "learned";
  auto table = std::make_shared<Embedding>(5, config.hidden_size);
  PositionedEmbedding embedding(config, table, 2);  // 2 * 2 + 12 positions
  embedding.eval();
  Tensor out = embedding(torch::ones({1, 20}, torch::kInt64))[0];
  EXPECT_TRUE(torch::equal(out[15], out[19]));
  EXPECT_FALSE(torch::equal(out[14], out[15]));
}

TEST(TransformerTest, ADecoderThatStartsFromZeroLooksAtNoBeginSymbol) {
  ModelConfig config = tiny::transformer_config();
  Batch batch = tiny::batch({{4, 5, 6}, {7, 8}}, {{4, 5}, {6, 7, 8}});
  BatchTensors real = to_tensors(batch, torch::kFloat32), other = real;
  other.target_input = real.target_input.clone();
  other.target_input.select(1, 0).fill_(-1);
  config.decoder_start = "zero";
  auto model = tiny::random_model(config);
  Tensor expected = tiny::forward(*model, real);
  EXPECT_TRUE(torch::equal(tiny::forward(*model, other), expected));
  // It is the model whose begin symbol has a vector of zeros.
  config.decoder_start = "begin";
  auto with_begin = tiny::random_model(config);
  torch::NoGradGuard no_gradient;
  with_begin->named_parameters()["vocabulary.source.weight"][2].zero_();
  expect_close(tiny::forward(*with_begin, real), expected, 1e-6);
}

TEST(TransformerTest, PreNormAloneHasFinalNorms) {
  ModelConfig config = tiny::transformer_config();
  for (const char* norm : {"pre", "post"}) {
    config.norm = *config.norm.find(norm);
    auto parameters = tiny::random_model(config)->named_parameters();
    EXPECT_EQ(parameters.contains("encoder_norm.weight"), norm == std::string("pre"));
    EXPECT_EQ(parameters.contains("decoder_norm.weight"), norm == std::string("pre"));
  }
}

}  // namespace
}  // namespace heed
