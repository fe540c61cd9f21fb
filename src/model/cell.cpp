#include "model/cell.h"

#include "kernels/cell_rows.h"
#include "kernels/simd.h"

namespace heed {
namespace {

// A step from the products of its input and of the state before, for translation alone. `state` may
// be passed through (kernels::RealRows).
CellState next_state(kernels::CellKind kind, const Tensor& from_input, const Tensor& from_hidden,
                     const CellState& state, const kernels::RealRows& real) {
  Tensor hidden = torch::empty_like(state.hidden);
  Tensor memory = state.memory.defined() ? torch::empty_like(state.memory) : Tensor();
  Tensor activations = torch::empty({hidden.size(0), 4 * hidden.size(1)}, hidden.options());
  kernels::cell_rows(
      kind, {from_input, from_hidden, state.hidden, state.memory, hidden, memory, activations},
      real);
  return {hidden, memory};
}

}  // namespace

Cell::Cell(const CellSizes& sizes, int64_t gates)
    : hidden_size_(sizes.hidden),
      input_(register_module("input", std::make_shared<Linear>(sizes.input, gates * sizes.hidden))),
      recurrent_(register_module("recurrent",
                                 std::make_shared<Linear>(sizes.hidden, gates * sizes.hidden))) {
  if (sizes.feed > 0) {
    feed_ = register_module(
        "feed", std::make_shared<Linear>(sizes.feed, gates * sizes.hidden, LinearOptions{false}));
  }
  if (WithoutWeights::any()) return;
  // An orthogonal matrix for each gate keeps gradients through time alive (Saxe et al., 2014).
  torch::NoGradGuard no_gradient;
  for (Tensor& gate : recurrent_->weight.chunk(gates, 0)) torch::nn::init::orthogonal_(gate);
}

kernels::CellWeights Cell::weights() const {
  return {recurrent_->weight, recurrent_->bias, feed_ ? feed_->weight : Tensor()};
}

kernels::StepCell Cell::packed() const {
  return {input_->packed(), recurrent_->packed(), feed_ ? feed_->packed() : nullptr};
}

Tensor Cell::with_feed(const Tensor& projected, const Tensor& feed) const {
  return feed_ ? projected + (*feed_)(feed) : projected;
}

CellState Cell::step(const Tensor& projected, const Tensor& feed, const CellState& state) const {
  if (recurrent_->packed()) {
    return next_state(kind(), with_feed(projected, feed), (*recurrent_)(state.hidden), state, {});
  }
  if (kernels::has_kernel(projected)) {
    auto [hidden, memory] =
        kernels::cell_step(kind(), projected, feed, {state.hidden, state.memory}, weights());
    return {hidden, memory};
  }
  return combine(with_feed(projected, feed), (*recurrent_)(state.hidden), state);
}

Tensor Cell::run(const Tensor& inputs, const Tensor& lengths, Direction direction) const {
  Tensor projected = project(inputs.transpose(0, 1));  // [T, B, gates * H]
  bool packed = recurrent_->packed() != nullptr;
  if (kernels::has_kernel(projected) && !packed) {
    return kernels::cell_sequence(kind(), projected, lengths, direction, weights()).transpose(0, 1);
  }
  int64_t length = projected.size(0);
  Tensor zeros = torch::zeros({projected.size(1), hidden_size_}, projected.options());
  CellState state{zeros, has_memory() ? zeros : Tensor()};
  std::vector<Tensor> states(length);
  for (int64_t i = 0; i < length; ++i) {
    int64_t t = direction == Direction::kForward ? i : length - 1 - i;
    if (packed) {
      state = next_state(kind(), projected[t], (*recurrent_)(state.hidden), state, {lengths, t});
      states[t] = state.hidden;
      continue;
    }
    Tensor real = (lengths > t).unsqueeze(1).to(projected.device());
    CellState next = step(projected[t], {}, state);
    state.hidden = torch::where(real, next.hidden, state.hidden);
    if (has_memory()) state.memory = torch::where(real, next.memory, state.memory);
    states[t] = state.hidden;
  }
  return torch::stack(states, 1);
}

CellState GruCell::combine(const Tensor& from_input, const Tensor& from_hidden,
                           const CellState& state) const {
  Tensor gates = torch::sigmoid(from_input.narrow(1, 0, 2 * hidden_size_) +
                                from_hidden.narrow(1, 0, 2 * hidden_size_));
  Tensor reset = gates.narrow(1, 0, hidden_size_);
  Tensor update = gates.narrow(1, hidden_size_, hidden_size_);
  Tensor candidate =
      torch::tanh(torch::addcmul(from_input.narrow(1, 2 * hidden_size_, hidden_size_), reset,
                                 from_hidden.narrow(1, 2 * hidden_size_, hidden_size_)));
  return {torch::lerp(candidate, state.hidden, update), {}};
}

CellState LstmCell::combine(const Tensor& from_input, const Tensor& from_hidden,
                            const CellState& state) const {
  auto gates = (from_input + from_hidden).chunk(4, 1);  // input, forget, cell, output
  Tensor memory =
      torch::sigmoid(gates[1]) * state.memory + torch::sigmoid(gates[0]) * torch::tanh(gates[2]);
  return {torch::sigmoid(gates[3]) * torch::tanh(memory), memory};
}

std::shared_ptr<Cell> make_cell(RecurrentCell kind, const CellSizes& sizes) {
  if (kind == "lstm") return std::make_shared<LstmCell>(sizes);
  return std::make_shared<GruCell>(sizes);
}

}  // namespace heed
