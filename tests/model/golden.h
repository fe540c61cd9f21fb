// The golden files of scripts/make_model_golden.py as tensors, and what compares with them.
#pragma once

#include <gtest/gtest.h>
#include "kernels/torch.h"

#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "util/file_content.h"

namespace heed::golden {

using Json = nlohmann::json;

inline Json load(const std::string& name) {
  return Json::parse(read_file(std::string(HEED_SOURCE_DIR) + "/tests/model/golden/" + name));
}

// {"shape": [2, 3], "values": [...]}; infinities are the words "inf" and "-inf".
inline torch::Tensor tensor(const Json& packed) {
  auto shape = packed.at("shape").get<std::vector<int64_t>>();
  std::vector<float> values;
  for (const Json& value : packed.at("values")) {
    float infinity = std::numeric_limits<float>::infinity();
    values.push_back(value.is_string() ? (value == "-inf" ? -infinity : infinity)
                                       : value.get<float>());
  }
  return torch::tensor(values).view(shape);
}

inline torch::Tensor ids(const Json& packed) { return tensor(packed).to(torch::kInt64); }

inline std::vector<torch::Tensor> tensors(const Json& list) {
  std::vector<torch::Tensor> all;
  for (const Json& packed : list) all.push_back(tensor(packed));
  return all;
}

// Every parameter of the module must be in the file, and every one of the file in the module.
inline void set_parameters(torch::nn::Module& module, const Json& values) {
  torch::NoGradGuard no_gradient;
  size_t used = 0;
  for (auto& item : module.named_parameters()) {
    ASSERT_TRUE(values.contains(item.key())) << item.key();
    torch::Tensor value = tensor(values.at(item.key()));
    ASSERT_EQ(value.sizes(), item.value().sizes()) << item.key();
    item.value().copy_(value);
    ++used;
  }
  ASSERT_EQ(used, values.size());
}

inline double largest_difference(const torch::Tensor& a, const torch::Tensor& b) {
  if (a.numel() == 0) return 0;
  return (a.to(torch::kFloat64) - b.to(torch::kFloat64)).abs().max().item<double>();
}

// Same shape, and no element further apart than `tolerance` (NaN never passes).
inline void expect_close(const torch::Tensor& actual, const torch::Tensor& expected,
                         double tolerance = 1e-5) {
  ASSERT_EQ(actual.sizes(), expected.sizes());
  EXPECT_LE(largest_difference(actual, expected), tolerance);
}

}  // namespace heed::golden
