#include "kernels/short_attention.h"

#include <cmath>

#include "kernels/kernel_check.h"

namespace heed::kernels {
namespace {

using kernel_check::Tensors;

using Kernel = at::Tensor(const AttentionRows&, const at::Tensor&, const AttentionOptions&);

struct Sizes {
  int64_t batch, queries, keys, heads, width;
};

// Around the vector widths; the last two are longer than the kernel takes in bfloat16.
constexpr Sizes kSizes[] = {{1, 1, 1, 1, 1},    {2, 3, 5, 2, 4},   {3, 15, 16, 4, 16},
                            {2, 17, 23, 1, 24}, {2, 40, 9, 3, 64}, {1, 40, 70, 2, 8}};

// Every bias there is: none; padding, sentence by sentence; what lies ahead; both.
std::vector<at::Tensor> biases(const Sizes& sizes) {
  double infinity = std::numeric_limits<double>::infinity();
  at::Tensor padding = at::zeros({sizes.batch, 1, 1, sizes.keys});
  for (int64_t i = 0; i < sizes.batch; ++i) {
    padding[i]
        .narrow(2, std::max<int64_t>(1, sizes.keys - i), std::min(i, sizes.keys - 1))
        .fill_(-infinity);
  }
  at::Tensor ahead =
      at::full({1, 1, sizes.queries, sizes.keys}, -infinity).triu(1 + sizes.keys / 2);
  ahead = ahead.nan_to_num(0, infinity, -infinity);
  return {{}, padding, ahead, padding + ahead};
}

kernel_check::Function cross(Kernel* kernel, const at::Tensor& bias,
                             const AttentionOptions& options) {
  return [=](const Tensors& x) {
    at::Tensor typed = bias.defined() ? bias.to(x[0].scalar_type()) : bias;
    return Tensors{kernel({x[0], x[1]}, typed, options)};
  };
}

kernel_check::Function self(Kernel* kernel, const at::Tensor& bias,
                            const AttentionOptions& options) {
  return [=](const Tensors& x) {
    at::Tensor typed = bias.defined() ? bias.to(x[0].scalar_type()) : bias;
    return Tensors{kernel({{}, x[0]}, typed, options)};
  };
}

TEST(ShortAttentionTest, CrossAttentionAgreesWithTheReference) {
  for (const Sizes& sizes : kSizes) {
    for (double p : {0.0, 0.3}) {
      SCOPED_TRACE(::testing::Message()
                   << sizes.batch << " x " << sizes.queries << " x " << sizes.keys << " at " << p);
      int64_t hidden = sizes.heads * sizes.width;
      torch::manual_seed(static_cast<uint64_t>(hidden));
      AttentionOptions options{sizes.heads, 1 / std::sqrt(static_cast<double>(sizes.width)), p};
      Tensors inputs{at::randn({sizes.batch, sizes.queries, hidden}),
                     at::randn({sizes.batch, sizes.keys, 2 * hidden})};
      for (const at::Tensor& bias : biases(sizes)) {
        kernel_check::expect_agreement(cross(attention, bias, options),
                                       cross(attention_reference, bias, options), inputs);
      }
    }
  }
}

TEST(ShortAttentionTest, SelfAttentionAgreesWithTheReference) {
  for (const Sizes& sizes : kSizes) {
    for (double p : {0.0, 0.3}) {
      SCOPED_TRACE(::testing::Message() << sizes.batch << " x " << sizes.keys << " at " << p);
      Sizes square = sizes;
      square.queries = square.keys;
      int64_t hidden = sizes.heads * sizes.width;
      torch::manual_seed(static_cast<uint64_t>(hidden));
      AttentionOptions options{sizes.heads, 0.3, p};
      Tensors inputs{at::randn({sizes.batch, sizes.keys, 3 * hidden})};
      for (const at::Tensor& bias : biases(square)) {
        kernel_check::expect_agreement(self(attention, bias, options),
                                       self(attention_reference, bias, options), inputs);
      }
    }
  }
}

TEST(ShortAttentionTest, WithoutGradientsTheContextIsTheSame) {
  at::Tensor rows = at::randn({3, 9, 3 * 16}).requires_grad_();
  at::Tensor expected = attention({{}, rows}, {}, {2, 0.5});
  torch::NoGradGuard no_gradient;
  at::Tensor actual = attention({{}, rows}, {}, {2, 0.5});
  EXPECT_FALSE(actual.requires_grad());
  EXPECT_TRUE(at::equal(actual, expected));
}

// Translation relies on it: padding a batch to a longer sentence changes nothing.
TEST(ShortAttentionTest, PaddingDoesNotChangeTheContext) {
  at::Tensor query = at::randn({1, 5, 32}), rows = at::randn({1, 7, 64});
  at::Tensor expected = attention({query, rows}, {}, {2, 0.25});
  for (int64_t padding : {1, 9, 10, 40}) {
    at::Tensor longer = at::cat({rows, at::randn({1, padding, 64})}, 1);
    at::Tensor bias = at::zeros({1, 1, 1, 7 + padding});
    bias.narrow(3, 7, padding).fill_(-std::numeric_limits<float>::infinity());
    EXPECT_TRUE(at::equal(attention({query, longer}, bias, {2, 0.25}), expected)) << padding;
  }
}

TEST(ShortAttentionTest, LargeScoresDoNotOverflow) {
  at::Tensor rows = at::randn({2, 6, 3 * 8}) * 100;
  golden::expect_close(attention({{}, rows}, {}, {2, 1}),
                       attention_reference({{}, rows}, {}, {2, 1}), 1e-2);
}

TEST(ShortAttentionTest, LongSequencesTakeTheReference) {
  at::Tensor rows = at::randn({1, 257, 3 * 8});
  EXPECT_TRUE(
      at::equal(attention({{}, rows}, {}, {2, 1}), attention_reference({{}, rows}, {}, {2, 1})));
}

TEST(ShortAttentionTest, OtherTypesTakeTheReference) {
  at::Tensor rows = at::randn({2, 6, 3 * 8}, at::kDouble);
  EXPECT_TRUE(
      at::equal(attention({{}, rows}, {}, {2, 1}), attention_reference({{}, rows}, {}, {2, 1})));
}

}  // namespace
}  // namespace heed::kernels
