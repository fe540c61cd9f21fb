#include "kernels/embedding.h"

#include "kernels/kernel_check.h"
#include "util/error.h"

namespace heed::kernels {
namespace {

using kernel_check::Tensors;

using Kernel = at::Tensor(const at::Tensor&, const at::Tensor&, const at::Tensor&,
                          const EmbeddingOptions&);

kernel_check::Function with(Kernel* kernel, const at::Tensor& ids, const at::Tensor& positions,
                            const EmbeddingOptions& options) {
  return [=](const Tensors& x) {
    at::Tensor typed = positions.defined() ? positions.to(x[0].scalar_type()) : positions;
    return Tensors{kernel(x[0], ids, typed, options)};
  };
}

TEST(EmbedTest, AgreesWithTheReference) {
  for (int64_t size : {1, 17, 64, 250}) {
    for (double p : {0.0, 0.1, 0.6}) {
      for (int64_t length : {1, 3, 90}) {
        SCOPED_TRACE(::testing::Message() << size << " x " << length << " at " << p);
        torch::manual_seed(static_cast<uint64_t>(size));
        at::Tensor ids = at::randint(7, {5, length}, at::kLong);  // rows 7 to 10 have no gradient
        at::Tensor table = at::randn({11, size});
        for (const at::Tensor& positions : {at::Tensor(), at::randn({length, size})}) {
          EmbeddingOptions options{1.7, p};
          kernel_check::expect_agreement(with(embed, ids, positions, options),
                                         with(embed_reference, ids, positions, options), {table});
        }
      }
    }
  }
}

TEST(EmbedTest, NothingIsZerosMovedByPosition) {
  torch::manual_seed(3);
  at::Tensor ids = torch::tensor(std::vector<int64_t>{2, kNothing, 0, kNothing, 2, 1}).view({2, 3});
  at::Tensor positions = at::randn({3, 17});
  for (double p : {0.0, 0.4}) {
    EmbeddingOptions options{1.5, p};
    kernel_check::expect_agreement(with(embed, ids, positions, options),
                                   with(embed_reference, ids, positions, options),
                                   {at::randn({4, 17})});
  }
  at::Tensor table = at::randn({4, 17}).requires_grad_();
  at::Tensor out = embed(table, ids, positions, {1.5, 0});
  EXPECT_TRUE(at::equal(out[0][1], positions[1]));
  EXPECT_TRUE(at::equal(out[1][0], positions[0]));
  out.backward(at::ones_like(out));
  std::vector<float> uses = {1, 1, 2, 0};
  for (int64_t row = 0; row < 4; ++row) {
    EXPECT_TRUE(at::equal(table.grad()[row], at::full({17}, 1.5 * uses[row]))) << row;
  }
}

// In bfloat16 a sum of 4,000 ones stops at 256.
TEST(EmbedTest, GradientsOfAFrequentIdAreAddedInFloat32) {
  at::Tensor table = at::ones({2, 3}, at::kBFloat16).requires_grad_();
  at::Tensor out = embed(table, at::zeros({1, 4096}, at::kLong), {}, {1, 0});
  out.backward(at::ones_like(out));
  EXPECT_EQ(table.grad()[0][0].item<double>(), 4096);
  EXPECT_EQ(table.grad()[1][0].item<double>(), 0);
}

TEST(EmbedTest, LearnedPositionsGetTheirGradient) {
  at::Tensor table = at::randn({4, 3}), positions = at::randn({2, 3}).requires_grad_();
  at::Tensor out = embed(table, at::ones({5, 2}, at::kLong), positions, {2, 0});
  out.backward(at::ones_like(out));
  EXPECT_TRUE(at::equal(positions.grad(), at::full({2, 3}, 5.0)));
}

TEST(EmbedTest, AnIdOutsideOfTheTableIsNamed) {
  for (int64_t id : {-2, 4}) {
    try {
      embed(at::randn({4, 3}), torch::tensor(std::vector<int64_t>{1, 2, id}).view({1, 3}), {},
            {1, 0});
      FAIL();
    } catch (const Error& error) {
      EXPECT_EQ(std::string(error.what()), "embedding: id " + std::to_string(id) +
                                               " at place 2 is outside of the table of 4 rows");
    }
  }
}

}  // namespace
}  // namespace heed::kernels
