#include "inference/model_inference.h"

#include "kernels/torch.h"

#include "model/device.h"

namespace heed {
namespace {

Tensor index_tensor(const std::vector<int64_t>& index, torch::Device device) {
  return torch::tensor(index, torch::kInt64).to(device);
}

// The heads of each layer, [1, A, rows, columns].
void add_heads(AttentionKind kind, const std::vector<Tensor>& layers,
               std::vector<AttentionMap>& all) {
  for (size_t i = 0; i < layers.size(); ++i) {
    for (int64_t head = 0; head < layers[i].size(1); ++head) {
      all.push_back({.kind = kind,
                     .layer = static_cast<int>(i) + 1,
                     .head = static_cast<int>(head) + 1,
                     .weights = to_floats(layers[i][0][head])});
    }
  }
}

}  // namespace

Tensor mean_attention(const std::vector<Tensor>& layers) {
  Tensor sum;
  for (const Tensor& layer : layers) {
    Tensor mean = layer.mean(1);
    sum = sum.defined() ? sum + mean : mean;
  }
  return sum / static_cast<double>(layers.size());
}

void ModelDecoding::take(const std::vector<int64_t>& last) {
  c10::InferenceMode no_gradient;
  states_ = step(index_tensor(last, device()), wants_attention_ ? &attention_ : nullptr);
}

BestPieces ModelDecoding::best(const BestQuery& query) const {
  c10::InferenceMode no_gradient;
  return output_.best(states_, query);
}

FloatMatrix ModelDecoding::log_probabilities() const {
  c10::InferenceMode no_gradient;
  return to_matrix(output_.log_probabilities(states_));
}

FloatMatrix ModelDecoding::attention() const {
  c10::InferenceMode no_gradient;
  return to_matrix(attention_.flatten(0, 1));
}

void ModelDecoding::keep(const std::vector<int64_t>& rows, const std::vector<int64_t>* sentences) {
  c10::InferenceMode no_gradient;
  keep(index_tensor(rows, device()),
       sentences == nullptr ? Tensor() : index_tensor(*sentences, device()));
}

ForcedTargets ModelInference::force(const Batch& batch, bool attention) const {
  c10::InferenceMode no_gradient;
  BatchTensors tensors = to_tensors(batch, options());
  AttentionTrace trace;
  trace.keep_cross = attention;
  Tensor states = model_.forward(tensors, trace).flatten(0, 1);
  if (tensors.target_positions.defined()) {
    states = states.index_select(0, tensors.target_positions);
  }
  ForcedTargets forced;
  forced.log_probabilities = to_floats(output_.log_probabilities_of(states, tensors.target_output));
  if (!attention) return forced;
  for (const Tensor& sentence : mean_attention(trace.cross).unbind(0))
    forced.attention.push_back(to_matrix(sentence));
  return forced;
}

std::vector<AttentionMap> ModelInference::heads(const Batch& pair) const {
  c10::InferenceMode no_gradient;
  AttentionTrace trace;
  trace.keep_cross = trace.keep_self = true;
  model_.forward(to_tensors(pair, options()), trace);
  std::vector<AttentionMap> all;
  add_heads(AttentionKind::kCross, trace.cross, all);
  add_heads(AttentionKind::kEncoderSelf, trace.encoder_self, all);
  add_heads(AttentionKind::kDecoderSelf, trace.decoder_self, all);
  return all;
}

void ModelInference::enter_worker() const {
  if (placement_.device.is_cpu()) set_worker_threads(1);
}

}  // namespace heed
