// A Seq2Seq of one matrix and one vector: enough for what knows only parameters.
#pragma once

#include "kernels/torch.h"

#include <vector>

#include "config/options.h"
#include "model/optimizer.h"
#include "util/error.h"
#include "util/workers.h"

namespace heed {

class SmallModel : public Seq2Seq {
 public:
  explicit SmallModel(std::vector<float> matrix = {1, -2, 3, 0.5},
                      std::vector<float> vector = {0.25, -1})
      : Seq2Seq({default_config().model, {2, 2}, 20}),
        matrix(register_parameter("matrix", torch::tensor(matrix).view({2, 2}))),
        vector(register_parameter("vector", torch::tensor(vector))) {}

  Tensor forward(const BatchTensors&, AttentionTrace&) const override { fail("no forward"); }
  Tensor output_weight() const override { return matrix; }
  Tensor output_bias() const override { return vector; }

  // The matrix's values, then the vector's.
  std::vector<double> values() const {
    Tensor all = torch::cat({matrix.detach().flatten(), vector.detach()}).to(torch::kFloat64);
    return {all.const_data_ptr<double>(), all.const_data_ptr<double>() + all.numel()};
  }
  // As backward would: adds to the gradients.
  void add_gradient(const std::vector<double>& values) {
    torch::NoGradGuard no_gradient;
    Tensor all = torch::tensor(values).to(matrix.scalar_type());
    matrix.mutable_grad().add_(all.slice(0, 0, 4).view({2, 2}));
    vector.mutable_grad().add_(all.slice(0, 4));
  }

  Tensor matrix, vector;
};

inline Workers& one_worker() {
  static Workers one(1);
  return one;
}

// A model whose weights an optimizer updates.
struct SmallTraining {
  explicit SmallTraining(const TrainingConfig& config, torch::ScalarType type = torch::kFloat32,
                         SmallModel fresh = SmallModel())
      : model(std::move(fresh)),
        parameters(model, {type, config.average_decay}),
        optimizer(parameters, config, one_worker()) {
    parameters.share(model);
  }
  Update step(const std::vector<double>& gradient, double rate = 0.1, double tokens = 1) {
    model.add_gradient(gradient);
    parameters.accumulate(one_worker());
    return optimizer.step(rate, tokens);
  }
  // As from a checkpoint.
  void load(const SmallTraining& other) {
    parameters.load_weights(other.parameters.weights());
    optimizer.load_state(other.optimizer.state());
  }
  std::vector<double> values() const { return model.values(); }
  Tensor weight(const char* name) const { return parameters.weights().at(name); }

  SmallModel model;
  Parameters parameters;
  Optimizer optimizer;
};

}  // namespace heed
