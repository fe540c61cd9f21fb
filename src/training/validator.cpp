#include "training/validator.h"

#include "kernels/torch.h"

#include <numeric>

#include "data/batcher.h"
#include "decoding/translator.h"
#include "evaluation/bleu.h"
#include "model/device.h"
#include "model/loss.h"
#include "util/files.h"
#include "util/log.h"

namespace heed {
namespace {

constexpr int64_t kBatchTokens = 4096;

}  // namespace

Validator::Validator(const Bundle& bundle)
    : bundle_(bundle),
      corpus_(read_corpus({{bundle.config.data.dev_source}, {bundle.config.data.dev_target}},
                          bundle.tokenizers.pair(), bundle.config.data)),
      source_lines_(read_lines(bundle.config.data.dev_source)),
      target_lines_(read_lines(bundle.config.data.dev_target)) {
  log_info("data: dev: {}", corpus_.counts.summary(bundle.config.data));
}

double Validator::loss() {
  torch::NoGradGuard no_gradient;
  bundle_.model->eval();
  double log_likelihood = 0;
  int64_t tokens = 0;
  for (const auto& pairs : plan_in_order(corpus_, kBatchTokens)) {
    Batch batch = gather_batch(corpus_, pairs, bundle_.tokenizers.pair());
    Loss loss = compute_loss(*bundle_.model, to_tensors(batch, *bundle_.model), {});
    log_likelihood += loss.log_likelihood;
    tokens += loss.tokens;
  }
  bundle_.model->train();
  return -log_likelihood / static_cast<double>(tokens);
}

double Validator::bleu(ValidationResult& result) {
  const EvaluationConfig& config = bundle_.config.evaluation;
  SearchOptions options = search_options(bundle_.config.decoding);
  options.beam_size = config.beam_size;
  bundle_.model->eval();
  LineOptions lines;
  lines.warns_of_cuts = !has_run_;
  has_run_ = true;
  if (bundle_.model->device().is_cpu()) {
    lines.workers = thread_count(bundle_.config.training.threads);
  }
  Translator translator(bundle_, bundle_.model, options, config.batch_size, lines);
  translator.begin_text(bundle_.config.data.dev_source);
  std::vector<std::string> hypotheses;
  for (auto& best : translator.translate(source_lines_)) hypotheses.push_back(best[0].text);
  bundle_.model->train();
  for (int64_t i = 0;
       i < std::min<int64_t>(config.samples, static_cast<int64_t>(hypotheses.size())); ++i) {
    size_t line = i * hypotheses.size() / config.samples;
    result.samples.push_back({source_lines_[line], target_lines_[line], hypotheses[line]});
  }
  BleuOptions bleu_options;
  bleu_options.tokenize = config.tokenize;
  bleu_options.lowercase = config.lowercase;
  bleu_options.force = true;
  return Bleu(bleu_options).corpus(hypotheses, {target_lines_}).score;
}

ValidationResult Validator::run() {
  WithThreads threads(thread_count(bundle_.config.training.threads));
  ValidationResult result;
  result.loss = loss();
  if (bundle_.config.evaluation.beam_size > 0) result.bleu = bleu(result);
  return result;
}

}  // namespace heed
