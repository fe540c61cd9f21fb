// How a training begins: the model folder, the vocabulary, the data, the model, the checkpoint.
#include "kernels/torch.h"

#include <algorithm>
#include <filesystem>

#include "config/ini.h"
#include "config/options.h"
#include "config/render.h"
#include "config/values.h"
#include "model/device.h"
#include "training/batch_size.h"
#include "training/trainer.h"
#include "util/clock.h"
#include "util/error.h"
#include "util/log.h"
#include "util/text.h"
#include "util/version.h"

namespace heed {
namespace {

// What a training leaves in its folder beside checkpoints and train.log, which goes on.
constexpr const char* kOwnFiles[] = {"config.ini",    "tokenizer.model",   "source.model",
                                     "target.model",  "model.safetensors", "validations.tsv",
                                     "metrics.jsonl", "lexicon.txt"};

void remove_own_files(const std::string& folder) {
  std::error_code ignored;
  for (const char* name : kOwnFiles) std::filesystem::remove(folder + "/" + name, ignored);
}

// Half-written files of a training that was killed; whoever holds the folder's lock may remove
// them.
void remove_leftovers(const std::string& folder) {
  std::vector<std::filesystem::path> found;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::string name = entry.path().filename().string();
    for (const char* own : kOwnFiles) {
      if (name.starts_with(std::string(own) + ".tmp")) found.push_back(entry.path());
    }
  }
  std::error_code ignored;
  for (const auto& path : found) std::filesystem::remove(path, ignored);
}

// Compares the configuration that a training began with to the one given now. Refuses changes of
// what is fixed, tells of the others; true where the batches stay the same.
bool compare_configs(const Config& before, const Config& now, const std::string& path) {
  std::vector<std::string> refused;
  bool same_batches = true;
  for (const Option& option : option_table()) {
    std::string old_value = option.get(before), new_value = option.get(now);
    if (old_value == new_value || option.name() == "output.folder") continue;
    if (option.on_resume == OnResume::kFixed) {
      refused.push_back(
          fmt::format("{} = {} (it began with {})", option.name(), new_value, old_value));
      continue;
    }
    log_info("resume: {} = {} as given now, it was {}", option.name(), new_value, old_value);
    if (option.name() == "training.batch_tokens") same_batches = false;
  }
  if (!refused.empty()) {
    fail_usage(
        "{}: the training in this folder cannot go on with {}; give the old values, another "
        "output.folder, or --fresh",
        path, join(refused, "; "));
  }
  return same_batches;
}

// Paths as they stand in the model folder's config.ini: they must mean the same wherever that
// folder is and from wherever training is resumed.
Config with_absolute_paths(Config config) {
  auto absolute = [](const std::string& path) {
    return path.empty() ? path : std::filesystem::absolute(path).lexically_normal().string();
  };
  for (const Option& option : option_table()) {
    if (option.type == OptionType::kPath) option.set(config, absolute(option.get(config)));
    if (option.type != OptionType::kPaths) continue;
    std::vector<std::string> paths = split_paths(option.get(config));
    std::transform(paths.begin(), paths.end(), paths.begin(), absolute);
    option.set(config, join_paths(paths));
  }
  return config;
}

// What can be told at once, before a vocabulary is learned.
void check_inputs(const Config& config) {
  choose_device(config.training.device);
  std::vector<std::string> files = config.data.train_source;
  for (const auto* more : {&config.data.train_target, &config.training.guided_alignment}) {
    files.insert(files.end(), more->begin(), more->end());
  }
  const TokenizerConfig& words = config.tokenizer;
  for (const std::string& file : {config.data.dev_source, config.data.dev_target, words.model,
                                  words.source_model, words.target_model}) {
    if (!file.empty()) files.push_back(file);
  }
  for (const std::string& file : files) {
    if (!file_exists(file) || is_folder(file)) LineReader reader(file);  // throws with the reason
  }
}

std::shared_ptr<Tokenizer> given(const std::string& path) {
  return std::make_shared<Tokenizer>(load_tokenizer(path));
}

Tokenizers make_tokenizers(const Config& config) {
  const TokenizerConfig& options = config.tokenizer;
  if (!options.source_model.empty())
    return {given(options.source_model), given(options.target_model)};
  if (!options.model.empty()) {
    auto both = given(options.model);
    return {both, both};
  }
  auto learn = [&](const std::vector<std::string>& files) {
    return std::make_shared<Tokenizer>(train_tokenizer(files, options));
  };
  if (!options.shared) return {learn(config.data.train_source), learn(config.data.train_target)};
  std::vector<std::string> files = config.data.train_source;
  files.insert(files.end(), config.data.train_target.begin(), config.data.train_target.end());
  auto both = learn(files);
  return {both, both};
}

}  // namespace

Trainer::Trainer(const Config& config, StartMode mode, const std::string& command)
    : folder_(config.output.folder) {
  check_config(config);
  config_ = with_absolute_paths(config);
  check_inputs(config_);
  make_folders(folder_);
  lock_ = std::make_unique<FolderLock>(folder_);
  remove_leftovers(folder_);
  checkpoints_ = std::make_unique<CheckpointFolder>(folder_);
  bool anew = begins_anew(mode);
  set_log_file(folder_ + "/train.log");
  log_info("heed {} | LibTorch {} | {}", HEED_VERSION, TORCH_VERSION, folder_);
  if (!command.empty()) log_info("command: {}", command);
  if (!anew) compare_with_before();
  tokenizers_ = anew ? make_tokenizers(config_) : tokenizers_of_before();
  corpus_ = read_corpus(
      {config_.data.train_source, config_.data.train_target, config_.training.guided_alignment},
      tokenizers_.pair(), config_.data);
  log_info("data: train: {}", corpus_.counts.summary(config_.data));
  if (corpus_.size() < 2) {
    fail("{}: a training needs at least 2 pairs: {}", join(config_.data.train_source, ", "),
         corpus_.counts.summary(config_.data));
  }
  prepare_model();
  validator_ = std::make_unique<Validator>(config_, tokenizers_);
  write_folder(anew);
  resume();
  log_start();
}

bool Trainer::begins_anew(StartMode mode) const {
  if (mode == StartMode::kFresh) return true;
  if (!checkpoints_->steps().empty()) return false;
  if (mode == StartMode::kResume) {
    fail("{}: --resume: there is no checkpoint in this folder", folder_);
  }
  if (file_exists(folder_ + "/model.safetensors")) {
    fail(
        "{}: holds a model but no checkpoint to go on from; --fresh replaces the model, or choose "
        "another output.folder",
        folder_);
  }
  return true;
}

void Trainer::compare_with_before() {
  std::string saved = folder_ + "/config.ini";
  if (file_exists(saved)) {
    same_batches_ = compare_configs(load_config(saved, {}), config_, folder_);
  }
}

Tokenizers Trainer::tokenizers_of_before() const {
  ModelFolder folder{folder_};
  if (!folder.has_tokenizers()) return make_tokenizers(config_);
  Tokenizers before = folder.load_tokenizers();
  bool given_now = !config_.tokenizer.model.empty() || !config_.tokenizer.source_model.empty();
  if (given_now && make_tokenizers(config_).checksum() != before.checksum()) {
    fail_usage(
        "{}: the training in this folder began with another vocabulary than [tokenizer] names now; "
        "give the old one, another output.folder, or --fresh",
        folder_);
  }
  return before;
}

// The first change to what is in the folder: everything that can be wrong with the configuration
// and the data has been seen by now, so that nothing is lost to a training that cannot begin.
void Trainer::write_folder(bool anew) {
  if (anew) {
    checkpoints_->remove_all();
    remove_own_files(folder_);
  }
  ModelFolder folder{folder_};
  if (anew || !folder.has_tokenizers()) folder.save_tokenizers(tokenizers_);
  Config saved = config_;
  saved.output.folder = ".";  // wherever the folder is moved to
  write_file_atomically(folder_ + "/config.ini", render_config(saved));
}

void Trainer::prepare_model() {
  torch::Device device = choose_device(config_.training.device);
  Precision precision = choose_precision(config_.training.precision, device);
  torch::manual_seed(static_cast<uint64_t>(config_.training.seed));
  auto make = [&] {
    auto model = make_model(shape_of(config_, tokenizers_));
    model->to(device);
    model->train();
    return model;
  };
  model_ = make();
  ReplicaPlan plan = plan_replicas(config_.training, device);
  replicas_ = std::make_unique<Replicas>(model_, make, plan);
  std::vector<Seq2Seq*> models;
  for (const auto& model : replicas_->models()) models.push_back(model.get());
  optimizer_ =
      std::make_unique<Optimizer>(models, config_.training, precision.type, replicas_->workers());
  log_info("model: {} | {} parameters | {} | replicas {} x threads {} | {}",
           config_.model.architecture, with_commas(optimizer_->parameter_count()), device.str(),
           plan.replicas, plan.threads, precision.reason);
}

void Trainer::resume() {
  std::string corpus = corpus_.checksum();
  if (auto state = checkpoints_->load_newest(*optimizer_, tokenizers_))
    go_on_from(std::move(*state));
  if (!state_.corpus.empty() && state_.corpus != corpus) {
    log_warning("resume: the training data has changed since step {}", state_.step);
    same_batches_ = false;
  }
  state_.corpus = corpus;
  if (!same_batches_ && state_.position.batch != 0) {
    state_.position = {state_.position.epoch + 1, 0};
    log_info("resume: batches are made anew: going on at the start of epoch {}",
             state_.position.epoch + 1);
  }
  metrics_ = std::make_unique<MetricLog>(folder_ + "/metrics.jsonl", state_.step);
  BatcherOptions options{
      config_.training.batch_tokens, static_cast<uint64_t>(config_.training.seed),
      config_.tokenizer.sampling_alpha, config_.data.max_length, replicas_->workers().count()};
  if (options.batch_tokens == 0) options.batch_tokens = find_batch_tokens(options);
  batcher_ = std::make_unique<Batcher>(corpus_, tokenizers_.pair(), options, state_.position);
  start_time_ = report_time_ = seconds_now();
}

void Trainer::go_on_from(TrainingState state) {
  state_ = std::move(state);
  saved_step_ = state_.step;
  earlier_seconds_ = state_.seconds;
  save_best();
  int64_t replicas = replicas_->workers().count();
  if (state_.replicas != replicas) {
    log_info(
        "resume: replicas {} now, {} before: sums of gradients round differently, so the result is "
        "not that of an uninterrupted training to the last digit",
        replicas, state_.replicas);
  }
  bool limits_raised = !training_over();
  if (limits_raised) state_.finished = false;
  log_info("resume: from {}, step {}, epoch {}", checkpoints_->path_of(state_.step), state_.step,
           state_.position.epoch + 1);
}

// training.batch_tokens = auto; a training that goes on keeps what it found at its beginning.
int64_t Trainer::find_batch_tokens(const BatcherOptions& options) {
  if (state_.batch_tokens == 0) {
    if (!model_->device().is_cpu()) {
      fail_usage(
          "training.batch_tokens = auto is measured in the machine's memory: on {} give a "
          "number of tokens",
          model_->device().str());
    }
    int64_t limit = memory_limit(config_.training);
    BatchSize found = find_batch_size(*replicas_, corpus_, tokenizers_.pair(), options, limit);
    optimizer_->accumulate();
    optimizer_->discard();
    state_.batch_tokens = found.tokens;
    log_info("batch_tokens = auto: {} ({} MiB at most so far, of {} MiB)",
             with_commas(found.tokens), found.memory >> 20, limit >> 20);
  }
  return state_.batch_tokens;
}

void Trainer::log_start() const {
  const TrainingConfig& training = config_.training;
  int64_t tokens = training.batch_tokens > 0 ? training.batch_tokens : state_.batch_tokens;
  log_info("training: {} tokens a batch x {} | {} | learning rate {} ({}) | up to step {}", tokens,
           training.accumulation, training.optimizer, training.learning_rate, training.schedule,
           training.max_steps);
}

}  // namespace heed
