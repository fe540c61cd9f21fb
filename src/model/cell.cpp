#include "model/cell.h"

#include "util/error.h"

namespace heed {

Cell::Cell(const CellSizes& sizes, int64_t gates)
    : hidden_size_(sizes.hidden),
      input_(register_module("input", std::make_shared<Linear>(sizes.input, gates * sizes.hidden))),
      recurrent_(register_module("recurrent",
                                 std::make_shared<Linear>(sizes.hidden, gates * sizes.hidden))) {
  if (sizes.feed > 0) {
    feed_ = register_module(
        "feed", std::make_shared<Linear>(sizes.feed, gates * sizes.hidden, LinearOptions{false}));
  }
  // An orthogonal matrix for each gate keeps gradients through time alive (Saxe et al., 2014).
  torch::NoGradGuard no_gradient;
  for (Tensor& gate : recurrent_->weight.chunk(gates, 0)) torch::nn::init::orthogonal_(gate);
}

CellState Cell::step(const Tensor& projected, const Tensor& feed, const CellState& state) const {
  Tensor from_input = feed_ ? projected + (*feed_)(feed) : projected;
  return combine(from_input, (*recurrent_)(state.hidden), state);
}

Tensor Cell::run(const Tensor& inputs) const {
  Tensor zeros = torch::zeros({inputs.size(0), hidden_size_}, inputs.options());
  CellState state{zeros, has_memory() ? zeros : Tensor()};
  std::vector<Tensor> states;
  for (const Tensor& projected : project(inputs).unbind(1)) {
    state = step(projected, {}, state);
    states.push_back(state.hidden);
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

std::shared_ptr<Cell> make_cell(const std::string& kind, const CellSizes& sizes) {
  if (kind == "gru") return std::make_shared<GruCell>(sizes);
  if (kind == "lstm") return std::make_shared<LstmCell>(sizes);
  fail_usage("[model] cell = {}: expected gru or lstm", kind);
}

}  // namespace heed
