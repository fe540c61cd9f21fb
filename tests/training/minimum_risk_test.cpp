#include "training/minimum_risk.h"

#include <gtest/gtest.h>

#include <sentencepiece_trainer.h>

#include <cmath>

#include "config/options.h"
#include "decoding/search.h"
#include "evaluation/bleu.h"
#include "inference/compile.h"
#include "model/golden.h"
#include "model/tiny_model.h"
#include "training/small_run.h"
#include "util/file_content.h"
#include "util/temp_folder.h"
#include "util/text.h"

namespace heed {
namespace {

// By the sums of the definition.
TEST(ExpectedLosses, AreMeansBySharpenedProbabilities) {
  std::vector<double> log_p = {-1, -2.5, -0.5, -3, -1.2}, losses = {0.1, 0.9, 0.4, 0.7, 0};
  std::vector<int64_t> counts = {3, 2};
  constexpr double kSharpness = 0.6;
  Tensor x = torch::tensor(log_p).requires_grad_();
  Tensor risk = expected_losses(x, torch::tensor(losses), counts, kSharpness);
  risk.backward();
  double expected = 0;
  for (int64_t first = 0, sentence = 0; sentence < 2; first += counts[sentence++]) {
    double total = 0, mean = 0;
    for (int64_t i = first; i < first + counts[sentence]; ++i) {
      total += std::exp(kSharpness * log_p[i]);
      mean += std::exp(kSharpness * log_p[i]) * losses[i];
    }
    mean /= total;
    expected += mean;
    for (int64_t i = first; i < first + counts[sentence]; ++i) {
      double share = std::exp(kSharpness * log_p[i]) / total;
      EXPECT_NEAR(x.grad()[i].item<double>(), kSharpness * share * (losses[i] - mean), 1e-7) << i;
    }
  }
  EXPECT_NEAR(risk.item<double>(), expected, 1e-7);
}

TEST(LogLikelihoods, AreThoseOfTheLoss) {
  for (const auto& config : {tiny::transformer_config(), tiny::recurrent_config()}) {
    auto model = tiny::random_model(config);
    BatchTensors batch =
        to_tensors(tiny::batch({{4, 5, 6}, {7}}, {{8}, {4, 6, 5}}), model->options());
    Tensor each = log_likelihoods(*model, batch);
    Loss loss = compute_loss(*model, batch, {});
    ASSERT_EQ(each.numel(), loss.tokens);
    EXPECT_NEAR(each.sum().item<double>(), loss.log_likelihood, 1e-4);
    auto parameters = model->parameters();
    auto by_each = torch::autograd::grad({-each.sum()}, parameters);
    auto by_loss = torch::autograd::grad({loss.objective}, parameters);
    for (size_t i = 0; i < parameters.size(); ++i) {
      golden::expect_close(by_each[i], by_loss[i], 1e-3);
    }
  }
}

class MinimumRiskTest : public ::testing::Test {
 protected:
  MinimumRiskTest() {
    TokenizerConfig options = default_config().tokenizer;
    options.type = "char";
    std::vector<std::string> lines = {"ab cd", "ef gh ab", "cd ef"};
    size_t at = 0;
    TrainingText text{[&](std::string& line) {
                        if (at == lines.size()) return false;
                        line = lines[at++];
                        return true;
                      },
                      "letters"};
    tokenizer_ = std::make_shared<Tokenizer>(train_tokenizer(text, options));
    lines_ = lines;
    for (const std::string& line : lines) sentences_.push_back(tokenizer_->encode(line));
    use_source(tokenizer_);
    config_ = default_config().training;
    config_.objective = "minimum_risk";
    config_.risk_samples = 6;
    config_.risk_sharpness = 0.7;
  }
  void use_source(const std::shared_ptr<Tokenizer>& source) {
    source_ = source;
    sources_.clear();
    for (const std::string& line : lines_) sources_.push_back(source_->encode(line));
    batch_ =
        make_batch({sources_.begin(), sources_.end()}, {sentences_.rbegin(), sentences_.rend()},
                   source_->special(), tokenizer_->special());
  }
  // The same letters by a model of others, whose special pieces have ids of their own.
  std::shared_ptr<Tokenizer> foreign() const {
    TempFolder folder;
    auto status = sentencepiece::SentencePieceTrainer::Train(
        "--model_type=char --vocab_size=13 --pad_id=1 --bos_id=11 --eos_id=12 --minloglevel=2 "
        "--input=" +
        folder.write("text", join(lines_, "\n") + "\n") + " --model_prefix=" + folder.file("m"));
    EXPECT_TRUE(status.ok()) << status.ToString();
    return std::make_shared<Tokenizer>(read_file(folder.file("m.model")), "m");
  }
  std::shared_ptr<Seq2Seq> model(const ModelConfig& config) const {
    return tiny::random_model(config, {source_->vocab_size(), tokenizer_->vocab_size()});
  }

  std::vector<std::string> lines_;
  std::shared_ptr<Tokenizer> source_, tokenizer_;
  std::vector<std::vector<int32_t>> sources_, sentences_;
  Batch batch_;
  TrainingConfig config_;
};

// What is drawn again, scored by what translates, and summed up a number at a time.
TEST_F(MinimumRiskTest, IsTheExpectedLossOfWhatIsDrawn) {
  for (const auto& [shape, source] : {std::pair(tiny::transformer_config(), tokenizer_),
                                      std::pair(tiny::transformer_config(), foreign()),
                                      std::pair(tiny::recurrent_config(), tokenizer_)}) {
    use_source(source);
    config_.risk_share = 1;
    auto trained = model(shape);
    Loss loss = make_objective(config_, {source_, tokenizer_})->loss(*trained, batch_, {5, 2});
    auto inference = compile(*trained, {torch::kCPU, torch::kFloat32});
    SearchOptions options;
    options.n_best = 6;
    options.sampling_top_p = 1;
    options.seed = static_cast<int64_t>((uint64_t{5} ^ (uint64_t{2} << 48)) >> 1);
    auto drawn = search(*inference, batch_.source, tokenizer_->special(), options);
    BleuOptions bleu_options;
    bleu_options.effective_order = bleu_options.force = true;
    Bleu bleu(bleu_options);
    double risk = 0;
    for (size_t i = 0; i < sentences_.size(); ++i) {
      std::vector<std::vector<int32_t>> all = {sentences_[sentences_.size() - 1 - i]};
      for (const auto& one : drawn[i]) {
        if (std::ranges::count(all, one.ids) == 0) all.push_back(one.ids);
      }
      EXPECT_GT(all.size(), 2u);
      std::vector<SentenceView> sources(all.size(), sources_[i]);
      auto scored = score_targets(*inference, sources, all, source_->special(),
                                  tokenizer_->special(), options);
      std::string reference = tokenizer_->decode(all[0]);
      std::string_view view = reference;
      double total = 0, sum = 0;
      for (size_t j = 0; j < all.size(); ++j) {
        double share = std::exp(0.7 * scored[j].log_probability);
        double lost =
            1 - bleu.score(bleu.statistics(tokenizer_->decode(all[j]), {&view, 1})).score / 100;
        total += share;
        sum += share * lost;
      }
      risk += sum / total;
    }
    double each = static_cast<double>(loss.tokens) / 3;
    EXPECT_NEAR(loss.objective.item<double>(), each * risk, 1e-3 * each * risk);
    EXPECT_GT(loss.smoothed_sum, 0);
  }
}

TEST_F(MinimumRiskTest, SharesTheLossWithCrossEntropy) {
  auto trained = model(tiny::transformer_config());
  auto objective = [&](double share) {
    config_.risk_share = share;
    return make_objective(config_, {source_, tokenizer_})->loss(*trained, batch_, {5, 2});
  };
  double entropy = objective(0).objective.item<double>(),
         risk = objective(1).objective.item<double>();
  EXPECT_NEAR(objective(0).smoothed_sum, entropy, 1e-3);
  EXPECT_NEAR(objective(0.25).objective.item<double>(), 0.75 * entropy + 0.25 * risk, 1e-3);
}

// An update along the gradient makes what was drawn better on average.
TEST_F(MinimumRiskTest, ItsGradientLowersIt) {
  for (const char* metric : {"bleu", "chrf"}) {
    config_.risk_share = 1;
    config_.risk_metric = *config_.risk_metric.find(metric);
    auto trained = model(tiny::transformer_config());
    auto objective = make_objective(config_, {source_, tokenizer_});
    // Many draws: each has candidates of its own.
    auto risk = [&] {
      Tensor sum = torch::zeros({});
      for (uint64_t draw = 0; draw < 60; ++draw) {
        sum = sum + objective->loss(*trained, batch_, {draw, 0}).objective;
      }
      return sum / 60;
    };
    Tensor before = risk();
    before.backward();
    {
      torch::NoGradGuard no_gradient;
      for (Tensor& parameter : trained->parameters()) {
        if (parameter.grad().defined()) parameter.add_(parameter.grad(), -0.05);
      }
    }
    EXPECT_LT(risk().item<double>(), before.item<double>());
  }
}

TEST(MinimumRisk, ATrainingGoesOnToTheLastBit) {
  expect_exact_resume([](Config& config) {
    config.training.objective = "minimum_risk";
    config.training.risk_samples = 3;
    config.training.risk_share = 0.5;
    config.training.batch_tokens = 200;
    config.training.replicas = config.training.threads = 2;
    config.model.dropout = 0.2;
    config.training.max_steps = 4;
  });
}

}  // namespace
}  // namespace heed
