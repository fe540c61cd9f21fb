#include "decoding/attention_maps.h"

#include "kernels/torch.h"

namespace heed {
namespace {

// The maps of one layer, weights [A, rows, columns].
void add_maps(std::vector<AttentionMap>& maps, AttentionKind kind, int layer,
              const Tensor& weights) {
  Tensor clamped = weights.to(torch::kFloat32).clamp(0, 1).contiguous();
  for (int64_t head = 0; head < clamped.size(0); ++head) {
    Tensor one = clamped[head];
    const float* data = one.const_data_ptr<float>();
    maps.push_back({kind, layer, static_cast<int>(head) + 1, {data, data + one.numel()}});
  }
}

}  // namespace

std::vector<std::vector<AttentionMap>> attention_maps(Seq2Seq& model,
                                                      const std::vector<AttentionPair>& pairs,
                                                      const SpecialIds& source_special,
                                                      const SpecialIds& target_special) {
  torch::NoGradGuard no_gradient;
  model.eval();
  std::vector<std::vector<AttentionMap>> all;
  // One pair at a time: no padding to cut away again, and the same maps whatever stands beside.
  for (const AttentionPair& pair : pairs) {
    Batch batch = make_batch({pair.source}, {pair.target}, source_special, target_special);
    AttentionTrace trace;
    trace.keep_cross = trace.keep_self = true;
    model.forward(to_tensors(batch, model), trace);
    std::vector<AttentionMap> maps;
    auto add_layers = [&](AttentionKind kind, const std::vector<Tensor>& layers) {
      for (size_t i = 0; i < layers.size(); ++i) {
        add_maps(maps, kind, static_cast<int>(i) + 1, layers[i][0]);
      }
    };
    add_layers(AttentionKind::kCross, trace.cross);
    add_layers(AttentionKind::kEncoderSelf, trace.encoder_self);
    add_layers(AttentionKind::kDecoderSelf, trace.decoder_self);
    all.push_back(std::move(maps));
  }
  return all;
}

}  // namespace heed
