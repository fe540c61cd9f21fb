#include "decoding/attention_maps.h"

#include <algorithm>

namespace heed {

std::vector<std::vector<AttentionMap>> attention_maps(const Inference& model,
                                                      const std::vector<AttentionPair>& pairs,
                                                      const SpecialIds& source_special,
                                                      const SpecialIds& target_special) {
  std::vector<std::vector<AttentionMap>> all;
  // One pair at a time: no padding to cut away again, and the same maps whatever stands beside.
  for (const AttentionPair& pair : pairs) {
    Batch batch = make_batch({pair.source}, {pair.target}, source_special, target_special);
    for (AttentionMap& map : all.emplace_back(model.heads(batch))) {
      for (float& weight : map.weights) weight = std::clamp(weight, 0.0F, 1.0F);
    }
  }
  return all;
}

}  // namespace heed
