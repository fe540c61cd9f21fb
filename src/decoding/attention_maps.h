// What a model attends to, at every layer and head, as it reads a source and writes a target.
#pragma once

#include <vector>

#include "data/batch.h"
#include "decoding/inference.h"

namespace heed {

struct AttentionPair {
  std::vector<int32_t> source, target;  // piece ids, without begin and end symbols
};

// The maps of each pair, by teacher forcing in evaluation mode: cross-attention [T, S] of every
// layer and head, then the Transformer's self-attention, encoder [S, S] and decoder [T, T]. S and T
// count the end symbols.
std::vector<std::vector<AttentionMap>> attention_maps(const Inference& model,
                                                      const std::vector<AttentionPair>& pairs,
                                                      const SpecialIds& source_special,
                                                      const SpecialIds& target_special);

}  // namespace heed
