#include "training/trainer.h"

#include <algorithm>
#include <cmath>

#include "model/device.h"
#include "training/agreement.h"
#include "training/average.h"
#include "util/atomic_file.h"
#include "util/clock.h"
#include "util/error.h"
#include "util/file_content.h"
#include "util/log.h"
#include "util/paths.h"
#include "util/signals.h"
#include "util/text.h"

namespace heed {
namespace {

// Updates in a row that were not finite, after which training ends.
constexpr int64_t kMostSkips = 20;

// Numbers of the batch's target side, padding included.
double padded_tokens(const std::vector<Batch>& parts) {
  int64_t tokens = 0;
  for (const Batch& part : parts) tokens += part.target_output.rows * part.target_output.columns;
  return static_cast<double>(tokens);
}

}  // namespace

Trainer::Trainer(Setup& setup, Communicator& communicator)
    : config_(setup.config),
      files_(setup.files),
      setup_(setup),
      communicator_(communicator),
      parameters_(*setup.parameters),
      replicas_(*setup.replicas),
      optimizer_(*setup.optimizer),
      objective_(*setup.objective),
      batcher_(*setup.batcher),
      state_(setup.state),
      history_(config_.training, state_.history),
      best_model_(files_, origin_of(config_.model, setup.tokenizers), state_.yardstick),
      start_time_(seconds_now()),
      earlier_seconds_(state_.seconds),
      report_time_(start_time_) {
  if (state_.step > 0) saved_step_ = state_.step;
}

int Trainer::run() {
  stop_on_request(communicator_.size() == 1 ? SecondSignal::kEnds : SecondSignal::kIsIgnored);
  go_on();
  std::optional<Progress> progress;  // from the first step on, for that waits for the data
  while (!training_over() && stop_request() == 0) {
    auto result = step();
    if (!result) break;
    if (!progress) progress.emplace(steps_ahead(config_.training.max_steps, state_.step));
    record(*result);
    progress->reach(state_.step);
    if (state_.step % config_.training.report_every == 0) report();
    state_.validation_owed = validation_due();
    if (checkpoint_due() || state_.validation_owed) save_checkpoint();
    if (state_.validation_owed) validate();
    setup_.validator->check_command();
  }
  if (stop_request() == 0) finish();
  save_checkpoint();
  if (state_.finished && leads() && !file_exists(files_.weights())) {
    fail(
        "{}: training is finished and there is no model: no validation had a finite loss{}; see {}",
        files_.path,
        config_.training.stopping_metric == "command" ? " and a number of validation_command" : "",
        files_.validations());
  }
  return stop_request();
}

// What was not done when training stopped, and what only the end of a training does is undone.
void Trainer::go_on() {
  if (state_.step == 0) return;
  if (!training_over()) {
    state_.finished = false;
    history_.go_on();
  }
  if (leads()) best_model_.restore(history_);
  write_table();
  prune();
  if (state_.validation_owed) validate();
}

// Nothing where a signal asks for the end before all batches of the update are summed: then it is
// as if none of them had been.
std::optional<Trainer::StepResult> Trainer::step() {
  StepResult result;
  double memory = objective_.memory();
  communicator_.at_step(state_.step + 1);
  epoch_before_ = state_.position.epoch;
  replicas_.set_drawing(state_.step >= config_.training.soft_attention_steps);
  for (int64_t i = 0; i < config_.training.accumulation; ++i) {
    if (i > 0 && stop_request() != 0) {
      parameters_.discard();
      objective_.set_memory(memory);
      return std::nullopt;
    }
    std::vector<Batch> parts = batcher_.next();
    BatchLoss loss;
    auto backward = [&] {
      loss = replicas_.backward(parts, objective_,
                                {.seed = draw_seed(i), .first = setup_.first_replica});
    };
    if (i + 1 < config_.training.accumulation) {
      backward();
      parameters_.accumulate(replicas_.workers());
    } else {
      communicator_.sum_gradients(parameters_, replicas_.workers(), backward);
    }
    result.padded_tokens += static_cast<int64_t>(sum_over_processes(loss, padded_tokens(parts)));
    objective_.remember(loss);
    result.loss += loss.smoothed_sum;
    result.tokens += static_cast<int64_t>(loss.tokens);
  }
  result.update = optimizer_.step(rate(state_.step + 1), static_cast<double>(result.tokens));
  return result;
}

// Of the loss's numbers, and of `padded`, which is returned.
double Trainer::sum_over_processes(BatchLoss& loss, double padded) {
  double numbers[] = {loss.smoothed_sum, loss.log_likelihood, loss.tokens, padded};
  communicator_.sum(numbers);
  loss = {numbers[0], numbers[1], numbers[2]};
  return numbers[3];
}

// A signal to any process stops all after the same step.
int Trainer::stop_request() { return static_cast<int>(communicator_.largest(stop_signal())); }

// A function of the training's seed and the place in it, so that a resumed training draws the same.
uint64_t Trainer::draw_seed(int64_t batch) const {
  auto batches = static_cast<uint64_t>(state_.step * config_.training.accumulation + batch);
  return static_cast<uint64_t>(config_.training.seed) * 0x9E3779B97F4A7C15ull + batches;
}

double Trainer::rate(int64_t step) const {
  return learning_rate(config_.training, step, history_.plateau());
}

void Trainer::record(const StepResult& result) {
  ++state_.step;
  state_.position = batcher_.position();
  state_.target_tokens += result.tokens;
  if (result.update.finite) {
    skipped_ = 0;
    ++sums_.steps;
    sums_.target_tokens += result.tokens;
    sums_.padded_tokens += result.padded_tokens;
    sums_.loss += result.loss;
    sums_.gradient_norm += result.update.gradient_norm;
    return;
  }
  ++skipped_;
  log_warning("step {}: the gradient is not finite (loss {}); the update is skipped", state_.step,
              result.loss / static_cast<double>(result.tokens));
  if (config_.training.on_nan == "stop" || skipped_ >= kMostSkips) {
    auto saved = files_.checkpoint_steps();
    fail(
        "{}: training stopped at step {}: {} updates in a row were not finite; lower "
        "training.learning_rate or set training.clip_norm; the last good checkpoint: {}",
        files_.path, state_.step, skipped_,
        saved.empty() ? "none yet" : files_.checkpoint(saved.back()));
  }
}

void Trainer::report() {
  double time = seconds_now();
  sums_.seconds = time - report_time_;
  sums_.seconds_waited = seconds_waited() - waited_before_;
  ProgressPlace place{state_.step, config_.training.max_steps, batcher_.epochs(),
                      rate(state_.step)};
  log_info("{}", progress_line(place, sums_));
  auto target_tokens = static_cast<double>(sums_.target_tokens);
  auto padded_tokens = static_cast<double>(std::max<int64_t>(sums_.padded_tokens, 1));
  auto steps = static_cast<double>(std::max<int64_t>(sums_.steps, 1));
  append_metrics({{"kind", "train"},
                  {"step", state_.step},
                  {"epoch", place.epoch},
                  {"loss", sums_.loss / std::max(target_tokens, 1.0)},
                  {"learning_rate", place.learning_rate},
                  {"gradient_norm", sums_.gradient_norm / steps},
                  {"tokens_per_second", tokens_per_second(sums_)},
                  {"waiting", share_waited(sums_)},
                  {"padding", 1 - target_tokens / padded_tokens},
                  {"bytes_sent_per_update", (communicator_.bytes_sent() - sent_before_) / steps},
                  {"seconds", seconds()},
                  {"peak_memory", peak_memory()}});
  sums_ = {};
  report_time_ = time;
  waited_before_ = seconds_waited();
  sent_before_ = communicator_.bytes_sent();
}

bool Trainer::validation_due() const {
  const TrainingConfig& config = config_.training;
  if (config.validate_every > 0 && state_.step % config.validate_every == 0) return true;
  int64_t epochs = config.validate_every_epochs;
  return epochs > 0 && state_.position.epoch / epochs > epoch_before_ / epochs;
}

// A request to any process is one to all.
bool Trainer::checkpoint_due() const {
  bool asked = communicator_.largest(take_save_request() ? 1 : 0) != 0;
  return asked || state_.step % config_.training.checkpoint_every == 0;
}

// The models have these weights for as long as it takes. Nothing where a signal asks for the end.
std::optional<ValidationResult> Trainer::measure(const WeightMap& weights) {
  Parameters::WithWeights shown(parameters_, weights);
  try {
    return setup_.validator->run(*replicas_.models()[0], weights, communicator_,
                                 [this] { return communicator_.stop_asked(); });
  } catch (const Interrupted&) {
    log_info("the validation of step {} is cut short", state_.step);
    return std::nullopt;
  }
}

// A checkpoint has been saved before it: it may take long, and one who stops training may not wait.
void Trainer::validate() {
  double began = seconds_now(), waited = seconds_waited();
  auto result = measure(parameters_.weights());
  if (!result) return;
  if (leads()) setup_.checkpoints->check_place(setup_.folder->place(), state_);
  Validation row{.step = state_.step,
                 .epoch = state_.position.epoch,
                 .loss = result->loss,
                 .perplexity = std::exp(result->loss),
                 .bleu = result->bleu,
                 .command = result->command,
                 .learning_rate = rate(state_.step),
                 .seconds = seconds(),
                 .extra = !state_.validation_owed};
  row.best = history_.add(row);
  state_.validation_owed = false;
  saved_step_ = -1;  // the checkpoint of this step does not know of it
  log_validation(row, *result, seconds_now() - began);
  if (row.best && leads()) {
    best_model_.offer(parameters_.weights(), fmt::format("step {}", row.step), row, history_);
  }
  write_table();
  report_time_ += seconds_now() - began;  // validation is no part of training's speed
  waited_before_ += seconds_waited() - waited;
}

void Trainer::log_validation(const Validation& row, const ValidationResult& result, double took) {
  auto samples = nlohmann::ordered_json::array();
  for (const auto& sample : result.samples) {
    samples.push_back({{"source", sample.source},
                       {"reference", sample.reference},
                       {"translation", sample.translation}});
    log_info("  source      {}", sample.source);
    log_info("  reference   {}", sample.reference);
    log_info("  translation {}", sample.translation);
  }
  bool by_command = !config_.training.validation_command.empty();
  log_info("valid | step {} | epoch {} | loss {:.4f} | ppl {:.3f} | bleu {}{} | took {}{}",
           row.step, row.epoch, row.loss, row.perplexity, bleu_text(row.bleu),
           by_command ? " | command " + command_text(row.command) : "", format_duration(took),
           row.best ? " | best so far" : "");
  nlohmann::ordered_json entry = {{"kind", "valid"},
                                  {"step", row.step},
                                  {"epoch", row.epoch},
                                  {"loss", row.loss},
                                  {"perplexity", row.perplexity},
                                  {"bleu", row.bleu},
                                  {"seconds", row.seconds},
                                  {"best", row.best},
                                  {"samples", std::move(samples)}};
  if (by_command) entry["command"] = row.command;
  append_metrics(entry);
}

void Trainer::append_metrics(const nlohmann::ordered_json& entry) {
  if (setup_.metrics) setup_.metrics->append(entry);
}

// What has ended the training; nothing while it goes on.
std::string Trainer::why_over() const {
  const TrainingConfig& config = config_.training;
  if (history_.out_of_patience()) {
    return fmt::format("patience = {}: no validation was better than that of step {}",
                       config.patience, history_.last_best());
  }
  if (state_.step >= config.max_steps) return fmt::format("max_steps = {}", config.max_steps);
  if (config.max_epochs > 0 && state_.position.epoch >= config.max_epochs) {
    return fmt::format("max_epochs = {}", config.max_epochs);
  }
  return {};
}

void Trainer::finish() {
  if (state_.finished) {
    log_info("training is finished: {} steps, {}; raise training.max_steps or patience to go on",
             state_.step, why_over());
    return;
  }
  save_checkpoint();  // what follows may take long
  if (!history_.validated(state_.step)) validate();
  if (!history_.validated(state_.step) || !average()) return;  // a signal came in between
  state_.finished = true;
  saved_step_ = -1;  // the checkpoint must know that training is finished
  log_info("training is finished: {} steps, {:.2f} epochs, {} target tokens in {}; {}", state_.step,
           batcher_.epochs(), with_commas(state_.target_tokens), format_duration(seconds()),
           why_over());
}

void Trainer::save_checkpoint() {
  if (saved_step_ == state_.step) return;
  double began = seconds_now();
  check_same_weights(communicator_, parameters_.masters(), state_.step);
  if (skipped_ > 1 || !parameters_.masters().isfinite().all().item<bool>()) {
    saved_step_ = state_.step;
    log_warning("step {}: no checkpoint is made of weights that give no finite {}", state_.step,
                skipped_ > 1 ? "gradient" : "numbers");
    return;
  }
  state_.seconds = seconds();
  state_.history = history_.state();
  state_.reward_baseline = objective_.memory();
  saved_step_ = state_.step;
  if (!leads()) return;
  setup_.checkpoints->check_place(setup_.folder->place(), state_);
  setup_.checkpoints->save(state_);
  prune();
  report_time_ += seconds_now() - began;
}

void Trainer::prune() const {
  if (!leads()) return;
  std::vector<int64_t> keep = history_.steps_to_average(files_.checkpoint_steps());
  for (int64_t step : history_.best_steps(config_.output.keep_best)) keep.push_back(step);
  setup_.folder->prune(config_.output.keep_last, keep);
}

void Trainer::write_table() const {
  if (leads()) write_file_atomically(files_.validations(), history_.table());
}

// The mean is a model to keep; should training go on later, then from its own weights. False where
// a signal came in between.
bool Trainer::average() {
  std::vector<std::string> paths, steps;
  for (int64_t step : history_.steps_to_average(files_.checkpoint_steps())) {
    std::string path = ModelFolder{files_.checkpoint(step)}.weights();
    if (!leads() || !file_exists(path)) continue;
    paths.push_back(path);
    steps.push_back(std::to_string(step));
  }
  int64_t count = communicator_.largest(std::ssize(paths));
  if (count < 2) return true;
  WeightMap weights = shared_average(paths);
  auto result = measure(weights);
  if (!result) return false;
  Validation row{.loss = result->loss, .bleu = result->bleu, .command = result->command};
  bool better = history_.is_best(row);
  log_info("average of the {} {} checkpoints: loss {:.4f}, bleu {}: {}", count,
           config_.training.average_choice, row.loss, bleu_text(row.bleu),
           better ? "better than each, kept as the model" : "not better than the best, dropped");
  if (better && leads()) {
    best_model_.offer(weights, "the average of steps " + join(steps, ", "), row, history_);
  }
  return true;
}

// Of the files that process 0 has.
WeightMap Trainer::shared_average(const std::vector<std::string>& paths) {
  if (communicator_.size() == 1) return average_weights(paths);
  WeightMap weights = parameters_.weights();
  for (auto& [name, weight] : weights) weight = weight.clone();
  if (communicator_.leads()) {
    for (auto& [name, weight] : average_weights(paths)) weights.at(name).copy_(weight);
  }
  for (auto& [name, weight] : weights) communicator_.share(weight);
  return weights;
}

double Trainer::seconds_waited() const {
  return batcher_.seconds_waited() + communicator_.seconds_waited();
}

double Trainer::seconds() const { return earlier_seconds_ + seconds_now() - start_time_; }

}  // namespace heed
