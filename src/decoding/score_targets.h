// log P(y|x) of translations that are given, by the very steps that search takes.
#pragma once

#include <vector>

#include "decoding/search.h"

namespace heed {

// `targets` without the end symbol, which counts in the result. One a sentence of `source`.
std::vector<Hypothesis> score_targets(Seq2Seq& model, const IdMatrix& source,
                                      const std::vector<std::vector<int32_t>>& targets,
                                      const SpecialIds& special, const SearchOptions& options);

}  // namespace heed
