#include "training/validator.h"

#include <torch/utils.h>

#include <numeric>

#include "data/batcher.h"
#include "decoding/stream.h"
#include "evaluation/bleu.h"
#include "inference/compile.h"
#include "model/device.h"
#include "model/loss.h"
#include "util/file_content.h"
#include "util/line_reader.h"
#include "util/log.h"
#include "util/text.h"

namespace heed {
namespace {

constexpr int64_t kBatchTokens = 4096;

// Begins no further batch once `stop` says so.
class UntilStopped : public Inference {
 public:
  UntilStopped(std::shared_ptr<const Inference> model, Validator::Stop stop)
      : model_(std::move(model)), stop_(std::move(stop)) {}

  std::unique_ptr<Decoding> begin(const IdMatrix& source,
                                  const DecodingWants& wants) const override {
    if (stop_()) throw Interrupted();
    return model_->begin(source, wants);
  }
  ForcedTargets force(const Batch& batch, bool attention) const override {
    return model_->force(batch, attention);
  }
  std::vector<HeadAttention> heads(const Batch& pair) const override { return model_->heads(pair); }
  int64_t preferred_rows() const override { return model_->preferred_rows(); }
  int64_t parallel_batches() const override { return model_->parallel_batches(); }
  void enter_worker() const override { model_->enter_worker(); }

 private:
  std::shared_ptr<const Inference> model_;
  Validator::Stop stop_;
};

// In evaluation mode, and at its end back into its mode.
class Evaluating {
 public:
  explicit Evaluating(Seq2Seq& model) : model_(model), training_(model.is_training()) {
    model.eval();
  }
  ~Evaluating() { model_.train(training_); }
  Evaluating(const Evaluating&) = delete;

 private:
  Seq2Seq& model_;
  bool training_;
};

}  // namespace

Validator::Validator(const Config& config, const Tokenizers& tokenizers)
    : config_(config),
      tokenizers_(tokenizers),
      corpus_(read_corpus({.source = {config.data.dev_source},
                           .target = {config.data.dev_target},
                           .tags = {config.data.dev_tag}},
                          tokenizers.pair(), config.data)),
      source_lines_(read_lines(config.data.dev_source)),
      target_lines_(read_lines(config.data.dev_target)) {
  log_info("data: dev: {}", corpus_.counts.summary(config.data));
  if (config.training.validation_command.empty()) return;
  command_.emplace(config.training, ModelFolder{config.output.folder}.translations());
}

void Validator::check_command() const {
  if (command_) command_->check();
}

std::string Validator::checksum() const {
  return heed::checksum(join(source_lines_, "\n") + "\n\n" + join(target_lines_, "\n"));
}

double Validator::loss(Seq2Seq& model, const Stop& stop) const {
  torch::NoGradGuard no_gradient;
  Evaluating evaluating(model);
  double log_likelihood = 0;
  int64_t tokens = 0;
  for (const auto& pairs : plan_in_order(corpus_, kBatchTokens)) {
    if (stop()) throw Interrupted();
    Batch batch = gather_batch(corpus_, pairs, tokenizers_.pair());
    Loss loss = compute_loss(model, to_tensors(batch, model.options()), {});
    log_likelihood += loss.log_likelihood;
    tokens += loss.tokens;
  }
  return -log_likelihood / static_cast<double>(tokens);
}

double Validator::bleu(const ModelShape& shape, const WeightMap& weights, const Stop& stop,
                       ValidationResult& result) {
  const EvaluationConfig& config = config_.evaluation;
  SearchOptions search(config_.decoding);
  search.beam_size = config.beam_size;
  torch::Device device = choose_device(config_.training.device);
  Precision precision = choose_decoding_precision("float32", device);
  auto weight = [&](const std::string& name, at::IntArrayRef) { return weights.at(name).cpu(); };
  EngineOptions options;
  options.search = search;
  options.lines.source_tag = config_.data.dev_tag;
  options.batch_size = config.batch_size;
  options.workers = thread_count(config_.training.threads);
  auto inference = std::make_shared<UntilStopped>(
      compile(shape, weight, {device, precision.type, precision.packing}), stop);
  Engine engine({config_, tokenizers_, inference}, options);
  NoteLog notes(config_.data.dev_source);
  std::vector<std::string> hypotheses =
      translate_lines(engine, source_lines_, has_run_ ? nullptr : &notes);
  has_run_ = true;
  if (command_) result.command = command_->measure(hypotheses);
  int64_t samples = std::min<int64_t>(config.samples, std::ssize(hypotheses));
  for (int64_t i = 0; i < samples; ++i) {
    size_t line = i * hypotheses.size() / config.samples;
    result.samples.push_back({source_lines_[line], target_lines_[line], hypotheses[line]});
  }
  BleuOptions bleu_options;
  bleu_options.tokenize = config.tokenize;
  bleu_options.lowercase = config.lowercase;
  bleu_options.force = true;
  return Bleu(bleu_options).corpus(hypotheses, {target_lines_}).score;
}

ValidationResult Validator::run(Seq2Seq& model, const WeightMap& weights, const Stop& stop) {
  WithThreads threads(thread_count(config_.training.threads));
  ValidationResult result;
  result.loss = loss(model, stop);
  if (config_.evaluation.beam_size > 0) result.bleu = bleu(model.shape(), weights, stop, result);
  return result;
}

}  // namespace heed
