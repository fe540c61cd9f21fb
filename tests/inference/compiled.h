// Tiny models compiled for translation, and searches in them.
#pragma once

#include <optional>
#include <vector>

#include "decoding/search.h"
#include "inference/compile.h"
#include "model/tiny_model.h"

namespace heed::tiny {

inline std::shared_ptr<const Inference> compiled(
    const Seq2Seq& model, std::optional<kernels::Packing> packing = kernels::Packing::kFloat32) {
  return compile(model, {torch::kCPU, torch::kFloat32, packing});
}

inline std::vector<std::vector<Hypothesis>> search(const Seq2Seq& model,
                                                   const std::vector<Sentence>& sources,
                                                   const SearchOptions& options) {
  return heed::search(*compiled(model), tiny::sources(sources), SpecialIds{}, options);
}

inline std::vector<Hypothesis> score_targets(const Seq2Seq& model,
                                             const std::vector<Sentence>& sources,
                                             const std::vector<Sentence>& targets,
                                             const SearchOptions& options) {
  return heed::score_targets(*compiled(model), views(sources), targets, SpecialIds{}, SpecialIds{},
                             options);
}

}  // namespace heed::tiny
