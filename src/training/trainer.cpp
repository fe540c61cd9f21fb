#include "training/trainer.h"

#include "kernels/torch.h"

#include <algorithm>
#include <cmath>

#include "model/device.h"
#include "util/clock.h"
#include "util/error.h"
#include "util/log.h"
#include "util/signals.h"
#include "util/text.h"

namespace heed {
namespace {

// Updates in a row that were not finite, after which training ends.
constexpr int64_t kMostSkips = 20;

}  // namespace

int Trainer::run() {
  stop_on_request();
  while (!training_over() && stop_signal() == 0) {
    StepResult result = step();
    record(result);
    if (state_.step % config_.training.report_every == 0) report();
    if (validation_due()) validate();
    if (checkpoint_due()) save_checkpoint();
  }
  if (stop_signal() == 0) finish();
  save_checkpoint();
  return stop_signal();
}

Trainer::StepResult Trainer::step() {
  StepResult result{0, 0, {}};
  epoch_before_ = state_.position.epoch;
  replicas_->set_drawing(state_.step >= config_.training.soft_attention_steps);
  for (int64_t i = 0; i < config_.training.accumulation; ++i) {
    std::vector<Batch> parts = batcher_->next();
    BatchLoss loss = replicas_->backward(parts, loss_options(), draw_seed(i));
    optimizer_->accumulate();
    update_reward_baseline(loss);
    result.loss += loss.smoothed_sum;
    result.tokens += loss.tokens;
    count_tokens(parts);
  }
  double rate = learning_rate(config_.training, state_.step + 1, state_.plateau);
  result.update = optimizer_->step(rate, static_cast<double>(result.tokens));
  return result;
}

// A function of the training's seed and the place in it, so that a resumed training draws the same.
uint64_t Trainer::draw_seed(int64_t batch) const {
  auto batches = static_cast<uint64_t>(state_.step * config_.training.accumulation + batch);
  return static_cast<uint64_t>(config_.training.seed) * 0x9E3779B97F4A7C15ull + batches;
}

void Trainer::count_tokens(const std::vector<Batch>& parts) {
  for (const Batch& part : parts) {
    sums_.source_tokens += part.source.tokens();
    sums_.padded_tokens += part.target_output.rows * part.target_output.columns;
  }
}

LossOptions Trainer::loss_options() const {
  const TrainingConfig& config = config_.training;
  return {config.label_smoothing, config.attention_entropy, config.coverage_loss,
          config.guided_alignment_weight, state_.reward_baseline};
}

// The moving average of what a piece's log P is (Xu et al., 2015, section 4.1).
void Trainer::update_reward_baseline(const BatchLoss& loss) {
  double reward = loss.log_likelihood / static_cast<double>(loss.tokens);
  if (std::isfinite(reward)) state_.reward_baseline = 0.9 * state_.reward_baseline + 0.1 * reward;
}

void Trainer::record(const StepResult& result) {
  ++state_.step;
  state_.position = batcher_->position();
  state_.target_tokens += result.tokens;
  ++sums_.steps;
  sums_.target_tokens += result.tokens;
  if (result.update.finite) {
    skipped_ = 0;
    sums_.loss += result.loss;
    sums_.gradient_norm += result.update.gradient_norm;
    return;
  }
  ++skipped_;
  auto saved = checkpoints_->steps();
  std::string last = saved.empty() ? "none yet" : checkpoints_->path_of(saved.back());
  log_warning("step {}: the gradient is not finite (loss {}); the update is skipped", state_.step,
              result.loss / static_cast<double>(result.tokens));
  if (config_.training.on_nan == "stop" || skipped_ >= kMostSkips) {
    fail(
        "{}: training stopped at step {}: {} updates in a row were not finite; lower "
        "training.learning_rate or set training.clip_norm; the last good checkpoint: {}",
        folder_, state_.step, skipped_, last);
  }
}

void Trainer::report() {
  double time = seconds_now();
  sums_.seconds = time - report_time_;
  sums_.seconds_waited = batcher_->seconds_waited() - waited_before_;
  ProgressPlace place{state_.step, config_.training.max_steps, batcher_->epochs(),
                      learning_rate(config_.training, state_.step, state_.plateau)};
  log_info("{}", progress_line(place, sums_));
  metrics_->append(
      {{"kind", "train"},
       {"step", state_.step},
       {"epoch", place.epoch},
       {"loss", sums_.loss / static_cast<double>(std::max<int64_t>(sums_.target_tokens, 1))},
       {"learning_rate", place.learning_rate},
       {"tokens_per_second", tokens_per_second(sums_)},
       {"padding", 1 - static_cast<double>(sums_.target_tokens) /
                           static_cast<double>(std::max<int64_t>(sums_.padded_tokens, 1))},
       {"seconds", seconds()},
       {"peak_memory", peak_memory()}});
  sums_ = {};
  report_time_ = time;
  waited_before_ = batcher_->seconds_waited();
}

bool Trainer::validation_due() const {
  const TrainingConfig& config = config_.training;
  if (config.validate_every > 0 && state_.step % config.validate_every == 0) return true;
  int64_t epochs = config.validate_every_epochs;
  return epochs > 0 && state_.position.epoch / epochs > epoch_before_ / epochs;
}

bool Trainer::checkpoint_due() const {
  return state_.step % config_.training.checkpoint_every == 0 || validated_step_ == state_.step;
}

double Trainer::metric(const Validation& row) const {
  if (config_.training.stopping_metric == "bleu") return -row.bleu;
  return std::isfinite(row.loss) ? row.loss : std::numeric_limits<double>::infinity();
}

bool Trainer::is_best(const Validation& row) const {
  if (!std::isfinite(row.loss)) return false;
  return std::all_of(state_.validations.begin(), state_.validations.end(),
                     [&](const Validation& other) { return metric(row) < metric(other); });
}

void Trainer::validate() {
  double began = seconds_now();
  Optimizer::WithAverage average(*optimizer_);
  ValidationResult result = validator_->run(*model_, optimizer_->weights());
  Validation row{state_.step, state_.position.epoch,
                 result.loss, std::exp(result.loss),
                 result.bleu, learning_rate(config_.training, state_.step, state_.plateau),
                 seconds(),   false};
  row.best = is_best(row);
  state_.waited = row.best ? 0 : state_.waited + 1;
  update_plateau(config_.training, row.best, state_.plateau);
  state_.validations.push_back(row);
  validated_step_ = state_.step;
  saved_step_ = -1;  // a checkpoint of this step, if there is one, does not know of it
  for (const auto& sample : result.samples) {
    log_info("  source      {}", sample.source);
    log_info("  reference   {}", sample.reference);
    log_info("  translation {}", sample.translation);
  }
  log_info("valid | step {} | epoch {} | loss {:.4f} | ppl {:.3f} | bleu {} | took {}{}", row.step,
           row.epoch, row.loss, row.perplexity,
           row.bleu < 0 ? "-" : fmt::format("{:.2f}", row.bleu),
           format_duration(seconds_now() - began), row.best ? " | best so far" : "");
  metrics_->append({{"kind", "valid"},
                    {"step", row.step},
                    {"epoch", row.epoch},
                    {"loss", row.loss},
                    {"perplexity", row.perplexity},
                    {"bleu", row.bleu},
                    {"seconds", row.seconds},
                    {"best", row.best}});
  report_time_ += seconds_now() - began;  // validation is no part of training's speed
}

bool Trainer::training_over() const {
  const TrainingConfig& config = config_.training;
  if (state_.step >= config.max_steps) return true;
  if (config.max_epochs > 0 && state_.position.epoch >= config.max_epochs) return true;
  return config.patience > 0 && state_.waited >= config.patience;
}

void Trainer::finish() {
  if (state_.finished) {
    log_info("training is finished: {} steps; raise training.max_steps or patience to go on",
             state_.step);
    return;
  }
  if (state_.validations.empty() || state_.validations.back().step != state_.step) validate();
  save_checkpoint();
  average_best();
  state_.finished = true;
  saved_step_ = -1;  // the checkpoint must know that training is finished
  log_info("training is finished: {} steps, {:.2f} epochs, {} target tokens in {}", state_.step,
           batcher_->epochs(), with_commas(state_.target_tokens), format_duration(seconds()));
}

// Steps of the best validations, best first.
std::vector<int64_t> Trainer::best_steps(int64_t count) const {
  std::vector<Validation> rows = state_.validations;
  std::stable_sort(rows.begin(), rows.end(),
                   [&](const Validation& a, const Validation& b) { return metric(a) < metric(b); });
  std::vector<int64_t> steps;
  for (const Validation& row : rows) {
    if (static_cast<int64_t>(steps.size()) == count || !std::isfinite(row.loss)) break;
    steps.push_back(row.step);
  }
  return steps;
}

void Trainer::save_checkpoint() {
  if (saved_step_ == state_.step) return;
  state_.seconds = seconds();
  state_.replicas = replicas_->workers().count();
  double began = seconds_now();
  checkpoints_->save(state_, *optimizer_, tokenizers_);
  saved_step_ = state_.step;
  save_best();
  write_validations();
  checkpoints_->prune(config_.output.keep_last, best_steps(config_.output.keep_best));
  report_time_ += seconds_now() - began;
}

// The folder's model is the best one so far. It goes after the checkpoint, which can write it again
// where a training is killed in between; the other way round there may be a model and no
// checkpoint.
void Trainer::save_best() const {
  if (state_.finished || state_.validations.empty()) return;
  const Validation& last = state_.validations.back();
  if (last.step != state_.step || !last.best) return;
  save_weights(folder_ + "/model.safetensors", optimizer_->weights(), tokenizers_);
}

void Trainer::average_best() {
  int64_t count = config_.training.average_checkpoints;
  if (count < 2) return;
  std::vector<std::string> paths;
  for (int64_t step : best_steps(count)) {
    std::string path = checkpoints_->path_of(step) + "/model.safetensors";
    if (file_exists(path)) paths.push_back(path);
  }
  if (paths.size() < 2) return;
  auto weights = average_weights(paths);
  auto put = [&](const std::map<std::string, Tensor>& values) {
    torch::NoGradGuard no_gradient;
    for (auto& item : model_->named_parameters()) item.value().copy_(values.at(item.key()));
  };
  // The mean is a model to keep; should training go on later, then from its own weights.
  auto own = named_weights(*model_);
  for (auto& [name, tensor] : own) tensor = tensor.clone();
  put(weights);
  Validation row;
  ValidationResult result = validator_->run(*model_, weights);
  put(own);
  row.loss = result.loss;
  row.bleu = result.bleu;
  bool better = is_best(row);
  log_info("average of the {} best checkpoints: loss {:.4f}, bleu {:.2f}: {}", paths.size(),
           row.loss, row.bleu,
           better ? "better than each, kept as the model" : "not better than the best, dropped");
  if (better) save_weights(folder_ + "/model.safetensors", weights, tokenizers_);
}

void Trainer::write_validations() const {
  std::string text = "step\tepoch\tloss\tperplexity\tbleu\tlearning_rate\tseconds\tbest\n";
  auto best = best_steps(1);
  for (const Validation& row : state_.validations) {
    bool starred = !best.empty() && best[0] == row.step;
    text +=
        fmt::format("{}\t{}\t{:.6f}\t{:.4f}\t{}\t{:.6g}\t{:.1f}\t{}\n", row.step, row.epoch,
                    row.loss, row.perplexity, row.bleu < 0 ? "-" : fmt::format("{:.2f}", row.bleu),
                    row.learning_rate, row.seconds, starred ? "*" : "");
  }
  write_file_atomically(folder_ + "/validations.tsv", text);
}

double Trainer::seconds() const { return earlier_seconds_ + seconds_now() - start_time_; }

}  // namespace heed
