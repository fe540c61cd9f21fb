#include "inference/output_layer.h"

#include "kernels/torch.h"

#include "kernels/top_k.h"

namespace heed {
namespace {

BestPieces normalised(kernels::RowBest best, const PieceColumns& columns) {
  const auto* ids = best.ids.const_data_ptr<int32_t>();
  BestPieces pieces{.count = best.ids.size(1),
                    .ids = {ids, ids + best.ids.numel()},
                    .log_probabilities = to_floats(best.logits.sub_(best.log_sum_exp.unsqueeze(1))),
                    .asked = to_floats(best.asked.sub_(best.log_sum_exp))};
  columns.to_pieces(pieces.ids);
  return pieces;
}

}  // namespace

OutputLayer::OutputLayer(Tensor weight, Tensor bias)
    : weight_(std::move(weight)), bias_(std::move(bias)) {
  check_shape("output bias", bias_, {weight_.size(0)});
}

OutputLayer::OutputLayer(const Tensor& weight, const Tensor& bias, kernels::Packing packing)
    : packed_(kernels::pack(weight, bias, packing)) {}

OutputLayer OutputLayer::select(const std::vector<int32_t>& pieces) const {
  OutputLayer selected = *this;
  if (pieces.empty()) return selected;
  selected.columns_ = PieceColumns(pieces);
  if (packed_) {
    selected.packed_ = packed_->select(pieces);
  } else {
    Tensor index = torch::tensor(pieces, torch::kInt64).to(weight_.device());
    selected.weight_ = weight_.index_select(0, index);
    selected.bias_ = bias_.index_select(0, index);
  }
  return selected;
}

Tensor OutputLayer::logits(const Tensor& states) const {
  return packed_ ? (*packed_)(states) : torch::linear(states, weight_, bias_);
}

BestPieces OutputLayer::best(const Tensor& states, const BestQuery& query) const {
  if (!packed_) return best_of(logits(states), columns_, query);
  return normalised(
      kernels::best_of_products(*packed_, states, query.count, columns_.columns_of(query.barred),
                                columns_.column_of(query.asked)),
      columns_);
}

Tensor OutputLayer::log_probabilities(const Tensor& states) const {
  return torch::log_softmax(logits(states).to(torch::kFloat32), -1);
}

Tensor OutputLayer::log_probabilities_of(const Tensor& states, const Tensor& targets) const {
  if (packed_) return kernels::log_probabilities_of_products(*packed_, states, targets);
  return log_probabilities(states).gather(1, targets.unsqueeze(1)).squeeze(1).cpu();
}

BestPieces best_of(const Tensor& logits, const PieceColumns& columns, const BestQuery& query) {
  return normalised(kernels::best_of_rows(logits, query.count, columns.columns_of(query.barred),
                                          columns.column_of(query.asked)),
                    columns);
}

std::vector<float> to_floats(const Tensor& x) {
  Tensor plain = x.to(torch::kFloat32).cpu().contiguous();
  const auto* data = plain.const_data_ptr<float>();
  return {data, data + plain.numel()};
}

FloatMatrix to_matrix(const Tensor& x) { return {x.size(0), x.size(1), to_floats(x)}; }

}  // namespace heed
