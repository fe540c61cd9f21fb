#include "kernels/cell_rows.h"

#include "kernels/torch.h"

#include <cstring>

#include "kernels/simd.h"

namespace heed::kernels {
namespace {

constexpr int64_t kRowGrain = 32;

// One row of each matrix of CellStep.
template <typename Number>
struct Row {
  const Number *from_input, *from_hidden, *hidden, *memory;
  Number *new_hidden, *new_memory, *activations;
};

template <typename Number>
struct GradientRow {
  const Number *new_hidden, *new_memory;
  Number *from_input, *from_hidden, *hidden, *memory;
};

template <typename Number>
HEED_INLINE float gate(const Row<Number>& row, int64_t i) {
  return to_float(row.from_input[i]) + to_float(row.from_hidden[i]);
}

// h' = n + z (h - n) with n = tanh(x_n + r u_n) (Cho et al., 2014, in PyTorch's form).
template <typename Number>
HEED_INLINE void gru_loop(const Row<Number>& row, int64_t size) {
  HEED_INDEPENDENT
  for (int64_t i = 0; i < size; ++i) {
    float reset = sigmoid_fast(gate(row, i)), update = sigmoid_fast(gate(row, size + i));
    float inner = to_float(row.from_hidden[2 * size + i]);
    float fresh = tanh_fast(to_float(row.from_input[2 * size + i]) + reset * inner);
    store(row.new_hidden + i, fresh + update * (to_float(row.hidden[i]) - fresh));
    store(row.activations + i, reset);
    store(row.activations + size + i, update);
    store(row.activations + 2 * size + i, fresh);
    store(row.activations + 3 * size + i, inner);
  }
}

template <typename Number>
HEED_INLINE void gru_backward_loop(const Row<Number>& row, const GradientRow<Number>& gradient,
                                   int64_t size) {
  HEED_INDEPENDENT
  for (int64_t i = 0; i < size; ++i) {
    float reset = to_float(row.activations[i]), update = to_float(row.activations[size + i]);
    float fresh = to_float(row.activations[2 * size + i]);
    float inner = to_float(row.activations[3 * size + i]);
    float outer = to_float(gradient.new_hidden[i]);
    float by_fresh = outer * (1 - update) * (1 - fresh * fresh);
    float by_reset = by_fresh * inner * reset * (1 - reset);
    float by_update = outer * (to_float(row.hidden[i]) - fresh) * update * (1 - update);
    store(gradient.from_input + i, by_reset);
    store(gradient.from_input + size + i, by_update);
    store(gradient.from_input + 2 * size + i, by_fresh);
    store(gradient.from_hidden + i, by_reset);
    store(gradient.from_hidden + size + i, by_update);
    store(gradient.from_hidden + 2 * size + i, by_fresh * reset);
    store(gradient.hidden + i, outer * update);
  }
}

// c' = f c + i g, h' = o tanh(c') (Hochreiter and Schmidhuber, 1997).
template <typename Number>
HEED_INLINE void lstm_loop(const Row<Number>& row, int64_t size) {
  HEED_INDEPENDENT
  for (int64_t i = 0; i < size; ++i) {
    float input = sigmoid_fast(gate(row, i));
    float forget = sigmoid_fast(gate(row, size + i));
    float fresh = tanh_fast(gate(row, 2 * size + i));
    float output = sigmoid_fast(gate(row, 3 * size + i));
    float memory = forget * to_float(row.memory[i]) + input * fresh;
    store(row.new_memory + i, memory);
    store(row.new_hidden + i, output * tanh_fast(memory));
    store(row.activations + i, input);
    store(row.activations + size + i, forget);
    store(row.activations + 2 * size + i, fresh);
    store(row.activations + 3 * size + i, output);
  }
}

template <typename Number>
HEED_INLINE void lstm_backward_loop(const Row<Number>& row, const GradientRow<Number>& gradient,
                                    int64_t size) {
  HEED_INDEPENDENT
  for (int64_t i = 0; i < size; ++i) {
    float input = to_float(row.activations[i]), forget = to_float(row.activations[size + i]);
    float fresh = to_float(row.activations[2 * size + i]);
    float output = to_float(row.activations[3 * size + i]);
    float squashed = tanh_fast(to_float(row.new_memory[i]));
    float outer = to_float(gradient.new_hidden[i]);
    float by_memory = to_float(gradient.new_memory[i]) + outer * output * (1 - squashed * squashed);
    store(gradient.from_input + i, by_memory * fresh * input * (1 - input));
    store(gradient.from_input + size + i,
          by_memory * to_float(row.memory[i]) * forget * (1 - forget));
    store(gradient.from_input + 2 * size + i, by_memory * input * (1 - fresh * fresh));
    store(gradient.from_input + 3 * size + i, outer * squashed * output * (1 - output));
    store(gradient.hidden + i, 0.0f);
    store(gradient.memory + i, by_memory * forget);
  }
}

template <typename Number>
void run(const Row<Number>& row, CellKind kind, int64_t size) {
  kind == CellKind::kGru ? vectorised<gru_loop<Number>>(row, size)
                         : vectorised<lstm_loop<Number>>(row, size);
}
template <typename Number>
void run_backward(const Row<Number>& row, const GradientRow<Number>& gradient, CellKind kind,
                  int64_t size) {
  kind == CellKind::kGru ? vectorised<gru_backward_loop<Number>>(row, gradient, size)
                         : vectorised<lstm_backward_loop<Number>>(row, gradient, size);
}

// The rows of a matrix, or of none.
template <typename Number>
class Rows {
 public:
  explicit Rows(const at::Tensor& matrix)
      : data_(matrix.defined() ? static_cast<Number*>(matrix.data_ptr()) : nullptr),
        stride_(matrix.defined() ? matrix.stride(0) : 0) {
    TORCH_INTERNAL_ASSERT(!matrix.defined() || matrix.stride(1) == 1 || matrix.size(1) == 1);
  }
  Number* operator[](int64_t row) const { return data_ + row * stride_; }

 private:
  Number* data_;
  int64_t stride_;
};

bool is_real(const RealRows& real, int64_t row) {
  return !real.lengths.defined() || real.position < real.lengths.const_data_ptr<int64_t>()[row];
}

// The rows of all matrices of a step, and one of each.
template <typename Number>
struct StepRows {
  explicit StepRows(const CellStep& step)
      : from_input(step.from_input),
        from_hidden(step.from_hidden),
        hidden(step.hidden),
        memory(step.memory),
        new_hidden(step.new_hidden),
        new_memory(step.new_memory),
        activations(step.activations) {}
  Row<Number> operator[](int64_t i) const {
    return {from_input[i], from_hidden[i], hidden[i],     memory[i],
            new_hidden[i], new_memory[i],  activations[i]};
  }
  Rows<Number> from_input, from_hidden, hidden, memory, new_hidden, new_memory, activations;
};

template <typename Number>
void forward(CellKind kind, const CellStep& step, const RealRows& real) {
  StepRows<Number> rows(step);
  int64_t size = step.hidden.size(1);
  at::parallel_for(0, step.hidden.size(0), kRowGrain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      Row<Number> row = rows[i];
      if (is_real(real, i)) {
        run(row, kind, size);
        continue;
      }
      std::memcpy(row.new_hidden, row.hidden, size * sizeof(Number));
      if (kind == CellKind::kLstm) std::memcpy(row.new_memory, row.memory, size * sizeof(Number));
    }
  });
}

template <typename Number>
void backward(CellKind kind, const CellStep& step, const CellStepGradients& gradients,
              const RealRows& real) {
  StepRows<Number> rows(step);
  Rows<Number> new_hidden(gradients.new_hidden), new_memory(gradients.new_memory);
  Rows<Number> from_input(gradients.from_input), from_hidden(gradients.from_hidden);
  Rows<Number> hidden(gradients.hidden), memory(gradients.memory);
  int64_t size = step.hidden.size(1), gates = gradients.from_input.size(1);
  at::parallel_for(0, step.hidden.size(0), kRowGrain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      if (is_real(real, i)) {
        run_backward(rows[i],
                     GradientRow<Number>{new_hidden[i], new_memory[i], from_input[i],
                                         from_hidden[i], hidden[i], memory[i]},
                     kind, size);
        continue;
      }
      std::memset(from_input[i], 0, gates * sizeof(Number));
      std::memset(from_hidden[i], 0, gates * sizeof(Number));
      std::memmove(hidden[i], new_hidden[i], size * sizeof(Number));
      if (kind == CellKind::kLstm) std::memmove(memory[i], new_memory[i], size * sizeof(Number));
    }
  });
}

}  // namespace

void cell_row(CellKind kind, const CellRow& row, int64_t size) {
  run(Row<float>{row.from_input, row.from_hidden, row.hidden, row.memory, row.new_hidden,
                 row.new_memory, row.activations},
      kind, size);
}

void cell_rows(CellKind kind, const CellStep& step, const RealRows& real) {
  bool wide = step.hidden.scalar_type() == at::kFloat;
  wide ? forward<float>(kind, step, real) : forward<BFloat16Bits>(kind, step, real);
}

void cell_rows_backward(CellKind kind, const CellStep& step, const CellStepGradients& gradients,
                        const RealRows& real) {
  bool wide = step.hidden.scalar_type() == at::kFloat;
  wide ? backward<float>(kind, step, gradients, real)
       : backward<BFloat16Bits>(kind, step, gradients, real);
}

}  // namespace heed::kernels
