#include "model/seq2seq.h"

#include <algorithm>

#include "model/recurrent.h"
#include "model/transformer.h"
#include "util/error.h"

namespace heed {
namespace {

Tensor ids_tensor(const IdMatrix& matrix, torch::Device device) {
  auto* data = const_cast<int64_t*>(matrix.ids.data());
  return torch::from_blob(data, {matrix.rows, matrix.columns}, torch::kInt64).clone().to(device);
}

Tensor lengths_tensor(const IdMatrix& matrix) {
  return torch::tensor(matrix.lengths, torch::kInt64);
}

bool has_padding(const IdMatrix& matrix) { return matrix.tokens() < matrix.rows * matrix.columns; }

// [rows, columns]: true on real positions.
Tensor real_positions(const IdMatrix& matrix) {
  return torch::arange(matrix.columns).unsqueeze(0) < lengths_tensor(matrix).unsqueeze(1);
}

}  // namespace

torch::TensorOptions Seq2Seq::options() const { return output_weight().options(); }

std::shared_ptr<Seq2Seq> make_model(const ModelShape& shape) {
  if (shape.config.architecture == "transformer") return std::make_shared<Transformer>(shape);
  return std::make_shared<Recurrent>(shape);
}

SourceTensors to_tensors(const IdMatrix& source, const torch::TensorOptions& options) {
  SourceTensors tensors{ids_tensor(source, options.device()), lengths_tensor(source), {}};
  if (has_padding(source)) {
    tensors.padding = torch::zeros({source.rows, 1, source.columns}, options.device(torch::kCPU))
                          .masked_fill_(~real_positions(source).unsqueeze(1),
                                        -std::numeric_limits<float>::infinity())
                          .to(options.device());
  }
  return tensors;
}

BatchTensors to_tensors(const Batch& batch, const torch::TensorOptions& options) {
  torch::Device device = options.device();
  BatchTensors tensors{to_tensors(batch.source, options),
                       ids_tensor(batch.target_input, device),
                       ids_tensor(batch.target_output, device).flatten(),
                       {},
                       batch.target_output.tokens(),
                       {}};
  if (has_padding(batch.target_output)) {
    tensors.target_positions =
        real_positions(batch.target_output).flatten().nonzero().squeeze(1).to(device);
    tensors.target_output = tensors.target_output.index_select(0, tensors.target_positions);
  }
  if (!batch.alignment.empty()) {
    tensors.alignment = torch::tensor(batch.alignment)
                            .view({batch.source.rows, -1, batch.source.columns})
                            .to(device);
  }
  return tensors;
}

std::string shape_text(at::IntArrayRef sizes) {
  return fmt::format("[{}]", fmt::join(sizes, ", "));
}

void check_shape(const char* name, const Tensor& tensor, std::initializer_list<int64_t> expected) {
  auto fits = [](int64_t size, int64_t wanted) { return wanted < 0 || size == wanted; };
  if (std::ranges::equal(tensor.sizes(), expected, fits)) return;
  fail("{}: expected {}, got {}", name, shape_text(expected), shape_text(tensor.sizes()));
}

}  // namespace heed
