#include "model/parts.h"

#include <algorithm>

namespace heed {

std::string_view part_of(std::string_view parameter) {
  auto within = [&](std::string_view scope) { return parameter.starts_with(scope); };
  if (within("vocabulary.output_")) return "output";
  if (within("vocabulary.") || within("source_embedding.") || within("target_embedding.")) {
    return "embeddings";
  }
  if (within("encoder")) return "encoder";
  bool attends = parameter.find(".cross_attention.") != std::string_view::npos;
  return attends || within("decoder.attention.") ? "attention" : "decoder";
}

bool is_in(std::string_view parameter, const std::vector<std::string>& parts) {
  return std::ranges::count(parts, part_of(parameter)) > 0;
}

}  // namespace heed
