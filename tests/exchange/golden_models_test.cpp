// Models that other toolkits made (scripts/make_import_golden.py), imported, beside what those say
// of them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kernels/torch.h"

#include <fstream>
#include <nlohmann/json.hpp>

#include "exchange/hugging_face.h"
#include "exchange/marian.h"
#include "model/loss.h"
#include "model/seq2seq.h"
#include "model/weights.h"

namespace heed {
namespace {

using Json = nlohmann::json;

std::string golden(const std::string& name) {
  return std::string(HEED_SOURCE_DIR) + "/tests/exchange/golden/" + name;
}

// The committed ones, or those that scripts/check_import.py names: larger ones.
std::vector<std::string> hugging_face_models() {
  if (const char* others = std::getenv("HEED_IMPORTED")) return split(others, ' ');
  return {golden("hugging_face_tied"), golden("hugging_face_separate"),
          golden("hugging_face_half")};
}

Json expected_of(const std::string& folder) {
  return Json::parse(std::ifstream(folder + "/expected.json"));
}

// The model that trains, with the weights that were read.
std::shared_ptr<Seq2Seq> network_of(const WholeModel& model) {
  auto network = make_model(shape_of(model.config, model.tokenizers));
  torch::NoGradGuard no_gradient;
  auto parameters = network->named_parameters();
  EXPECT_EQ(parameters.size(), model.weights.size());
  for (const auto& [name, weight] : model.weights) parameters[name].copy_(weight);
  network->eval();
  return network;
}

BatchTensors batch_of(const WholeModel& model, const std::string& line,
                      const std::vector<int32_t>& target) {
  std::vector<int32_t> source = model.tokenizers.source->encode(line);
  return to_tensors(make_batch({source}, {target}, model.tokenizers.source->special(),
                               model.tokenizers.target->special()),
                    torch::kFloat32);
}

class HuggingFaceGolden : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(All, HuggingFaceGolden, testing::ValuesIn(hugging_face_models()));

TEST_P(HuggingFaceGolden, LogitsAreTransformers) {
  WholeModel model = import_hugging_face(SourceFiles(GetParam()));
  EXPECT_EQ(model.config.model.decoder_start.name(), "zero");
  auto network = network_of(model);
  torch::NoGradGuard no_gradient;
  Json expected_ones = expected_of(GetParam());
  for (const Json& one : expected_ones.at("forced")) {
    AttentionTrace trace;
    Tensor states = network->forward(
        batch_of(model, one.at("line"), one.at("target").get<std::vector<int32_t>>()), trace);
    Tensor logits = torch::linear(states[0], network->output_weight(), network->output_bias());
    auto rows = one.at("logits").get<std::vector<std::vector<float>>>();
    ASSERT_EQ(logits.size(0), std::ssize(rows));
    ASSERT_EQ(logits.size(1), std::ssize(rows[0]));
    for (int64_t t = 0; t < logits.size(0); ++t) {
      Tensor expected = torch::tensor(rows[static_cast<size_t>(t)]);
      EXPECT_LT((logits[t] - expected).abs().max().item<double>(), 1e-4) << t;
    }
  }
}

// Of given targets, by Marian's scorer.
TEST(MarianGolden, LogProbabilitiesAreMarians) {
  for (const char* kind : {"marian_post", "marian_pre"}) {
    SCOPED_TRACE(kind);
    WholeModel model = import_marian(SourceFiles(golden(kind)));
    EXPECT_EQ(model.config.decoding.beam_size, 6);
    auto network = network_of(model);
    torch::NoGradGuard no_gradient;
    Json expected = expected_of(golden(kind));
    for (size_t i = 0; i < expected.at("lines").size(); ++i) {
      std::string line = expected["lines"][i], target = expected["targets"][i];
      BatchTensors batch = batch_of(model, line, model.tokenizers.target->encode(target));
      Loss loss = compute_loss(*network, batch, {});
      EXPECT_NEAR(loss.log_likelihood / static_cast<double>(loss.tokens),
                  expected["scores"][i].get<double>() / static_cast<double>(loss.tokens), 1e-4);
    }
  }
}

// What was imported trains on: all that is there has a gradient.
TEST(ImportedModels, HaveGradients) {
  WholeModel model = import_marian(SourceFiles(golden("marian_pre")));
  auto network = network_of(model);
  network->train();
  BatchTensors batch = batch_of(model, "Lief er?", model.tokenizers.target->encode("Did he run?"));
  compute_loss(*network, batch, {}).objective.backward();
  for (const auto& item : network->named_parameters()) {
    ASSERT_TRUE(item.value().grad().defined()) << item.key();
    EXPECT_TRUE(item.value().grad().isfinite().all().item<bool>()) << item.key();
  }
}

}  // namespace
}  // namespace heed
