// A block of pairs as ids, before they are put together to a corpus; and as bytes, for other
// processes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "alignment/link.h"
#include "alignment/words.h"
#include "data/round_trip.h"
#include "util/line_reader.h"

namespace heed {

enum class Fate : uint8_t { kKept, kBlank, kTooLong, kRatio };

struct EncodedPair {
  Fate fate;
  std::vector<int32_t> source, target;
  // Where alignments are given: links between words, and the word of each piece.
  std::vector<Link> links;
  PieceWords source_words, target_words;
};

struct EncodedBlock {
  std::vector<EncodedPair> pairs;
  Repairs source_repairs, target_repairs;
  RoundTrip round_trip;
};

// For a process of the same build on a machine with the same order of bytes.
std::string to_bytes(const std::vector<EncodedBlock>& blocks);
// Throws Error where `bytes` are not what to_bytes() has made.
std::vector<EncodedBlock> blocks_from(std::string_view bytes);

}  // namespace heed
