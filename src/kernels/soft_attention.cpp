#include "kernels/soft_attention.h"

#include "kernels/torch.h"

#include "kernels/attention_rows.h"
#include "kernels/products.h"
#include "kernels/rows.h"
#include "kernels/shared_gradient.h"
#include "kernels/simd.h"

namespace heed::kernels {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// A part of a tensor in float32: itself, or a copy in `space`.
const float* widened(const at::Tensor& x, int64_t first, int64_t count, Floats& space) {
  if (x.scalar_type() == at::kFloat) return x.const_data_ptr<float>() + first;
  space.resize(count);
  widen(bfloat16_bits(x) + first, space.data(), {1, count, 0, 0});
  return space.data();
}

void narrow_into(const Floats& from, const at::Tensor& to, int64_t first) {
  auto count = static_cast<int64_t>(from.size());
  with_number_of(to, [&](auto number) {
    narrow(from.data(), write<decltype(number)>(to) + first, {1, count, 0, 0});
  });
}

// Contiguous tensors of one call or of a whole loop's; T is then that of all.
struct Problem {
  at::Tensor queries, keys, values, padding, energy;
  int64_t count, heads, targets, source, width, value_width;  // N, A, T, S, D, Dv

  Problem(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, const at::Tensor& p,
          const at::Tensor& e)
      : queries(q.contiguous()),
        keys(k.contiguous()),
        values(v.contiguous()),
        padding(p.defined() ? p.contiguous() : p),
        energy(e),
        count(q.size(0)),
        heads(k.size(1)),
        targets(q.size(1)),
        source(k.size(2)),
        width(k.size(3)),
        value_width(v.size(3)) {}
};

// What the loops read of sentence (and head) n, row by row in float32: a row stays in the nearest
// cache from its conversion to its use.
class Sentence {
 public:
  Sentence(const Problem& p, int64_t n)
      : problem_(p),
        first_source_(n * p.source),
        queries_(widened(p.queries, n * p.targets * p.width, p.targets * p.width, query_space_)),
        padding_(p.padding.defined()
                     ? widened(p.padding, n / p.heads * p.source, p.source, padding_space_)
                     : nullptr),
        energy(p.energy.defined() ? widened(p.energy, 0, p.width, energy_space_) : nullptr) {}
  bool is_real(int64_t s) const { return padding_ == nullptr || padding_[s] == 0; }
  const float* query(int64_t t) const { return queries_ + t * problem_.width; }
  const float* key(int64_t s) { return row(problem_.keys, problem_.width, s, key_space_); }
  const float* value(int64_t s) {
    return row(problem_.values, problem_.value_width, s, value_space_);
  }

 private:
  const float* row(const at::Tensor& x, int64_t width, int64_t s, Floats& space) const {
    return widened(x, (first_source_ + s) * width, width, space);
  }
  const Problem& problem_;
  int64_t first_source_;
  Floats query_space_, padding_space_, energy_space_, key_space_, value_space_;
  const float *queries_, *padding_;

 public:
  const float* energy;
};

void forward_sentence(const Problem& p, int64_t n, const AttentionOutput& out) {
  Sentence x(p, n);
  Floats contexts(p.targets * p.value_width), weights(p.targets * p.source);
  Floats row(in_lanes(p.source));
  for (int64_t t = 0; t < p.targets; ++t) {
    const float* query = x.query(t);
    auto score = [&](int64_t s) {
      const float* key = x.key(s);
      return x.energy ? hidden_score(query, key, x.energy, p.width) : dot(query, key, p.width);
    };
    attend_row(
        p.source, p.value_width, [&](int64_t s) { return x.is_real(s); }, score,
        [&](int64_t s) { return x.value(s); }, row.data(), contexts.data() + t * p.value_width);
    std::copy_n(row.begin(), p.source, weights.begin() + t * p.source);
  }
  narrow_into(contexts, out.context, n * p.targets * p.value_width);
  narrow_into(weights, out.weights, n * p.targets * p.source);
}

struct ScoreGradients {
  at::Tensor scores;   // [N, T, S] float32
  at::Tensor queries;  // [N, T, D]
};

// From the gradients of a call's results, `by`, and the weights they were made with.
void score_gradients(const Problem& p, int64_t n, const AttentionOutput& made,
                     const AttentionOutput& by, const ScoreGradients& out) {
  Sentence x(p, n);
  Floats spaces[3], queries(p.targets * p.width);
  int64_t rows = n * p.targets;
  const float* weights = widened(made.weights, rows * p.source, p.targets * p.source, spaces[0]);
  const float* by_weights = widened(by.weights, rows * p.source, p.targets * p.source, spaces[1]);
  const float* by_contexts =
      widened(by.context, rows * p.value_width, p.targets * p.value_width, spaces[2]);
  float* scores = out.scores.mutable_data_ptr<float>() + rows * p.source;
  for (int64_t t = 0; t < p.targets; ++t) {
    const float *weight = weights + t * p.source, *by_weight = by_weights + t * p.source;
    float *score = scores + t * p.source, mean = 0;
    for (int64_t s = 0; s < p.source; ++s) {
      score[s] = !x.is_real(s) ? 0
                               : by_weight[s] + dot(by_contexts + t * p.value_width, x.value(s),
                                                    p.value_width);
      mean += weight[s] * score[s];
    }
    for (int64_t s = 0; s < p.source; ++s) {
      score[s] = weight[s] * (score[s] - mean);
      if (!x.is_real(s)) continue;
      const float *query = x.query(t), *key = x.key(s);
      float* by_query = queries.data() + t * p.width;
      x.energy ? add_query_gradient(query, key, x.energy, score[s], by_query, p.width)
               : add_scaled(key, score[s], by_query, p.width);
    }
  }
  narrow_into(queries, out.queries, rows * p.width);
}

struct MemoryGradients {
  at::Tensor keys, values;  // as the keys and values
  at::Tensor energies;      // [N, D] float32: to be added up; undefined where there is no energy
};

// From the weights, the gradients of scores [N, T, S] float32 and those of contexts.
void memory_gradients(const Problem& p, int64_t n, const AttentionOutput& made,
                      const at::Tensor& by_scores, const at::Tensor& by_context,
                      const MemoryGradients& out) {
  Sentence x(p, n);
  Floats spaces[2], keys(p.source * p.width), values(p.source * p.value_width);
  int64_t rows = n * p.targets;
  const float* weights = widened(made.weights, rows * p.source, p.targets * p.source, spaces[0]);
  const float* contexts =
      widened(by_context, rows * p.value_width, p.targets * p.value_width, spaces[1]);
  const float* scores = by_scores.const_data_ptr<float>() + rows * p.source;
  float* energies = x.energy ? out.energies.mutable_data_ptr<float>() + n * p.width : nullptr;
  for (int64_t s = 0; s < p.source; ++s) {
    if (!x.is_real(s)) continue;
    const float* key = x.key(s);
    float* by_key = keys.data() + s * p.width;
    for (int64_t t = 0; t < p.targets; ++t) {
      const float* query = x.query(t);
      float score = scores[t * p.source + s];
      x.energy ? add_key_gradient(query, key, x.energy, score, by_key, energies, p.width)
               : add_scaled(query, score, by_key, p.width);
      add_scaled(contexts + t * p.value_width, weights[t * p.source + s],
                 values.data() + s * p.value_width, p.value_width);
    }
  }
  narrow_into(keys, out.keys, n * p.source * p.width);
  narrow_into(values, out.values, n * p.source * p.value_width);
}

template <typename Function>
void for_each_sentence(const Problem& p, const Function& function) {
  at::parallel_for(0, p.count, 1, [&](int64_t begin, int64_t end) {
    for (int64_t n = begin; n < end; ++n) function(n);
  });
}

// What a call notes for the gradients of the memory.
enum NotePart { kQueries, kWeights, kByScores, kByContext };

Tensors finish(const std::vector<Tensors>& notes, const Tensors& memory,
               const at::Tensor& padding) {
  const at::Tensor &keys = memory[0], &values = memory[1];
  at::Tensor energy = memory.size() > 2 ? memory[2] : at::Tensor();
  Problem p(joined(notes, kQueries, 1), keys, values, padding, energy);
  at::Tensor weights = joined(notes, kWeights, 1), by_scores = joined(notes, kByScores, 1);
  at::Tensor by_context = joined(notes, kByContext, 1);
  MemoryGradients out{at::empty_like(p.keys), at::empty_like(p.values), {}};
  if (energy.defined()) out.energies = at::zeros({p.count, p.width}, at::kFloat);
  for_each_sentence(p, [&](int64_t n) {
    memory_gradients(p, n, {{}, weights}, by_scores, by_context, out);
  });
  if (!energy.defined()) return {out.keys, out.values};
  return {out.keys, out.values, out.energies.sum(0, /*keepdim=*/true).to(energy.scalar_type())};
}

class AttentionFunction : public torch::autograd::Function<AttentionFunction> {
 public:
  // inputs: queries, keys, values, energy where there is one
  static variable_list forward(AutogradContext* context, at::TensorList inputs,
                               const std::optional<at::Tensor>& padding,
                               const c10::intrusive_ptr<Notes>& notes) {
    Problem p(inputs[0], inputs[1], inputs[2], padding.value_or(at::Tensor()),
              inputs.size() > 3 ? inputs[3] : at::Tensor());
    AttentionOutput out{p.queries.new_empty({p.count, p.targets, p.value_width}),
                        p.queries.new_empty({p.count, p.targets, p.source})};
    for_each_sentence(p, [&](int64_t n) { forward_sentence(p, n, out); });
    context->save_for_backward({p.queries, p.keys, p.values, p.padding, p.energy, out.weights});
    if (notes) context->saved_data["notes"] = Notes::pack(notes);
    return {out.context, out.weights};
  }

  static variable_list backward(AutogradContext* context, variable_list given) {
    auto saved = context->get_saved_variables();
    Problem p(saved[0], saved[1], saved[2], saved[3], saved[4]);
    AttentionOutput made{{}, saved[5]}, by{given[0].contiguous(), given[1].contiguous()};
    ScoreGradients gradients{at::empty({p.count, p.targets, p.source}, at::kFloat),
                             at::empty_like(p.queries)};
    for_each_sentence(p, [&](int64_t n) { score_gradients(p, n, made, by, gradients); });
    if (context->needs_input_grad(1) || context->needs_input_grad(2)) {
      Notes::unpack(context->saved_data["notes"])
          ->add({p.queries, made.weights, gradients.scores, by.context});
    }
    variable_list out((p.energy.defined() ? 4 : 3) + 2);  // none of padding and notes
    out[0] = gradients.queries;
    return out;
  }
};

}  // namespace

AttentionOutput soft_attention(const AttentionInput& input) {
  Tensors memory{input.keys, input.values};
  if (input.energy.defined()) memory.push_back(input.energy);
  Tensors held;
  for (const at::Tensor& tensor : memory) held.push_back(tensor.detach());
  Shared shared = SharedGradients::share(
      memory, [held, padding = input.padding](const std::vector<Tensors>& notes) {
        return finish(notes, held, padding);
      });
  Tensors inputs{input.queries};
  inputs.insert(inputs.end(), shared.tensors.begin(), shared.tensors.end());
  std::optional<at::Tensor> padding;
  if (input.padding.defined()) padding = input.padding;
  Tensors out = AttentionFunction::apply(at::TensorList(inputs), padding, shared.notes);
  return {out[0], out[1]};
}

}  // namespace heed::kernels
