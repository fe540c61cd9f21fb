#include "training/setup.h"

#include <torch/utils.h>

#include <filesystem>

#include "config/options.h"
#include "config/values.h"
#include "data/data_files.h"
#include "data/tags.h"
#include "model/device.h"
#include "training/agreement.h"
#include "training/batch_size.h"
#include "training/open_keys.h"
#include "util/error.h"
#include "util/line_reader.h"
#include "util/log.h"
#include "util/paths.h"
#include "util/progress.h"
#include "util/temporary_file.h"
#include "util/text.h"

namespace heed {
namespace {

// What a pool is made of; see make_pools. Processes share the work of it.
PoolOptions pool_options(const Config& config, Communicator& communicator) {
  auto gather = [&communicator](const std::string& own, const std::function<bool()>& stopped) {
    return communicator.gather_beside(own, stopped);
  };
  return {.pairs = config.data.pool_pairs,
          .seed = static_cast<uint64_t>(config.training.seed),
          .weights = config.data.weights,
          .threads = at::get_num_threads(),
          .vocabulary = config.tokenizer,
          .sharing = {communicator.rank(), communicator.size(), gather}};
}

// A path that means the same from everywhere. Throws Error for a file that is not there; folders
// are looked at later.
std::string checked_path(const std::string& path, const Option& option) {
  if (path.empty() || path == "-") return path;
  std::string whole = std::filesystem::absolute(path).lexically_normal().string();
  bool folder = option.name() == "output.folder" || option.name() == "training.initial_model";
  bool missing = !file_exists(whole) || is_folder(whole);
  if (missing && !folder) LineReader reader(whole);  // throws with the reason
  // The current folder's name is in it too.
  if (auto fault = find_text_fault(whole)) {
    fail_usage(
        "[{}] {} = {}: {}: config.ini could not hold this path; rename the folder or file, or "
        "start from another folder",
        option.section, option.key, printable(whole), *fault);
  }
  return whole;
}

// Process 0's.
Tokenizers share_tokenizers(const Tokenizers& own, Communicator& communicator) {
  if (communicator.size() == 1) return own;
  bool leads = communicator.leads();
  bool shared = communicator.largest(leads && own.shared() ? 1 : 0) != 0;
  auto get = [&](const std::shared_ptr<Tokenizer>& given, const char* name) {
    std::string bytes = communicator.share_text(leads ? given->model_bytes() : "");
    return leads ? given : std::make_shared<Tokenizer>(std::move(bytes), name);
  };
  auto source = get(own.source, "rank 0's source vocabulary");
  return {source, shared ? source : get(own.target, "rank 0's target vocabulary")};
}

// A vocabulary of a size that nobody has asked for is as large as its text allows.
Tokenizers with_possible_size(Config& config, bool any_size,
                              const std::function<Tokenizers()>& tokenizers) {
  int64_t& size = config.tokenizer.vocab_size;
  for (int tries = any_size ? 3 : 1;; --tries) {
    try {
      return tokenizers();
    } catch (const VocabularySizeError& error) {
      if (tries == 1) throw;
      int64_t chosen = size;
      size = error.most > 0 ? error.most : error.least + chosen;
      log_info("size: vocab_size = {}: {} is too {} for the characters of this text", size, chosen,
               error.most > 0 ? "large" : "small");
    }
  }
}

}  // namespace

// Paths become absolute, for they go into the model folder's config.ini: they must mean the same
// wherever that folder is and from wherever training is resumed.
Config checked(const Config& given) {
  Config config = given;
  expand_patterns(config);
  check_config(config);
  check_read_once(config);
  choose_device(given.training.device);
  for (const Option& option : option_table()) {
    if (option.type != OptionType::kPath && option.type != OptionType::kPaths) continue;
    bool one = option.type == OptionType::kPath;
    std::string value = option.get(config);
    std::vector<std::string> paths = one ? std::vector{value} : split_paths(value);
    for (std::string& path : paths) path = checked_path(path, option);
    option.set(config, one ? paths[0] : join_paths(paths));
  }
  return config;
}

Setup::Setup(const Config& checked_config, RunFolder* run_folder, Communicator& processes)
    : config(checked_config),
      folder(run_folder),
      files{config.output.folder},
      communicator(processes) {
  check_agreement(communicator, program_fingerprint(config));
  if (folder && !folder->anew()) {
    take_open_keys(config, files);
    keep_beginning(config, files);
  }
  if (folder) folder->check(config);
  // A training that goes on has no need of it: its folder may be gone.
  auto initial = folder && folder->anew() ? InitialModel::find(config) : std::nullopt;
  ParallelText dev = dev_text(config);
  // Copies of what can be read once alone lie in the folder, where there is room.
  auto text = std::make_unique<ParallelText>(training_files(config),
                                             folder ? files.path : temporary_folder());
  text_checksum = text->checksum();
  check_agreement(communicator, {{"pairs of data.train_source and train_target",
                                  fmt::format("{} ({})", text->lines(), text_checksum)}});
  bool any_size = std::ranges::count(config.open, "tokenizer.vocab_size") > 0;
  warn_of_equal_sides(dev, DataPart::kDev);
  warn_of_equal_sides(*text, DataPart::kTraining);
  warn_of_dev_tag(config.data);
  choose_open_keys(config, text->lines());
  if (folder) {
    tokenizers = with_possible_size(config, any_size, [&] {
      return folder->tokenizers(config, *text, initial ? &*initial : nullptr);
    });
  }
  share_open_keys(config, communicator);
  tokenizers = share_tokenizers(std::move(tokenizers), communicator);
  pools = make_pools(std::move(text), tokenizers.pair(), config.data,
                     pool_options(config, communicator));
  validator = std::make_unique<Validator>(config, tokenizers, dev, at::get_num_threads());
  prepare_model(initial ? &*initial : nullptr);
  if (folder) folder->write(config, tokenizers);
  resume();
  const TrainingConfig& training = config.training;
  int64_t tokens = training.batch_tokens > 0 ? training.batch_tokens : state.batch_tokens;
  log_info("training: {} tokens a batch x {} | {} | learning rate {} ({}) | up to step {}", tokens,
           training.accumulation, training.optimizer, training.learning_rate, training.schedule,
           training.max_steps);
  for (const std::string& doubt : schedule_doubts(training)) log_warning("{}", doubt);
}

void Setup::prepare_model(const InitialModel* initial) {
  const TrainingConfig& training = config.training;
  torch::Device device = choose_device(training.device);
  Precision precision = choose_precision(training.precision.name(), device);
  ReplicaPlan plan = plan_replicas(training, device);
  torch::manual_seed(static_cast<uint64_t>(training.seed));
  std::vector<std::shared_ptr<Seq2Seq>> models(plan.replicas);
  for (auto& model : models) {
    model = make_model(shape_of(config, tokenizers));
    model->to(device);
    model->train();
  }
  parameters = std::make_unique<Parameters>(
      *models[0], ParameterOptions{.type = precision.type,
                                   .average_decay = training.average_decay,
                                   .frozen = training.frozen});
  if (parameters->frozen_count() == parameters->count()) {
    fail_usage("[training] frozen = {}: nothing is left to train", join(training.frozen, ", "));
  }
  if (initial) initial->load_into(*parameters);
  replicas = std::make_unique<Replicas>(std::move(models), *parameters, plan.threads);
  optimizer = std::make_unique<Optimizer>(*parameters, training, replicas->workers());
  objective = make_objective(training, tokenizers);
  checkpoints = std::make_unique<Checkpoints>(files, *parameters, *optimizer,
                                              origin_of(config.model, tokenizers));
  number_replicas();
  agree_on_validation(describe_arithmetic(precision, device));
  std::string processes =
      communicator.size() == 1 ? "" : fmt::format("processes {} x ", communicator.size());
  log_info("model: {} | {} parameters | {} | {}replicas {} x threads {} | {}",
           config.model.architecture, with_commas(parameters->count()), device.str(), processes,
           plan.replicas, plan.threads, precision.reason);
  if (training.frozen.empty()) return;
  log_info("frozen: {}: {} parameters do not change", join(training.frozen, ", "),
           with_commas(parameters->frozen_count()));
}

// In the order of the processes.
void Setup::number_replicas() {
  Tensor counts = communicator.gather(torch::full({1}, replicas->workers().count(), torch::kLong));
  replica_count = counts.sum().item<int64_t>();
  first_replica = counts.slice(0, 0, communicator.rank()).sum().item<int64_t>();
}

// Weights are the same everywhere as long as all processes round in the same way.
void Setup::agree_on_validation(const std::string& arithmetic) {
  check_agreement(communicator,
                  {{"pairs of data.dev_source and dev_target", validator->checksum()},
                   {"the arithmetic of the processor (training.precision, HEED_CPU)", arithmetic}});
}

// Process 0 reads the newest checkpoint for all. Whether there is one.
bool Setup::load_state() {
  std::optional<TrainingState> found;
  if (folder) found = checkpoints->load_newest();
  if (communicator.size() == 1) {
    if (found) state = std::move(*found);
    return found.has_value();
  }
  std::string text = communicator.share_text(found ? to_text(*found) : "");
  WeightMap weights = parameters->weights(), moments = optimizer->state();
  for (WeightMap* map : {&weights, &moments}) {
    for (auto& [name, tensor] : *map) communicator.share(tensor);
  }
  // Loading weights changes the masters, which are among the optimizer's where there is an average.
  for (auto& [name, tensor] : moments) tensor = tensor.clone();
  parameters->load_weights(weights);
  optimizer->load_state(moments);
  if (!text.empty()) state = state_from(text);
  return !text.empty();
}

void Setup::resume() {
  if (load_state()) {
    if (state.replicas != replica_count) {
      log_info(
          "resume: replicas {} now, {} before: sums of gradients round differently, so the result "
          "is not that of an uninterrupted training to the last digit",
          replica_count, state.replicas);
    }
    log_info("resume: from {}, step {}, epoch {}", files.checkpoint(state.step), state.step,
             state.position.epoch + 1);
  }
  state.replicas = replica_count;
  objective->set_memory(state.reward_baseline);
  BatcherOptions options{.batch_tokens = config.training.batch_tokens,
                         .seed = static_cast<uint64_t>(config.training.seed),
                         .sampling_alpha = config.tokenizer.sampling_alpha,
                         .max_length = config.data.max_length,
                         .parts = replica_count,
                         .first_part = first_replica,
                         .end_part = first_replica + replicas->workers().count()};
  if (options.batch_tokens == 0) options.batch_tokens = batch_tokens(options);
  go_on_in_history();
  go_on_in_data(options);
  const auto& rows = state.history.validations;
  MetricLogStart start{state.step, rows.empty() ? 0 : rows.back().step};
  if (folder) metrics = std::make_unique<MetricLog>(files.metrics(), start);
  if (folder && config.output.tensorboard) metrics->add_events(EventFile(files.path, state.step));
  batcher = std::make_unique<Batcher>(*pools, tokenizers.pair(), options, state.position);
}

// What was measured otherwise says nothing of what is measured now.
void Setup::go_on_in_history() {
  Yardstick now = yardstick_of(config, validator->checksum());
  bool known = !state.yardstick.dev.empty();
  if (known && state.yardstick != now) {
    state.history.begin_anew();
    log_info(
        "resume: {} changed since step {}: a new history begins; best, patience and plateau start "
        "again",
        now.difference(state.yardstick), state.step);
  }
  state.yardstick = now;
}

// The place in an epoch is one in the plan that it was made by.
void Setup::go_on_in_data(const BatcherOptions& options) {
  std::string data = pools->checksum();
  std::string plan =
      fmt::format("{} {} {}{}", data, options.batch_tokens, options.seed, pools->plan());
  // A corpus in memory and one read in pools have checksums of two kinds (data.pool_pairs).
  bool by_text = data.starts_with("text ") != state.corpus.starts_with("text ");
  bool changed =
      by_text && !state.text.empty() ? state.text != text_checksum : state.corpus != data;
  if (!state.corpus.empty() && changed) {
    log_warning("resume: the training data has changed since step {}", state.step);
    if (folder) folder->remove_lexicon();
  }
  bool same =
      state.plan.empty() ? state.corpus.empty() || state.corpus == data : state.plan == plan;
  if (!same && (state.position.batch != 0 || state.position.pool != 0)) {
    state.position = {state.position.epoch + 1, 0, 0};
    log_info("resume: batches are made anew: going on at the start of epoch {}",
             state.position.epoch + 1);
  }
  state.corpus = data;
  state.text = text_checksum;
  state.plan = plan;
}

// training.batch_tokens = auto; a training that goes on keeps what it found at its beginning.
int64_t Setup::batch_tokens(const BatcherOptions& options) {
  if (state.batch_tokens != 0) return state.batch_tokens;
  torch::Device device = replicas->models()[0]->device();
  if (!device.is_cpu()) {
    fail_usage(
        "training.batch_tokens = auto is measured in the machine's memory: on {} give a "
        "number of tokens",
        device.str());
  }
  int64_t limit =
      -communicator.largest(-memory_limit(config.training) / processes_here(communicator));
  Pool first = pools->get(state.position.epoch, state.position.pool);
  Progress progress({.what = "measuring training.batch_tokens"});
  BatchSize found = find_batch_size(
      *replicas, *objective, {*first.corpus, tokenizers.pair(), options}, limit, communicator);
  parameters->accumulate(replicas->workers());
  parameters->discard();
  state.batch_tokens = found.tokens;
  log_info("batch_tokens = auto: {} ({} MiB at most so far, of {} MiB)", with_commas(found.tokens),
           found.memory >> 20, limit >> 20);
  return found.tokens;
}

}  // namespace heed
