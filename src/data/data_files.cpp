#include "data/data_files.h"

#include <glob.h>

#include <algorithm>

#include "util/descriptors.h"
#include "util/error.h"
#include "util/log.h"
#include "util/paths.h"
#include "util/text.h"

namespace heed {
namespace {

// A file, and what of its name a pattern leaves open; empty for a file that is named itself.
struct Match {
  std::string path, open;
};

bool is_pattern(const std::string& path) {
  return path.find_first_of("*?[") != std::string::npos && !file_exists(path);
}

std::vector<Match> matches_of(const std::string& key, const std::string& pattern) {
  if (!is_pattern(pattern)) return {{pattern, ""}};
  glob_t found{};
  int failed = ::glob(pattern.c_str(), GLOB_NOSORT | GLOB_NOESCAPE, nullptr, &found);
  std::vector<Match> matches;
  size_t before = pattern.find_first_of("*?[");
  size_t after = pattern.size() - pattern.find_last_of("*?]") - 1;
  for (size_t i = 0; failed == 0 && i < found.gl_pathc; ++i) {
    std::string path = found.gl_pathv[i];
    matches.push_back({path, path.substr(before, path.size() - before - after)});
  }
  ::globfree(&found);
  if (matches.empty()) fail_usage("{} = {}: no file matches", key, pattern);
  std::ranges::sort(matches, {}, &Match::path);
  return matches;
}

std::vector<Match> expand(const std::string& key, std::vector<std::string>& paths) {
  std::vector<Match> all;
  for (const std::string& path : paths) {
    for (Match& match : matches_of(key, path)) all.push_back(std::move(match));
  }
  paths.clear();
  for (const Match& match : all) paths.push_back(match.path);
  return all;
}

void check_pairs(const std::vector<Match>& source, const std::vector<Match>& target) {
  for (size_t i = 0; i < std::min(source.size(), target.size()); ++i) {
    const Match &one = source[i], &other = target[i];
    if (one.open.empty() || other.open.empty() || one.open == other.open) continue;
    fail_usage(
        "[data] train_source and train_target: the patterns pair {} with {}, and {} is not {}: "
        "is a file missing?",
        one.path, other.path, one.open, other.open);
  }
}

}  // namespace

void expand_patterns(Config& config) {
  DataConfig& data = config.data;
  std::vector<Match> source = expand("[data] train_source", data.train_source);
  std::vector<Match> target = expand("[data] train_target", data.train_target);
  check_pairs(source, target);
  expand("[data] train", data.train);
  expand("[training] guided_alignment", config.training.guided_alignment);
}

CorpusFiles training_files(const Config& config) {
  const DataConfig& data = config.data;
  return {.source = data.train_source,
          .target = data.train_target,
          .alignment = config.training.guided_alignment,
          .pairs = data.train,
          .tags = data.tags};
}

CorpusFiles dev_files(const DataConfig& data) {
  CorpusFiles files;
  files.tags = {data.dev_tag};
  if (!data.dev.empty()) {
    files.pairs = {data.dev};
  } else {
    files.source = {data.dev_source};
    files.target = {data.dev_target};
  }
  return files;
}

void warn_of_equal_sides(const ParallelText& text, DataPart part) {
  const std::string name = part == DataPart::kTraining ? "train" : "dev";
  for (int64_t file = 0; file < text.files(); ++file) {
    if (!text.has_equal_sides(file)) continue;
    bool table = text.names(file) == text.target_path(file);
    log_warning("[data] {}: {} hold the same {} lines, so {}: is the translation in another file?",
                table ? name : fmt::format("{}_source and {}_target", name, name),
                table ? "both columns of " + text.names(file) : text.names(file),
                with_commas(text.lines(file)),
                part == DataPart::kTraining ? "the model learns to copy" : "copies validate best");
  }
}

namespace {

// Standard input and pipes among the data, as often as they are named.
std::vector<std::string> read_once(const Config& config) {
  CorpusFiles training = training_files(config), dev = dev_files(config.data);
  std::vector<std::string> paths;
  for (const CorpusFiles* files : {&training, &dev}) {
    for (const auto* side : {&files->source, &files->target, &files->alignment, &files->pairs}) {
      paths.insert(paths.end(), side->begin(), side->end());
    }
  }
  std::erase_if(
      paths, [](const std::string& path) { return path != "-" && !descriptors::is_special(path); });
  return paths;
}

std::string shown(const std::string& path) { return path == "-" ? "standard input (-)" : path; }

}  // namespace

void check_read_once(const Config& config) {
  std::vector<std::string> paths = read_once(config);
  for (const std::string& path : paths) {
    if (std::ranges::count(paths, path) == 1) continue;
    fail_usage("[data] {} is named {} times and can be read once only: give files for the others",
               shown(path), std::ranges::count(paths, path));
  }
}

void check_read_by_all(const Config& config) {
  std::vector<std::string> paths = read_once(config);
  if (paths.empty()) return;
  fail_usage(
      "[data] {} can be read once only, and each of several processes reads the data: give a "
      "file, or train in one process",
      shown(paths[0]));
}

}  // namespace heed
