// A network as Marian writes it: tensors in an .npz file, and its options among them.
#pragma once

#include <ATen/core/Tensor.h>

#include <set>
#include <string>
#include <vector>

#include "exchange/marian_yaml.h"
#include "exchange/transformer_parts.h"
#include "util/zip_archive.h"

namespace heed {

class MarianWeights {
 public:
  explicit MarianWeights(ZipArchive archive) : archive_(std::move(archive)) {}

  const std::string& name() const { return archive_.name(); }  // of the file
  // The options of the network. Throws Error where they are missing or damaged.
  MarianOptions options();
  bool has(const std::string& tensor) const;

  // Tensors as float32, each taken once. Throw Error naming file and tensor where one is missing,
  // or has another shape than wanted.
  at::Tensor matrix(const std::string& tensor, int64_t rows, int64_t columns);
  at::Tensor vector(const std::string& tensor, int64_t size);
  // Of any number of rows.
  at::Tensor table(const std::string& tensor, int64_t columns);
  // x W + b, W [in, out]
  LinearWeights linear(const std::string& matrix, const std::string& bias, int64_t in, int64_t out);
  // Throws Error where a tensor is left that was not taken.
  void check_all_taken() const;

 private:
  at::Tensor take(const std::string& tensor);

  ZipArchive archive_;
  std::set<std::string> taken_;
};

}  // namespace heed
