// Updates of the weights. All parameters live in one flat tensor, so that an update, a norm or a
// cast is one operation.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "kernels/update.h"
#include "model/seq2seq.h"
#include "util/workers.h"

namespace heed {

struct Update {
  double gradient_norm;  // of the token-averaged loss, before clipping
  bool finite;           // false: nothing was changed
};

// Adam (Kingma and Ba, 2015), AdamW (Loshchilov and Hutter, 2019) or SGD with momentum on float32
// master weights. The models compute in `type`; with bfloat16 their parameters are copies of the
// masters (Micikevicius et al., 2018).
class Optimizer {
 public:
  // Moves the models' parameters and gradients into flat storage of number type `type`: one set of
  // parameters, the first model's, shared by all, and gradients for each. An update is shared among
  // `workers`, which must live as long.
  Optimizer(const std::vector<Seq2Seq*>& models, const TrainingConfig& config,
            torch::ScalarType type, Workers& workers);

  // Adds the models' gradients, in their order, to the sum and clears them.
  void accumulate();
  // Forgets the summed gradients.
  void discard();
  // Updates by the summed gradients divided by `tokens`, clipped to clip_norm.
  Update step(double learning_rate, double tokens);

  // Tensors by name, for a checkpoint, and back.
  std::map<std::string, Tensor> state() const;
  void load_state(const std::map<std::string, Tensor>& state);
  // Float32 weights by parameter name: the moving average where there is one, else the masters.
  std::map<std::string, Tensor> weights() const;
  // The current weights from a checkpoint's weights where there is no moving average.
  void load_weights(const std::map<std::string, Tensor>& weights);

  // While it lives, the model has the moving average's weights, where there is one.
  class WithAverage {
   public:
    explicit WithAverage(Optimizer& optimizer);
    ~WithAverage();
    WithAverage(const WithAverage&) = delete;

   private:
    Optimizer& optimizer_;
  };

  int64_t parameter_count() const { return count_; }

 private:
  struct Slot {
    std::string name;
    Tensor parameter;
    int64_t offset;
  };
  // Elements of the flat tensors.
  struct Range {
    int64_t begin, end;
    Tensor of(const Tensor& flat) const;  // undefined where `flat` is
  };
  void lay_out(Seq2Seq& model);
  void share(Seq2Seq& model, const Tensor& gradient) const;
  // Runs `work` on each worker's share of the elements and adds up what it returns.
  double on_ranges(const std::function<double(Range)>& work);
  void update_group(Range range, double learning_rate, double weight_decay, double scale);
  void update_sgd(Range range, double learning_rate, double weight_decay, double scale);
  void copy_to_model(const Tensor& flat);
  // average_ or master_: what the model computes with while WithAverage lives, and after it.
  void show_to_model(const Tensor& flat);
  Tensor slice(const Tensor& flat, const Slot& slot) const;

  TrainingConfig config_;
  torch::ScalarType type_;
  Workers& workers_;
  std::vector<Slot> slots_;
  int64_t size_ = 0, matrices_ = 0, count_ = 0;  // matrices first: weight decay is for them alone
  Tensor compute_;                 // [size] of type_: the model's parameters are views of it
  std::vector<Tensor> gradients_;  // [size] of type_, one a model: so are their gradients
  Tensor master_;                  // [size] float32; compute_ itself where that is float32
  Tensor sum_;                     // [size] float32: gradients since the last update
  double squared_norm_ = 0;        // of sum_
  Tensor first_, second_;          // [size] float32: Adam's moments; first_ is SGD's momentum
  Tensor average_;  // [size] float32: moving average, undefined where average_decay is 0
  Tensor steps_;    // updates so far, as a float32 scalar
};

}  // namespace heed
