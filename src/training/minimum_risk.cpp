#include "training/minimum_risk.h"

#include <algorithm>

#include "decoding/search.h"
#include "evaluation/sentence_metric.h"
#include "inference/compile.h"

namespace heed {
namespace {

// What the source sentences may be translated by.
struct RiskCandidates {
  std::vector<std::vector<int32_t>> sources, targets;  // a candidate each, sentence by sentence
  std::vector<int64_t> counts;                         // of each sentence
  std::vector<float> losses;                           // of each candidate
};

std::vector<int32_t> row_of(const IdMatrix& matrix, int64_t row) {
  auto begin = matrix.ids.begin() + row * matrix.columns;
  return {begin, begin + matrix.lengths[row] - 1};  // without the end symbol
}

class MinimumRisk : public CrossEntropy {
 public:
  MinimumRisk(const TrainingConfig& config, const Tokenizers& tokenizers)
      : CrossEntropy(config),
        samples_(config.risk_samples),
        sharpness_(config.risk_sharpness),
        share_(config.risk_share),
        source_special_(tokenizers.source->special()),
        target_(tokenizers.target),
        metric_(make_sentence_metric(config.risk_metric.name())) {}

  Loss loss(const Seq2Seq& model, const Batch& part, Draws draws) const override {
    RiskCandidates candidates = draw(model, part, draws);
    Loss entropy = entropy_of(model, part, draws);
    begin_draws(draws);
    Tensor log_probabilities = candidate_log_probabilities(model, candidates);
    Tensor losses = torch::tensor(candidates.losses).to(log_probabilities.device());
    Tensor risk = expected_losses(log_probabilities, losses, candidates.counts, sharpness_);
    double each = static_cast<double>(entropy.tokens) / static_cast<double>(part.source.rows);
    entropy.objective = (1 - share_) * entropy.objective + share_ * each * risk;
    return entropy;
  }

 private:
  // Its gradient costs nothing where it has no share.
  Loss entropy_of(const Seq2Seq& model, const Batch& part, Draws draws) const {
    torch::AutoGradMode gradients(share_ < 1);
    return CrossEntropy::loss(model, part, draws);
  }

  double loss_of(const std::vector<int32_t>& ids, std::string_view reference) const {
    std::string text = target_->decode(ids);
    return 1 - metric_->score(metric_->statistics(text, {&reference, 1})).score / 100;
  }

  RiskCandidates draw(const Seq2Seq& model, const Batch& part, Draws draws) const {
    torch::NoGradGuard no_gradient;
    SearchOptions options;
    options.n_best = samples_;
    options.sampling_top_p = 1;  // all pieces, by their probability
    options.beam_size = 1;
    options.seed = static_cast<int64_t>((draws.seed ^ (draws.part << 48)) >> 1);
    auto now = compile(model, {torch::kCPU, torch::kFloat32});  // without dropout
    auto drawn = search(*now, part.source, target_->special(), options);
    RiskCandidates candidates;
    for (int64_t row = 0; row < part.source.rows; ++row) {
      std::vector<std::vector<int32_t>> all = {row_of(part.target_output, row)};
      for (const Hypothesis& hypothesis : drawn[row]) {
        if (std::ranges::count(all, hypothesis.ids) == 0) all.push_back(hypothesis.ids);
      }
      std::string reference = target_->decode(all[0]);
      for (std::vector<int32_t>& ids : all) {
        candidates.losses.push_back(static_cast<float>(loss_of(ids, reference)));
        candidates.sources.push_back(row_of(part.source, row));
        candidates.targets.push_back(std::move(ids));
      }
      candidates.counts.push_back(std::ssize(all));
    }
    return candidates;
  }

  // [C] float32, of whole translations, the end symbol included.
  Tensor candidate_log_probabilities(const Seq2Seq& model, const RiskCandidates& candidates) const {
    Batch batch = make_batch({candidates.sources.begin(), candidates.sources.end()},
                             {candidates.targets.begin(), candidates.targets.end()},
                             source_special_, target_->special());
    BatchTensors tensors = to_tensors(batch, model.options());
    Tensor pieces = log_likelihoods(model, tensors);
    std::vector<int64_t> owner;  // of each piece
    for (int64_t row = 0; row < batch.target_output.rows; ++row) {
      owner.insert(owner.end(), batch.target_output.lengths[row], row);
    }
    Tensor sums = torch::zeros({batch.target_output.rows}, pieces.options());
    return sums.index_add(0, torch::tensor(owner).to(pieces.device()), pieces);
  }

  int64_t samples_;
  double sharpness_, share_;
  SpecialIds source_special_;
  std::shared_ptr<const Tokenizer> target_;
  std::unique_ptr<Metric> metric_;
};

}  // namespace

Tensor expected_losses(const Tensor& log_probabilities, const Tensor& losses,
                       const std::vector<int64_t>& counts, double sharpness) {
  Tensor sum = torch::zeros({}, log_probabilities.options());
  int64_t first = 0;
  for (int64_t count : counts) {
    Tensor shares = torch::softmax(sharpness * log_probabilities.narrow(0, first, count), 0);
    sum = sum + (shares * losses.narrow(0, first, count)).sum();
    first += count;
  }
  return sum;
}

std::unique_ptr<Objective> make_minimum_risk(const TrainingConfig& config,
                                             const Tokenizers& tokenizers) {
  return std::make_unique<MinimumRisk>(config, tokenizers);
}

}  // namespace heed
