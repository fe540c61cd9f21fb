#include "kernels/embedding.h"

#include "kernels/torch.h"

#include <optional>

#include "kernels/dropout.h"
#include "kernels/mask.h"
#include "kernels/rows.h"
#include "util/error.h"

namespace heed::kernels {
namespace {

constexpr int64_t kGrainRows = 64;

template <typename Number>
HEED_INLINE void embed_loop(const Number* __restrict x, const Number* __restrict position,
                            const float* __restrict factors, Number* __restrict out, int64_t size,
                            float scale) {
  for (int64_t i = 0; i < size; ++i) {
    store(&out[i], (to_float(x[i]) * scale + to_float(position[i])) * factors[i]);
  }
}

template <typename Number>
HEED_INLINE void add_loop(const Number* __restrict x, const float* __restrict factors,
                          float* __restrict sum, int64_t size, float scale) {
  for (int64_t i = 0; i < size; ++i) sum[i] += to_float(x[i]) * factors[i] * scale;
}

void check_ids(const at::Tensor& ids, int64_t rows) {
  const int64_t* id = ids.const_data_ptr<int64_t>();
  for (int64_t i = 0; i < ids.numel(); ++i) {
    if ((id[i] >= 0 && id[i] < rows) || id[i] == kNothing) continue;
    fail("embedding: id {} at place {} is outside of the table of {} rows", id[i], i, rows);
  }
}

at::Tensor embed_forward(const at::Tensor& table, const at::Tensor& ids,
                         const at::Tensor& positions, float scale, const DropoutMask& mask) {
  int64_t length = ids.size(1), size = table.size(1);
  at::Tensor out = at::empty({ids.size(0), length, size}, table.options());
  const int64_t* id = ids.const_data_ptr<int64_t>();
  with_number_of(table, [&](auto number) {
    using Number = decltype(number);
    std::vector<Number> zeros(size);
    const Number* moved = positions.defined() ? read<Number>(positions) : nullptr;
    at::parallel_for(0, ids.numel(), kGrainRows, [&](int64_t begin, int64_t end) {
      Floats factors(size, 1.0f);
      for (int64_t row = begin; row < end; ++row) {
        if (mask.drops()) fill_mask(mask, row * size, (row + 1) * size, factors.data());
        vectorised<embed_loop<Number>>(
            id[row] == kNothing ? zeros.data() : read<Number>(table) + id[row] * size,
            moved != nullptr ? moved + row % length * size : zeros.data(), factors.data(),
            write<Number>(out) + row * size, size, scale);
      }
    });
  });
  return out;
}

// The places in `ids` of each row of the table: those of row r are
// places[starts[r]] .. places[starts[r + 1] - 1], in order; those of no row come first.
struct Places {
  Places(const at::Tensor& ids, int64_t rows) : starts(rows + 1), places(ids.numel()) {
    const int64_t* id = ids.const_data_ptr<int64_t>();
    for (int64_t i = 0; i < ids.numel(); ++i) ++starts[id[i] + 1];
    for (int64_t row = 0; row < rows; ++row) starts[row + 1] += starts[row];
    std::vector<int64_t> next(starts.begin(), starts.end() - 1);
    for (int64_t i = 0; i < ids.numel(); ++i) {
      if (id[i] != kNothing) places[next[id[i]]++] = i;
    }
  }
  std::vector<int64_t> starts, places;
};

// change [B, T, H] -> the table's gradient [rows, H]
at::Tensor embed_backward(const at::Tensor& change, const at::Tensor& ids, int64_t rows,
                          float scale, const DropoutMask& mask) {
  int64_t size = change.size(2);
  at::Tensor out = at::empty({rows, size}, change.options());
  Places of(ids, rows);
  with_number_of(change, [&](auto number) {
    using Number = decltype(number);
    at::parallel_for(0, rows, kGrainRows, [&](int64_t begin, int64_t end) {
      Floats factors(size, 1.0f), sum(size);
      for (int64_t row = begin; row < end; ++row) {
        Number* to = write<Number>(out) + row * size;
        if (of.starts[row] == of.starts[row + 1]) {
          std::fill_n(to, size, Number{0});
          continue;
        }
        std::fill(sum.begin(), sum.end(), 0.0f);
        for (int64_t i = of.starts[row]; i < of.starts[row + 1]; ++i) {
          int64_t at = of.places[i] * size;
          if (mask.drops()) fill_mask(mask, at, at + size, factors.data());
          vectorised<add_loop<Number>>(read<Number>(change) + at, factors.data(), sum.data(), size,
                                       scale);
        }
        narrow(sum.data(), to, {1, size, 0, 0});
      }
    });
  });
  return out;
}

class Embed : public torch::autograd::Function<Embed> {
 public:
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& table,
                            const at::Tensor& ids, const std::optional<at::Tensor>& positions,
                            double scale, double p) {
    DropoutMask mask = next_mask(p);
    context->save_for_backward({ids});
    context->saved_data["rows"] = table.size(0);
    context->saved_data["scale"] = scale;
    context->saved_data["mask"] = mask.packed();
    return embed_forward(table.contiguous(), ids, positions.value_or(at::Tensor()),
                         static_cast<float>(scale), mask);
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    at::Tensor ids = context->get_saved_variables()[0];
    DropoutMask mask = DropoutMask::unpacked(context->saved_data["mask"].toInt());
    at::Tensor table =
        embed_backward(gradients[0].contiguous(), ids, context->saved_data["rows"].toInt(),
                       static_cast<float>(context->saved_data["scale"].toDouble()), mask);
    return {table, {}, {}, {}, {}};
  }
};

}  // namespace

at::Tensor embed(const at::Tensor& table, const at::Tensor& ids, const at::Tensor& positions,
                 const EmbeddingOptions& options) {
  bool learned = positions.defined() && positions.requires_grad();
  bool same = !positions.defined() || positions.scalar_type() == table.scalar_type();
  if (!has_kernel(table) || learned || !same)
    return embed_reference(table, ids, positions, options);
  check_ids(ids.contiguous(), table.size(0));
  std::optional<at::Tensor> moved;
  if (positions.defined()) moved = positions.contiguous();
  if (!at::GradMode::is_enabled()) {
    return embed_forward(table.contiguous(), ids.contiguous(), moved.value_or(at::Tensor()),
                         static_cast<float>(options.scale), next_mask(options.dropout));
  }
  return Embed::apply(table, ids.contiguous(), moved, options.scale, options.dropout);
}

at::Tensor embed_reference(const at::Tensor& table, const at::Tensor& ids,
                           const at::Tensor& positions, const EmbeddingOptions& options) {
  at::Tensor x = at::embedding(table, ids.clamp_min(0)) * options.scale;
  at::Tensor nothing = ids == kNothing;
  if (nothing.any().item<bool>()) x = x.masked_fill(nothing.unsqueeze(-1), 0);
  if (positions.defined()) x = x + positions;
  return dropout(x, options.dropout);
}

}  // namespace heed::kernels
