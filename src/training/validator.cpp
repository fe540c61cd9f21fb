#include "training/validator.h"

#include <torch/utils.h>

#include <numeric>
#include <sstream>

#include "data/batcher.h"
#include "data/data_files.h"
#include "decoding/score.h"
#include "evaluation/bleu.h"
#include "evaluation/script.h"
#include "inference/compile.h"
#include "model/device.h"
#include "model/loss.h"
#include "util/file_content.h"
#include "util/log.h"
#include "util/progress.h"
#include "util/temporary_file.h"
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
  std::vector<AttentionMap> heads(const Batch& pair) const override { return model_->heads(pair); }
  int64_t preferred_rows() const override { return model_->preferred_rows(); }
  int64_t parallel_batches() const override { return model_->parallel_batches(); }
  void enter_worker() const override { model_->enter_worker(); }

 private:
  std::shared_ptr<const Inference> model_;
  Validator::Stop stop_;
};

// All stop where one does. Those that were done with their part wait for it here.
void stop_together(bool own, Communicator& communicator) {
  if (communicator.largest(own ? 1 : 0) != 0) throw Interrupted();
}

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

// All lines, for those that filters drop are translated too.
std::vector<std::string> lines_of(const ParallelText& text, ParallelText::Side side) {
  SideReader reader(text, side);
  std::vector<std::string> lines;
  for (std::string line; reader.next(line);) lines.push_back(std::move(line));
  return lines;
}

}  // namespace

ParallelText dev_text(const Config& config) {
  ParallelText text(dev_files(config.data), temporary_folder());
  if (text.lines() == 0) fail("{}: no pair to use: 0 pairs read", text.names());
  return text;
}

Validator::Validator(const Config& config, const Tokenizers& tokenizers, const ParallelText& dev,
                     int64_t threads)
    : config_(config),
      tokenizers_(tokenizers),
      threads_(threads),
      files_(dev_files(config.data)),
      source_lines_(lines_of(dev, ParallelText::Side::kSource)),
      target_lines_(lines_of(dev, ParallelText::Side::kTarget)),
      corpus_(read_corpus(dev, tokenizers.pair(), config.data, {})) {
  log_info("data: dev: {}", corpus_.counts.summary(config.data));
  warn_of_changes(corpus_.round_trip, "dev targets", config.tokenizer);
  choose_tokenizer();
  if (config.training.validation_command.empty()) return;
  command_.emplace(config.training, ModelFolder{config.output.folder}.translations());
}

// Of evaluation.tokenize = auto; warns where another one was chosen that cannot tell the words.
void Validator::choose_tokenizer() {
  const std::string given(config_.evaluation.tokenize.name());
  std::string suited = tokenizer_for(target_lines_);
  tokenize_ = given == "auto" ? suited : given;
  if (config_.evaluation.beam_size == 0 || suited == "13a") return;
  if (given == "auto") {
    log_info("evaluation.tokenize = auto: {}, for {} has no spaces between words", tokenize_,
             files_.target_name());
  } else if (parts_at_spaces(given)) {
    log_warning(
        "evaluation.tokenize = {}: {} has no spaces between words, so that BLEU takes a line for a "
        "word or two; set it to auto or {}",
        given, files_.target_name(), suited);
  }
}

void Validator::check_command() const {
  if (command_) command_->check();
}

std::string Validator::checksum() const {
  return heed::checksum(join(source_lines_, "\n") + "\n\n" + join(target_lines_, "\n"));
}

double Validator::loss(Seq2Seq& model, Communicator& communicator, const Stop& stop) const {
  torch::NoGradGuard no_gradient;
  Evaluating evaluating(model);
  auto plan = plan_in_order(corpus_, kBatchTokens);
  // Log-likelihood of each batch, then tokens of each: 0 for those of other processes.
  std::vector<double> sums(2 * plan.size());
  Progress progress({.what = "validating: loss", .total = std::ssize(plan), .unit = "batches"});
  bool stopped = false;
  for (size_t i = communicator.rank(); i < plan.size(); i += communicator.size()) {
    stopped = stop();
    if (stopped) break;
    Batch batch = gather_batch(corpus_, plan[i], tokenizers_.pair());
    Loss loss = compute_loss(model, to_tensors(batch, model.options()), {});
    sums[i] = loss.log_likelihood;
    sums[plan.size() + i] = static_cast<double>(loss.tokens);
    progress.reach(static_cast<int64_t>(i));
  }
  stop_together(stopped, communicator);
  communicator.sum(sums);
  auto tokens = sums.begin() + std::ssize(plan);
  return -std::accumulate(sums.begin(), tokens, 0.0) / std::accumulate(tokens, sums.end(), 0.0);
}

std::vector<std::string> Validator::translate(const Inputs& inputs,
                                              const std::vector<std::string>& lines,
                                              NoteLog* notes) const {
  const EvaluationConfig& config = config_.evaluation;
  SearchOptions search(config_.decoding);
  search.beam_size = config.beam_size;
  torch::Device device = choose_device(config_.training.device);
  Precision precision = choose_decoding_precision("float32", device);
  auto weight = [&](const std::string& name, at::IntArrayRef) {
    return inputs.weights.at(name).cpu();
  };
  EngineOptions options;
  options.search = search;
  options.lines.source_tag = config_.data.dev_tag;
  options.batch_size = config.batch_size;
  options.workers = threads_;
  auto inference = std::make_shared<UntilStopped>(
      compile(inputs.shape, weight, {device, precision.type, precision.packing}), inputs.stop);
  Engine engine({config_, tokenizers_, inference}, options);
  Progress progress(
      {.what = "validating: translations", .total = std::ssize(lines), .unit = "lines"});
  return translate_lines(engine, lines, notes, [&](const std::string&) { progress.add(); });
}

// Lines go around the processes.
void Validator::measure_translations(const Inputs& inputs, Communicator& communicator,
                                     ValidationResult& result) {
  std::vector<std::string> sources, references;
  for (size_t i = communicator.rank(); i < source_lines_.size(); i += communicator.size()) {
    sources.push_back(source_lines_[i]);
    references.push_back(target_lines_[i]);
  }
  // Notes name lines, and these are all the lines where there is one process.
  NoteLog notes(files_.source_name());
  bool noted = !has_run_ && communicator.size() == 1;
  std::vector<std::string> hypotheses;
  bool stopped = false;
  try {
    if (!sources.empty()) hypotheses = translate(inputs, sources, noted ? &notes : nullptr);
  } catch (const Interrupted&) {
    stopped = true;
  } catch (const NotFinite&) {
    log_warning(
        "validation: the model gives no finite probabilities: its translations count as empty");
    hypotheses.assign(sources.size(), "");
  }
  stop_together(stopped, communicator);
  has_run_ = true;
  result.bleu = bleu(hypotheses, references, communicator);
  if (!command_ && config_.evaluation.samples == 0) return;
  std::vector<std::string> all = gather_lines(hypotheses, communicator);
  if (command_) {
    double value = communicator.leads() ? command_->measure(all) : 0;
    communicator.sum({&value, 1});
    result.command = value;
  }
  if (communicator.leads()) add_samples(all, result);
}

double Validator::bleu(const std::vector<std::string>& hypotheses,
                       const std::vector<std::string>& references,
                       Communicator& communicator) const {
  BleuOptions options;
  options.tokenize = tokenize_;
  options.lowercase = config_.evaluation.lowercase;
  options.force = true;
  Bleu bleu(options);
  std::string_view none;
  Counts counts(bleu.statistics(none, {&none, 1}).size());
  if (!hypotheses.empty()) counts = bleu.segment_counts(hypotheses, {references}).sum();
  communicator.sum(counts);
  return bleu.score(counts).score;
}

// The translations of all lines, from those of each process.
std::vector<std::string> Validator::gather_lines(const std::vector<std::string>& own,
                                                 Communicator& communicator) const {
  if (communicator.size() == 1) return own;
  std::vector<std::istringstream> texts;
  for (const std::string& text : communicator.gather_texts(join(own, "\n"))) {
    texts.emplace_back(text);
  }
  std::vector<std::string> all(source_lines_.size());
  for (size_t i = 0; i < all.size(); ++i) std::getline(texts[i % texts.size()], all[i]);
  return all;
}

void Validator::add_samples(const std::vector<std::string>& hypotheses,
                            ValidationResult& result) const {
  int64_t samples = std::min(config_.evaluation.samples, std::ssize(hypotheses));
  for (int64_t i = 0; i < samples; ++i) {
    size_t line = i * hypotheses.size() / samples;
    result.samples.push_back({source_lines_[line], target_lines_[line], hypotheses[line]});
  }
}

ValidationResult Validator::run(Seq2Seq& model, const WeightMap& weights,
                                Communicator& communicator, const Stop& stop) {
  WithThreads threads(threads_);
  ValidationResult result;
  result.loss = loss(model, communicator, stop);
  if (config_.evaluation.beam_size > 0) {
    measure_translations({model.shape(), weights, stop}, communicator, result);
  }
  return result;
}

}  // namespace heed
