#include "kernels/recurrence.h"

#include "kernels/torch.h"

#include "kernels/cell_rows.h"
#include "kernels/shared_gradient.h"

namespace heed::kernels {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr int64_t kActivations = 4;  // of a cell, each H wide

CellKind kind_of(AutogradContext* context) {
  return static_cast<CellKind>(context->saved_data["kind"].toInt());
}

class StepFunction : public torch::autograd::Function<StepFunction> {
 public:
  // What `inputs` holds, in this order; a GRU has no kMemory, and both feeds may be missing.
  struct Places {
    explicit Places(CellKind kind) : recurrent(kind == CellKind::kLstm ? 3 : 2) {}
    static constexpr size_t projected = 0, hidden = 1, memory = 2;
    size_t recurrent, bias = recurrent + 1, feed = recurrent + 2, feed_weight = recurrent + 3;
  };

  static variable_list forward(AutogradContext* context, at::TensorList inputs, CellKind kind,
                               const c10::intrusive_ptr<Notes>& recurrent_notes,
                               const c10::intrusive_ptr<Notes>& feed_notes) {
    Places at(kind);
    bool fed = inputs.size() > at.feed;
    CellStep step;
    step.hidden = inputs[Places::hidden];
    step.from_hidden = at::linear(step.hidden, inputs[at.recurrent], inputs[at.bias]);
    step.from_input = inputs[Places::projected];
    if (fed) {
      step.from_input = at::addmm(step.from_input, inputs[at.feed], inputs[at.feed_weight].t());
    }
    step.new_hidden = at::empty_like(step.hidden);
    if (kind == CellKind::kLstm) {
      step.memory = inputs[Places::memory];
      step.new_memory = at::empty_like(step.memory);
    }
    step.activations =
        step.hidden.new_empty({step.hidden.size(0), kActivations * step.hidden.size(1)});
    cell_rows(kind, step, {});
    variable_list saved(inputs.begin(), inputs.end());
    saved[Places::projected] = step.activations;
    variable_list outputs{step.new_hidden};
    if (kind == CellKind::kLstm) outputs.push_back(step.new_memory);
    saved.push_back(outputs.back());
    context->save_for_backward(saved);
    context->saved_data["kind"] = static_cast<int64_t>(kind);
    if (recurrent_notes) context->saved_data["recurrent"] = Notes::pack(recurrent_notes);
    if (feed_notes) context->saved_data["feed"] = Notes::pack(feed_notes);
    return outputs;
  }

  static variable_list backward(AutogradContext* context, variable_list given) {
    CellKind kind = kind_of(context);
    Places at(kind);
    variable_list saved = context->get_saved_variables();
    size_t inputs = saved.size() - 1;
    CellStep step;
    step.activations = saved[Places::projected];
    step.hidden = saved[Places::hidden];
    CellStepGradients by;
    by.new_hidden = given[0].contiguous();
    by.hidden = at::empty_like(step.hidden);
    by.from_input = step.hidden.new_empty({step.hidden.size(0), saved[at.recurrent].size(0)});
    by.from_hidden = kind == CellKind::kGru ? at::empty_like(by.from_input) : by.from_input;
    variable_list out(inputs + 3);  // kind and notes have none
    if (kind == CellKind::kLstm) {
      step.memory = saved[Places::memory];
      step.new_memory = saved.back();
      by.new_memory = given[1].contiguous();
      out[Places::memory] = by.memory = at::empty_like(by.new_memory);
    }
    cell_rows_backward(kind, step, by, {});
    out[Places::projected] = by.from_input;
    if (context->needs_input_grad(Places::hidden)) {
      out[Places::hidden] = by.hidden.addmm_(by.from_hidden, saved[at.recurrent]);
    }
    note(context, "recurrent", at.recurrent, {step.hidden, by.from_hidden});
    if (inputs <= at.feed) return out;
    if (context->needs_input_grad(at.feed)) {
      out[at.feed] = at::mm(by.from_input, saved[at.feed_weight]);
    }
    note(context, "feed", at.feed_weight, {saved[at.feed], by.from_input});
    return out;
  }

 private:
  static void note(AutogradContext* context, const char* name, size_t weight, Tensors note) {
    if (!context->needs_input_grad(weight)) return;
    Notes::unpack(context->saved_data[name])->add(std::move(note));
  }
};

// The steps of a sequence by position t. Slot t + 1 of the states [T + 2, B, H] belongs to it, and
// the first and last slots are the zero states before a run in either direction.
class Sequence {
 public:
  Sequence(int64_t length, Direction direction)
      : length_(length), forward_(direction == Direction::kForward) {}
  int64_t position(int64_t step) const { return forward_ ? step : length_ - 1 - step; }
  at::Tensor before(const at::Tensor& states, int64_t t) const {
    return states.defined() ? states.select(0, forward_ ? t : t + 2) : at::Tensor();
  }
  at::Tensor after(const at::Tensor& states, int64_t t) const {
    return states.defined() ? states.select(0, t + 1) : at::Tensor();
  }
  at::Tensor all_before(const at::Tensor& states) const {
    return states.narrow(0, forward_ ? 0 : 2, length_);
  }
  static at::Tensor make_states(const at::Tensor& like, int64_t length, int64_t hidden) {
    at::Tensor states = like.new_empty({length + 2, like.size(1), hidden});
    states.select(0, 0).zero_();
    states.select(0, length + 1).zero_();
    return states;
  }

 private:
  int64_t length_;
  bool forward_;
};

class SequenceFunction : public torch::autograd::Function<SequenceFunction> {
 public:
  // inputs: projected [T, B, gates * H], recurrent weight, its bias, lengths
  static at::Tensor forward(AutogradContext* context, at::TensorList inputs, CellKind kind,
                            Direction direction) {
    const at::Tensor &projected = inputs[0], &weight = inputs[1], &bias = inputs[2];
    int64_t length = projected.size(0), batch = projected.size(1), hidden = weight.size(1);
    Sequence sequence(length, direction);
    at::Tensor states = Sequence::make_states(projected, length, hidden), memories;
    if (kind == CellKind::kLstm) memories = Sequence::make_states(projected, length, hidden);
    at::Tensor activations = projected.new_empty({length, batch, kActivations * hidden});
    at::Tensor from_hidden = projected.new_empty({batch, weight.size(0)}), transposed = weight.t();
    for (int64_t i = 0; i < length; ++i) {
      int64_t t = sequence.position(i);
      at::Tensor before = sequence.before(states, t);
      at::addmm_out(from_hidden, bias, before, transposed);
      cell_rows(kind,
                {projected.select(0, t), from_hidden, before, sequence.before(memories, t),
                 sequence.after(states, t), sequence.after(memories, t), activations.select(0, t)},
                {inputs[3], t});
    }
    context->save_for_backward({weight, states, activations, memories, inputs[3]});
    context->saved_data["kind"] = static_cast<int64_t>(kind);
    context->saved_data["direction"] = static_cast<int64_t>(direction);
    return states.narrow(0, 1, length);
  }

  static variable_list backward(AutogradContext* context, variable_list given) {
    CellKind kind = kind_of(context);
    auto saved = context->get_saved_variables();
    const at::Tensor &weight = saved[0], &states = saved[1], &activations = saved[2];
    const at::Tensor &memories = saved[3], &lengths = saved[4];
    int64_t length = activations.size(0), batch = activations.size(1);
    Sequence sequence(length, static_cast<Direction>(context->saved_data["direction"].toInt()));
    at::Tensor by_input = states.new_empty({length, batch, weight.size(0)});
    at::Tensor by_hidden = kind == CellKind::kGru ? at::empty_like(by_input) : by_input;
    at::Tensor carried = at::zeros_like(states.select(0, 0));  // what comes from the next step
    at::Tensor carried_memory = kind == CellKind::kLstm ? at::zeros_like(carried) : at::Tensor();
    for (int64_t i = length - 1; i >= 0; --i) {
      int64_t t = sequence.position(i);
      carried.add_(given[0].select(0, t));
      at::Tensor from_hidden = by_hidden.select(0, t);
      CellStep step;
      step.hidden = sequence.before(states, t);
      step.memory = sequence.before(memories, t);
      step.new_memory = sequence.after(memories, t);
      step.activations = activations.select(0, t);
      cell_rows_backward(
          kind, step,
          {carried, carried_memory, by_input.select(0, t), from_hidden, carried, carried_memory},
          {lengths, t});
      carried.addmm_(from_hidden, weight);
    }
    at::Tensor flat = by_hidden.flatten(0, 1);
    return {by_input,     at::mm(flat.t(), sequence.all_before(states).flatten(0, 1)),
            flat.sum(0),  at::Tensor(),
            at::Tensor(), at::Tensor()};
  }
};

}  // namespace

CellTensors cell_step(CellKind kind, const at::Tensor& projected, const at::Tensor& feed,
                      const CellTensors& state, const CellWeights& weights) {
  Shared recurrent = share_weight(weights.recurrent, weights.recurrent_bias), from_feed;
  Tensors inputs{projected, state.hidden};
  if (kind == CellKind::kLstm) inputs.push_back(state.memory);
  inputs.insert(inputs.end(), recurrent.tensors.begin(), recurrent.tensors.end());
  if (weights.feed.defined()) {
    from_feed = share_weight(weights.feed, {});
    inputs.push_back(feed);
    inputs.push_back(from_feed.tensors[0]);
  }
  Tensors next =
      StepFunction::apply(at::TensorList(inputs), kind, recurrent.notes, from_feed.notes);
  return {next[0], kind == CellKind::kLstm ? next[1] : at::Tensor()};
}

at::Tensor cell_sequence(CellKind kind, const at::Tensor& projected, const at::Tensor& lengths,
                         Direction direction, const CellWeights& weights) {
  Tensors inputs{projected, weights.recurrent, weights.recurrent_bias, lengths};
  return SequenceFunction::apply(at::TensorList(inputs), kind, direction);
}

}  // namespace heed::kernels
