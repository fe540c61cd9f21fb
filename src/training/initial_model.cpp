#include "training/initial_model.h"

#include <filesystem>
#include <map>

#include "data/inherited_config.h"
#include "model/parts.h"
#include "model/weights.h"
#include "util/error.h"
#include "util/log.h"
#include "util/text.h"

namespace heed {
namespace {

// "encoder 1,200, embeddings 800": how many parameters of each part, in kParts' order.
std::string counts_text(const std::map<std::string_view, int64_t>& counts) {
  std::vector<std::string> texts;
  for (std::string_view part : kParts) {
    auto found = counts.find(part);
    if (found == counts.end()) continue;
    texts.push_back(fmt::format("{} {}", part, with_commas(found->second)));
  }
  return texts.empty() ? "nothing" : join(texts, ", ");
}

std::string vocabulary_text(const Tokenizers& tokenizers) {
  VocabularySizes sizes = sizes_of(tokenizers);
  return fmt::format("{} and {} pieces, checksum {}", sizes.source, sizes.target,
                     tokenizers.checksum());
}

}  // namespace

std::optional<InitialModel> InitialModel::find(const Config& config) {
  const std::string& path = config.training.initial_model;
  if (path.empty()) return std::nullopt;
  try {
    return InitialModel(config, find_model(path));
  } catch (const UsageError&) {
    throw;
  } catch (const Error& error) {
    fail("[training] initial_model: {}", error.what());
  }
}

InitialModel::InitialModel(const Config& config, ModelFolder folder)
    : config_(config), folder_(std::move(folder)), own_(folder_.read_config()) {
  std::error_code ignored;
  if (std::filesystem::equivalent(folder_.path, config.output.folder, ignored)) {
    refuse("the training would write over it; choose another output.folder");
  }
  std::vector<std::string> differ = model_differences(config, own_);
  if (!differ.empty() && config.training.initial_parts.empty()) {
    refuse(fmt::format(
        "it has {}; leave these keys out to take its own, or name the parts that fit in "
        "training.initial_parts",
        join(differ, "; ")));
  }
}

void InitialModel::refuse(const std::string& why) const {
  fail_usage("[training] initial_model = {}: {}", config_.training.initial_model, why);
}

Tokenizers InitialModel::tokenizers() const {
  Tokenizers own = folder_.load_tokenizers();
  const TokenizerConfig& given = config_.tokenizer;
  if (!given.model.empty() || !given.source_model.empty()) {
    Tokenizers others = named_tokenizers(given);
    if (others.checksum() == own.checksum()) return own;
    refuse(fmt::format(
        "its vocabulary ({}) is not the one that [tokenizer] names ({}); leave that out to take "
        "the model's",
        vocabulary_text(own), vocabulary_text(others)));
  }
  std::vector<std::string> differ = vocabulary_differences(config_, own_);
  if (!differ.empty()) {
    refuse(fmt::format("its vocabulary was made with {}; leave these keys out to take it",
                       join(differ, "; ")));
  }
  return own;
}

bool InitialModel::taken(std::string_view parameter) const {
  const auto& parts = config_.training.initial_parts;
  return parts.empty() || is_in(parameter, parts);
}

void InitialModel::check_shape(const std::string& name, const std::string& here,
                               const std::string& there) const {
  if (here == there) return;
  std::vector<std::string> differ = model_differences(config_, own_);
  refuse(fmt::format("{}: tensor {} is {} in it and {} in this training{}", part_of(name), name,
                     there, here, differ.empty() ? "" : "; it has " + join(differ, "; ")));
}

void InitialModel::load_into(Parameters& parameters) const {
  TensorReader file = open_weights(folder_, origin_of(own_.model, folder_.load_tokenizers()));
  WeightMap weights = parameters.weights();
  std::map<std::string_view, int64_t> from_it, drawn;
  for (auto& [name, tensor] : weights) {
    (taken(name) ? from_it : drawn)[part_of(name)] += tensor.numel();
    if (!taken(name)) continue;
    auto entry = file.entries().find(name);
    check_shape(name, shape_text(tensor.sizes()),
                entry == file.entries().end() ? "missing" : shape_text(entry->second.sizes));
    tensor = file.read(name).to(torch::kFloat32);
  }
  for (const auto& [name, entry] : file.entries()) {
    if (taken(name) && !weights.contains(name)) {
      check_shape(name, "missing", shape_text(entry.sizes));
    }
  }
  file.verify();
  parameters.load_weights(weights);
  log_info("initial model: {}: {}; drawn anew: {}", file.path(), counts_text(from_it),
           counts_text(drawn));
}

}  // namespace heed
