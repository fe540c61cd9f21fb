// heed train CONFIG.ini: from two text files to a model folder.
#include "training/train.h"
#include "command.h"
#include "config/ini.h"
#include "data/inherited_config.h"
#include "data/manifest.h"
#include "data/model_folder.h"
#include "util/error.h"
#include "util/log.h"
#include "util/paths.h"
#include "util/signals.h"
#include "util/text.h"

namespace heed {
namespace {

struct TrainFlags {
  std::string config;
  bool fresh = false, resume = false, quiet = false;
  std::optional<std::string> device, precision, threads, seed;
};

// A training writes its resolved configuration into its folder, without the comments.
void check_own_config(const std::string& path, const std::string& folder) {
  ModelFolder files{folder};
  if (!same_file(path, files.config()) || Manifest(files).made(path)) return;
  fail_usage(
      "{}: a training writes its resolved configuration to this file, over yours; give yours "
      "another name, or choose another output.folder",
      path);
}

int run_train(const TrainFlags& flags, std::vector<std::string> overrides) {
  set_log_quiet(flags.quiet);
  save_on_request();
  std::string command = "heed train " + flags.config;
  auto add = [&](const char* key, const std::optional<std::string>& value) {
    if (value) overrides.push_back(fmt::format("--training.{}={}", key, *value));
  };
  add("device", flags.device);
  add("precision", flags.precision);
  add("threads", flags.threads);
  add("seed", flags.seed);
  for (const std::string& word : overrides) command += " " + word;
  Config config = load_training_config(flags.config, overrides);
  check_own_config(flags.config, config.output.folder);
  StartMode mode = flags.fresh    ? StartMode::kFresh
                   : flags.resume ? StartMode::kResume
                                  : StartMode::kResumeIfThere;
  int signal = heed::train(config, mode, command);
  if (signal == 0) return 0;
  log_info("stopped by signal {}: the same command goes on from here", signal);
  return 128 + signal;
}

}  // namespace

void add_train(CLI::App& app, Run& run) {
  auto* command = app.add_subcommand("train", "Train a model, or go on with a training");
  auto flags = std::make_shared<TrainFlags>();
  command->add_option("config", flags->config, "INI file; see heed options")->required();
  auto* fresh = command->add_flag("--fresh", flags->fresh, "Start again, replacing what is there");
  command->add_flag("--resume", flags->resume, "Go on; an error where there is no checkpoint")
      ->excludes(fresh);
  command->add_option("--device", flags->device, "auto, cpu, cuda or cuda:N");
  command->add_option("--precision", flags->precision, "auto, float32 or bfloat16");
  command->add_option("--threads", flags->threads, "Threads that compute; 0: all cores");
  command->add_option("--seed", flags->seed, "Seed of weights, data order and dropout");
  command->add_flag("--quiet,-q", flags->quiet, "Only warnings and errors on stderr");
  command->allow_extras();
  command->footer("Any option of `heed options` may be given as --section.key=value.");
  command->callback([flags, command, &run] {
    run.work = [flags, command] { return run_train(*flags, overrides_of(*command)); };
  });
}

}  // namespace heed
