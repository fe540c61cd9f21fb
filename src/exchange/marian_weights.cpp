#include "exchange/marian_weights.h"

#include "kernels/torch.h"

#include "exchange/npy_array.h"
#include "model/seq2seq.h"
#include "util/error.h"

namespace heed {
namespace {

constexpr const char* kOptions = "special:model.yml";

std::string member(const std::string& tensor) { return tensor + ".npy"; }

}  // namespace

bool MarianWeights::has(const std::string& tensor) const { return archive_.has(member(tensor)); }

at::Tensor MarianWeights::take(const std::string& tensor) {
  if (!has(tensor)) fail("{}: no tensor {}", name(), tensor);
  taken_.insert(member(tensor));
  return parse_npy(archive_.read(member(tensor)), name() + ", " + tensor);
}

MarianOptions MarianWeights::options() {
  at::Tensor bytes = take(kOptions);
  if (bytes.scalar_type() != torch::kInt8) fail("{}: {} is no text", name(), kOptions);
  std::string text(static_cast<const char*>(bytes.const_data_ptr()), bytes.nbytes());
  return MarianOptions(text.substr(0, text.find('\0')), name() + ", " + kOptions);
}

at::Tensor MarianWeights::matrix(const std::string& tensor, int64_t rows, int64_t columns) {
  at::Tensor found = take(tensor);
  if (!found.is_floating_point()) fail("{}: {} holds integers: a quantised model?", name(), tensor);
  if (found.dim() != 2 || found.size(0) != rows || found.size(1) != columns) {
    fail("{}: {} has shape {}, its options and vocabularies want [{}, {}]", name(), tensor,
         shape_text(found.sizes()), rows, columns);
  }
  return found.to(torch::kFloat32);
}

at::Tensor MarianWeights::vector(const std::string& tensor, int64_t size) {
  return matrix(tensor, 1, size)[0];
}

at::Tensor MarianWeights::table(const std::string& tensor, int64_t columns) {
  at::Tensor found = take(tensor);
  if (found.dim() != 2 || found.size(0) == 0) {
    fail("{}: {} has shape {}: no table", name(), tensor, shape_text(found.sizes()));
  }
  return matrix(tensor, found.size(0), columns);
}

LinearWeights MarianWeights::linear(const std::string& matrix_name, const std::string& bias,
                                    int64_t in, int64_t out) {
  return {matrix(matrix_name, in, out).t().contiguous(), vector(bias, out)};
}

void MarianWeights::check_all_taken() const {
  for (const auto& [tensor, entry] : archive_.members()) {
    if (!taken_.contains(tensor)) {
      fail("{}: {} has no place in heed's Transformer", name(),
           tensor.substr(0, tensor.rfind(".npy")));
    }
  }
}

}  // namespace heed
