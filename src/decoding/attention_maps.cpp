#include "decoding/attention_maps.h"

#include <algorithm>

namespace heed {
namespace {

AttentionKind kind_of(AttentionSite site) {
  switch (site) {
    case AttentionSite::kEncoderSelf:
      return AttentionKind::kEncoderSelf;
    case AttentionSite::kDecoderSelf:
      return AttentionKind::kDecoderSelf;
    default:
      return AttentionKind::kCross;
  }
}

}  // namespace

std::vector<std::vector<AttentionMap>> attention_maps(const Inference& model,
                                                      const std::vector<AttentionPair>& pairs,
                                                      const SpecialIds& source_special,
                                                      const SpecialIds& target_special) {
  std::vector<std::vector<AttentionMap>> all;
  // One pair at a time: no padding to cut away again, and the same maps whatever stands beside.
  for (const AttentionPair& pair : pairs) {
    Batch batch = make_batch({pair.source}, {pair.target}, source_special, target_special);
    std::vector<AttentionMap>& maps = all.emplace_back();
    for (HeadAttention& head : model.heads(batch)) {
      std::vector<float> weights = std::move(head.weights.values);
      for (float& weight : weights) weight = std::clamp(weight, 0.0F, 1.0F);
      maps.push_back({kind_of(head.site), head.layer, head.head, std::move(weights)});
    }
  }
  return all;
}

}  // namespace heed
