// log P of given translations of lines, by teacher forcing.
#pragma once

#include <string>
#include <vector>

#include "decoding/stream.h"

namespace heed {

// Of the search's options the length penalty, the coverage penalty and max_length_ratio count. A
// blank source becomes just the end symbol. Targets longer than the longest possible translation
// are cut. Without pieces or attention in the result.
std::vector<Translation> score_lines(const LoadedModel& model, const EngineOptions& options,
                                     const std::vector<std::string>& sources,
                                     const std::vector<std::string>& targets, NoteLog& notes);

}  // namespace heed
