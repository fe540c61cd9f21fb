#include "evaluate_translation.h"

#include <algorithm>
#include <filesystem>
#include <optional>

#include "decoding/shortlist.h"
#include "decoding/stream.h"
#include "util/error.h"
#include "util/log.h"
#include "util/output_file.h"
#include "util/paths.h"
#include "util/progress.h"

namespace heed {
namespace {

Lines translate_source(Engine& engine, const SourceText& source, NoteLog& notes) {
  std::optional<OutputFile> output;
  if (!source.output.empty()) output.emplace(source.output);
  Progress progress({.what = "translating " + short_name(source.path),
                     .total = std::ssize(source.lines),
                     .unit = "lines"});
  Lines translations =
      translate_lines(engine, source.lines, &notes, [&](const std::string& translation) {
        if (output) output->write(translation + "\n");
        progress.add();
      });
  if (output) output->close();
  return translations;
}

}  // namespace

std::vector<std::string> output_paths(const std::string& output,
                                      const std::vector<std::string>& sources) {
  if (output.empty()) return std::vector<std::string>(sources.size());
  if (!output.ends_with('/') && !is_folder(output)) {
    if (sources.size() == 1) return {output};
    fail_usage("--output {}: {} test sets need a folder; give an existing one, or {}/ to make it",
               output, sources.size(), output);
  }
  make_folders(output);
  std::vector<std::string> paths;
  for (const std::string& source : sources) {
    std::string path = resolve_path(output, std::filesystem::path(source).filename().string());
    if (std::ranges::count(paths, path) > 0) {
      fail_usage("--output {}: the translations of two sources would both be {}; rename one source",
                 output, path);
    }
    paths.push_back(path);
  }
  return paths;
}

std::vector<Lines> translate_sources(const TranslationFlags& flags,
                                     const std::vector<SourceText>& sources) {
  set_log_quiet(flags.compute.quiet);
  LoadedModel model = load_models(flags.models.folders(), flags.compute.choice);
  DecodingConfig decoding = flags.decoding.over(model.config);
  SearchOptions search(decoding);
  search.lexicon = load_shortlist(flags.models.folders(), model, decoding);
  Engine engine(model, engine_options(search, flags.lines, flags.compute));
  std::vector<Lines> translations;
  for (const SourceText& source : sources) {
    NoteLog notes(source.path);
    translations.push_back(translate_source(engine, source, notes));
    notes.warn_of_totals(model.config.data, decoding);
  }
  return translations;
}

}  // namespace heed
