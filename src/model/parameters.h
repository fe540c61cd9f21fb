// The parameters of a model in flat tensors, so that an update, a norm or a cast is one operation.
// They are owned here; replicas of the model and the optimizer borrow them. Frozen ones come last
// and have no gradients: what changes, the letter N of the shapes below, are the first ones.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "model/gradient_watch.h"
#include "model/seq2seq.h"
#include "util/workers.h"

namespace heed {

using WeightMap = std::map<std::string, Tensor>;  // by parameter name

struct ParameterOptions {
  // Models compute in it. With bfloat16 they have copies of float32 masters (Micikevicius et al.,
  // 2018).
  torch::ScalarType type = torch::kFloat32;
  double average_decay = 0;              // of the moving average of the weights; 0: there is none
  std::vector<std::string> frozen = {};  // parts that do not change; see model/parts.h
};

class Parameters {
 public:
  // Copies the weights of `model`.
  Parameters(const Seq2Seq& model, const ParameterOptions& options);
  Parameters(const Parameters&) = delete;

  // Lets a model of the same architecture compute with these weights from now on. Its parameters
  // become views of them, its gradients views of a flat tensor of its own.
  void share(Seq2Seq& replica);

  // Adds the replicas' gradients to the sum, clears them and measures the sum. Neither depends to
  // the last bit on how many workers there are.
  void accumulate(Workers& workers) { add_up(workers, gradients_); }
  // The same for some elements, which are not measured. Other elements may still be computed.
  void accumulate_part(int64_t begin, int64_t end);
  // Lets `watch` see the gradients of all replicas.
  void watch(GradientWatch& watch) const;
  // Measures the sum anew, after others have changed it.
  void measure(Workers& workers) { add_up(workers, {}); }
  // Forgets the summed gradients.
  void discard();
  double squared_norm() const { return squared_norm_; }  // of the sum

  // Float32: the moving average where there is one, else the masters.
  WeightMap weights() const;
  // From a checkpoint; masters and average begin with the same. Throws Error naming a weight that
  // is not there or has another shape.
  void load_weights(const WeightMap& weights);

  // While it lives, the replicas compute with other weights.
  class WithWeights {
   public:
    WithWeights(Parameters& parameters, const WeightMap& weights);
    ~WithWeights();
    WithWeights(const WithWeights&) = delete;

   private:
    Parameters& parameters_;
    Tensor before_;
  };

  int64_t count() const { return count_; }
  int64_t frozen_count() const { return frozen_count_; }

  // For the optimizer. Elements of the flat tensors:
  struct Range {
    int64_t begin, end;
    Tensor of(const Tensor& flat) const;  // undefined where `flat` is
  };
  // Runs `work` on each worker's share of the elements. It updates the masters and their copies by
  // the gradients and clears these; the average follows.
  void update(Workers& workers, const std::function<void(Range)>& work);
  const Tensor& masters() const { return master_; }  // [size] float32
  const Tensor& gradients() const { return sum_; }   // [N] float32: since the last update
  // [size] of the models' type: to be kept equal to the masters. Undefined where models compute
  // with the masters themselves.
  Tensor copies() const { return compute_.is_same(master_) ? Tensor() : compute_; }
  int64_t matrices() const { return matrices_; }  // elements of matrices, which come first
  bool averaged() const { return average_.defined(); }

 private:
  struct Slot {
    std::string name;
    std::vector<int64_t> sizes;
    int64_t offset, count;
    bool frozen;
    Tensor of(const Tensor& flat) const;
  };
  void lay_out(const Seq2Seq& model, const std::vector<std::string>& frozen);
  void add_up(Workers& workers, const std::vector<Tensor>& gradients);
  // Each worker's share, at borders of `unit` elements; empty ones are left out.
  void on_ranges(Workers& workers, int64_t unit, const std::function<void(Range)>& work) const;
  const Tensor& kept() const { return average_.defined() ? average_ : master_; }

  double average_decay_;
  std::vector<Slot> slots_;
  int64_t size_ = 0, matrices_ = 0, trained_ = 0;  // trained_ is N
  int64_t count_ = 0, frozen_count_ = 0;
  Tensor master_;
  Tensor compute_;                           // the models' parameters are views of it
  std::vector<Tensor> gradients_;            // [N] of the models' type, one for each model
  std::vector<std::vector<Tensor>> shared_;  // parameters of each model, in the order of slots_
  Tensor sum_;
  double squared_norm_ = 0;
  Tensor average_;  // [size] float32
};

}  // namespace heed
