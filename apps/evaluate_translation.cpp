#include "evaluate_translation.h"

#include <algorithm>
#include <filesystem>
#include <optional>

#include "decoding/shortlist.h"
#include "decoding/translator.h"
#include "util/error.h"
#include "util/log.h"

namespace heed {
namespace {

// Batches translated between two looks at the output and the status line.
constexpr size_t kBatches = 16;

Lines translate_source(Translator& translator, const SourceText& source, size_t window) {
  std::optional<OutputFile> output;
  if (!source.output.empty()) output.emplace(source.output);
  Lines translations;
  for (size_t start = 0; start < source.lines.size(); start += window) {
    auto first = source.lines.begin() + static_cast<std::ptrdiff_t>(start);
    size_t count = std::min(window, source.lines.size() - start);
    Lines now(first, first + static_cast<std::ptrdiff_t>(count));
    for (const auto& best : translator.translate(now)) {
      translations.push_back(best[0].text);
      if (output) output->write(best[0].text + "\n");
    }
    if (stderr_is_terminal()) {
      show_status_line(fmt::format("translate | {} | {}/{} lines", source.path, translations.size(),
                                   source.lines.size()));
    }
  }
  show_status_line("");
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
    if (std::find(paths.begin(), paths.end(), path) != paths.end()) {
      fail_usage("--output {}: the translations of two sources would both be {}; rename one source",
                 output, path);
    }
    paths.push_back(path);
  }
  return paths;
}

std::vector<Lines> translate_sources(const TranslationFlags& flags,
                                     const std::vector<SourceText>& sources) {
  Placement placement = flags.compute.apply();
  LoadedModel loaded = load_models(flags.models.folders(), placement);
  DecodingConfig config = flags.decoding.over(loaded.bundle.config);
  SearchOptions options = search_options(config);
  options.lexicon = load_shortlist(flags.models.folders(), loaded.bundle, config, placement);
  Translator translator(loaded.bundle, loaded.model, options, config.batch_size,
                        flags.lines.read(flags.compute, placement));
  std::vector<Lines> translations;
  for (const SourceText& source : sources) {
    translator.begin_text(source.path);
    translations.push_back(
        translate_source(translator, source, kBatches * static_cast<size_t>(config.batch_size)));
  }
  translator.warn_of_limits();
  return translations;
}

}  // namespace heed
