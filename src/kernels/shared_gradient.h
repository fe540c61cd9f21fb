// Gradients of what every step of a loop uses, made in one go.
//
// A weight that T steps multiply with would get its gradient in T products of B rows, each added to
// the last. Here the steps take an alias of it and only note down what the gradient is made of; the
// alias's own backward function, which autograd runs after all of theirs, makes one product of B *
// T rows. Without steps to share among nothing changes but that.
#pragma once

#include <ATen/core/Tensor.h>
#include <ATen/core/ivalue.h>

#include <functional>
#include <unordered_map>
#include <vector>

namespace heed::kernels {

using Tensors = std::vector<at::Tensor>;

// What the uses of a shared value leave behind in the backward pass: one list of tensors each.
class Notes : public torch::CustomClassHolder {
 public:
  // From all notes to the gradients of the shared tensors.
  using Finish = std::function<Tensors(const std::vector<Tensors>& notes)>;
  explicit Notes(Finish finish) : finish_(std::move(finish)) {}
  void add(Tensors note) { notes_.push_back(std::move(note)); }
  Tensors finish();

  // As an autograd function's context keeps it, and back.
  static c10::IValue pack(const c10::intrusive_ptr<Notes>& notes);
  static c10::intrusive_ptr<Notes> unpack(const c10::IValue& packed);

 private:
  Finish finish_;
  std::vector<Tensors> notes_;
};

// One part of all notes as one tensor, one after the other along `dimension`.
at::Tensor joined(const std::vector<Tensors>& notes, size_t part, int64_t dimension);

// Aliases of some tensors and the notes of who used them. Users are autograd functions: they take
// `tensors` among their inputs, in backward add one note and return no gradient for them.
struct Shared {
  Tensors tensors;
  c10::intrusive_ptr<Notes> notes;
};

// While one lives, its thread's uses of the same tensors share: one lives as long as a loop's
// forward pass.
class SharedGradients {
 public:
  SharedGradients();
  ~SharedGradients();
  SharedGradients(const SharedGradients&) = delete;
  SharedGradients& operator=(const SharedGradients&) = delete;

  // Whether one lives and gradients are wanted.
  static bool active();
  // Aliases of `tensors`, those of the call before where the first of them is the same tensor;
  // fresh ones where none lives.
  static Shared share(const Tensors& tensors, const Notes::Finish& finish);

 private:
  struct Entry {
    at::Tensor key;  // kept, so that no other tensor takes its place in memory
    Shared shared;
  };
  std::unordered_map<const at::TensorImpl*, Entry> shared_;
  SharedGradients* outer_;
};

// A weight [out, in] and, where defined, a bias [out] to share; a note is {x [N, in], gradient of
// x W^T + b [N, out]}.
Shared share_weight(const at::Tensor& weight, const at::Tensor& bias);

// x [..., in] W^T + b, by the library that row_product chooses; weight and bias shared with the
// thread's other uses, where gradients are.
at::Tensor linear(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias);

}  // namespace heed::kernels
