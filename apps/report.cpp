// heed report MODEL... -o PAGE.html: trainings, as a page to look at.
#include <chrono>
#include <filesystem>
#include <set>
#include <thread>

#include "command.h"
#include "data/model_folder.h"
#include "report/training_report.h"
#include "util/atomic_file.h"
#include "util/clock.h"
#include "util/error.h"
#include "util/log.h"
#include "util/paths.h"
#include "util/signals.h"
#include "util/text.h"

namespace heed {
namespace {

constexpr int kWatchSeconds = 3;  // between two looks at the files, and between two loads of a page
constexpr auto kSignalInterval = std::chrono::milliseconds(100);

struct ReportFlags {
  std::vector<std::string> folders;
  std::string output = "-", title;
  bool watch = false, quiet = false;
};

// Without a slash or a dot at its end.
std::filesystem::path tidy(const std::filesystem::path& path) {
  std::filesystem::path normal = path.lexically_normal();
  return normal.has_filename() ? normal : normal.parent_path();
}

// The training's folder, where one of its checkpoints is named.
ModelFolder training_folder(const std::string& path) {
  namespace fs = std::filesystem;
  fs::path folder = tidy(path);
  fs::path above = tidy(fs::absolute(folder)).parent_path();
  bool checkpoint =
      folder.filename().string().starts_with("step-") && above.filename() == "checkpoints";
  return {checkpoint ? above.parent_path().string() : folder.string()};
}

// A training that is watched may have reported nothing yet.
void check_training(const ModelFolder& folder, bool watch) {
  check_folder(folder.path);
  check_plain_files(folder);
  if (file_exists(folder.metrics()) || (watch && file_exists(folder.config()))) return;
  std::string missing = "metrics.jsonl";
  if (!file_exists(folder.config())) missing += " and config.ini";
  fail(
      "{}: no folder of a training: {} missing; name the output.folder of a training, which writes "
      "metrics.jsonl at its first report (training.report_every)",
      folder.path, missing);
}

// Last parts of the paths, as many as it takes to tell them apart.
std::vector<std::string> short_names(const std::vector<ModelFolder>& folders) {
  std::vector<std::vector<std::string>> parts;
  for (const ModelFolder& folder : folders) {
    std::string whole = tidy(std::filesystem::absolute(folder.path)).string();
    parts.push_back(split(whole.substr(1), '/'));
  }
  for (size_t count = 1;; ++count) {
    std::vector<std::string> names;
    bool all = true;
    for (const auto& path : parts) {
      size_t from = path.size() - std::min(count, path.size());
      all = all && from == 0;
      names.push_back(join({path.begin() + static_cast<int64_t>(from), path.end()}, "/"));
    }
    if (all || std::set(names.begin(), names.end()).size() == names.size()) return names;
  }
}

// Reads trainings and renders their page. A warning is logged once, however often they are read.
class Reporter {
 public:
  explicit Reporter(const ReportFlags& flags) : flags_(flags) {
    for (const std::string& path : flags.folders) {
      folders_.push_back(training_folder(path));
      check_training(folders_.back(), flags.watch);
    }
    names_ = short_names(folders_);
  }

  std::string page(int reload_seconds) {
    TrainingReport report{.title = flags_.title.empty() ? join(names_, ", ") : flags_.title,
                          .made = local_time(),
                          .reload_seconds = reload_seconds,
                          .runs = {}};
    for (size_t i = 0; i < folders_.size(); ++i) {
      const ModelFolder& folder = folders_[i];
      report.runs.push_back(read_training(names_[i], {.config = folder.config(),
                                                      .metrics = folder.metrics(),
                                                      .validations = folder.validations()}));
      for (const std::string& warning : report.runs.back().warnings) {
        if (warned_.insert(warning).second) log_warning("{}", warning);
      }
    }
    return render_training_report(report);
  }

  // All files that are read.
  std::vector<std::string> files() const {
    std::vector<std::string> files;
    for (const ModelFolder& folder : folders_) {
      files.insert(files.end(), {folder.config(), folder.metrics(), folder.validations()});
    }
    return files;
  }

  // What changes when a file does.
  std::string state() const {
    std::string state;
    for (const std::string& path : files()) {
      std::error_code missing;
      auto size = std::filesystem::file_size(path, missing);
      auto time = std::filesystem::last_write_time(path, missing).time_since_epoch().count();
      state += missing ? "-;" : fmt::format("{} {};", size, time);
    }
    return state;
  }

 private:
  const ReportFlags& flags_;
  std::vector<ModelFolder> folders_;
  std::vector<std::string> names_;
  std::set<std::string> warned_;
};

void wait_for_signal(int seconds) {
  auto end = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  while (stop_signal() == 0 && std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(kSignalInterval);
  }
}

// Until a signal. The page that is left does not load itself anew.
int watch(Reporter& reporter, const std::string& output) {
  stop_on_request(SecondSignal::kEnds);
  log_info("{}: kept fresh until Ctrl-C; open it in a browser", output);
  const std::string file = behind_links(output);
  std::string written;
  while (stop_signal() == 0) {
    std::string now = reporter.state();
    if (now != written) write_file_atomically(file, reporter.page(kWatchSeconds));
    written = now;
    wait_for_signal(kWatchSeconds);
  }
  write_file_atomically(file, reporter.page(0));
  return 128 + stop_signal();
}

int report(const ReportFlags& flags) {
  set_log_quiet(flags.quiet);
  if (flags.watch && flags.output == "-") {
    fail_usage("report: --watch writes a page again and again; give it a file: -o PAGE.html");
  }
  Reporter reporter(flags);
  check_paths(reporter.files(), {flags.output});
  if (flags.watch) return watch(reporter, flags.output);
  std::string page = reporter.page(0);
  write_whole(flags.output, page);
  return 0;
}

}  // namespace

void add_report(CLI::App& app, Run& run) {
  auto* command = app.add_subcommand("report", "Show trainings: curves, options, translations");
  auto flags = std::make_shared<ReportFlags>();
  command->add_option("folder", flags->folders, "Model folders, one for each training")->required();
  command->add_option("-o,--output", flags->output, "The page; - is standard output")
      ->capture_default_str();
  command->add_option("--title", flags->title, "Title of the page; else the folders' names");
  command->add_flag("--watch", flags->watch,
                    "Keep the page fresh while trainings run, until Ctrl-C; it loads itself anew");
  command->add_flag("--quiet,-q", flags->quiet, "Only warnings and errors on stderr");
  command->callback([flags, &run] {
    run = {.work = [flags] { return report(*flags); }, .needs_libtorch = false};
  });
}

}  // namespace heed
