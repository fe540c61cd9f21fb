// log P of given translations of lines, by teacher forcing.
#pragma once

#include <string>
#include <vector>

#include "decoding/stream.h"
#include "util/progress.h"

namespace heed {

// Of the search's options the length penalty, the coverage penalty and max_length_ratio count. A
// blank source becomes just the end symbol. Targets longer than the longest possible translation
// are cut. Without pieces or attention in the result.
std::vector<Translation> score_lines(const LoadedModel& model, const EngineOptions& options,
                                     const std::vector<std::string>& sources,
                                     const std::vector<std::string>& targets, NoteLog& notes);

// A pair to score. Where all its pieces are of the model's vocabulary and spell the target, it is
// scored by these, with or without the end symbol: the text may be split into others. Pieces of the
// vocabulary that spell another text, or hold control symbols, are noted.
struct GivenPair {
  std::string source, target;
  std::vector<std::string> target_pieces = {};
};
// `first_line` is the number of the first pair in what `notes` names, from 1; `progress` hears of
// pairs.
std::vector<Translation> score_pairs(const LoadedModel& model, const EngineOptions& options,
                                     const std::vector<GivenPair>& pairs, int64_t first_line,
                                     NoteLog& notes, Progress* progress = nullptr);

}  // namespace heed
