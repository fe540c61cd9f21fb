// The edits of translation edit rate (Snover et al. 2006): insertions, deletions, substitutions and
// shifts of blocks, found greedily as Tercom does, with sacreBLEU's limits and beam.
#pragma once

#include <cstdint>
#include <span>

namespace heed {

// Edits that turn `hypothesis` into `reference`; words are numbers, equal where the words are.
int64_t translation_edits(std::span<const uint32_t> hypothesis,
                          std::span<const uint32_t> reference);

}  // namespace heed
