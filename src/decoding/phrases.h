// Lexical constraints: phrases that a translation must hold (Hokamp and Liu 2017), kept alive by
// dynamic beam allocation (Post and Vilar 2018).
#pragma once

#include <vector>

#include "decoding/beam.h"

namespace heed {

using Phrases = std::vector<std::vector<int32_t>>;

// How far a hypothesis has come.
struct PhraseProgress {
  int64_t pieces = 0;         // of the phrases it holds, and of the one it has begun: its bank
  bool complete = true;       // it holds all of them
  std::vector<int32_t> next;  // for each one missing, the piece that would begin it or go on
};

// A phrase is held where its pieces follow each other anywhere in `ids`; begun where `ids` end in
// its first pieces, as many of them as fit.
PhraseProgress phrase_progress(const Phrases& phrases, const std::vector<int32_t>& ids);

// Post and Vilar's banks: candidates (best first) in a new order that takes the best of each bank
// in turn, the fullest bank first. Any first K of them then share the beam as evenly as the banks
// allow, and what one bank has too few for goes to the others. `banks`: one for each candidate.
void share_among_banks(std::vector<Candidate>& candidates, const std::vector<int64_t>& banks);

}  // namespace heed
