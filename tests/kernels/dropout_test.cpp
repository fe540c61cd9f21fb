#include "kernels/dropout.h"

#include <gtest/gtest.h>
#include "kernels/torch.h"

#include <cmath>

#include "kernels/mask.h"
#include "model/golden.h"

namespace heed::kernels {
namespace {

// What the mask of (seed, call) multiplies by.
at::Tensor dropout_mask(at::IntArrayRef sizes, double p, uint64_t seed, uint64_t call) {
  at::Tensor mask = at::empty(sizes);
  DropoutMask of(p, mask_key(seed, call));
  fill_mask(of, 0, mask.numel(), mask.mutable_data_ptr<float>());
  return mask;
}

double share(const at::Tensor& x) { return x.to(at::kDouble).mean().item<double>(); }

TEST(DropoutTest, ShareOfZeroesIsNearP) {
  for (double p : {0.05, 0.1, 0.3, 0.5, 0.9}) {
    dropout_state() = {7, 0};
    at::Tensor out = dropout(at::ones({200003}), p);
    // Five standard deviations of the share.
    EXPECT_NEAR(share(out == 0), p, 5 * std::sqrt(p * (1 - p) / 200003)) << p;
  }
}

TEST(DropoutTest, KeptElementsAreScaledSoThatTheMeanStays) {
  dropout_state() = {7, 0};
  at::Tensor x = at::arange(1, 1001, at::kFloat);
  at::Tensor out = dropout(x, 0.2);
  at::Tensor kept = out != 0;
  double p = std::round(0.2 * 65536) / 65536;
  golden::expect_close(out.masked_select(kept), x.masked_select(kept) / (1 - p), 1e-3);
  EXPECT_GT(kept.sum().item<int64_t>(), 700);
  EXPECT_LT(kept.sum().item<int64_t>(), 900);
}

TEST(DropoutTest, GradientHasTheSameMask) {
  for (auto type : {at::kFloat, at::kBFloat16}) {
    dropout_state() = {11, 3};
    at::Tensor x = at::ones({37, 29}, type).requires_grad_();
    at::Tensor out = dropout(x, 0.4);
    // Other calls in between must not change what backward makes again.
    dropout(x.detach(), 0.4);
    out.backward(at::ones_like(out));
    EXPECT_TRUE(at::equal(x.grad(), out.detach()));
    EXPECT_GT((x.grad() == 0).sum().item<int64_t>(), 0);
  }
}

TEST(DropoutTest, EqualsTheReferenceMask) {
  for (int64_t size : {1, 7, 16, 17, 100003}) {
    dropout_state() = {5, 9};
    at::Tensor x = at::randn({size});
    at::Tensor out = dropout(x, 0.3);
    EXPECT_TRUE(at::equal(out, x * dropout_mask({size}, 0.3, 5, 9))) << size;
    EXPECT_EQ(dropout_state().calls, 10u);
  }
}

TEST(DropoutTest, MasksOfCallsAndSeedsAreIndependent) {
  auto zeroes = [](uint64_t seed, uint64_t call) {
    return dropout_mask({100000}, 0.5, seed, call) == 0;
  };
  at::Tensor first = zeroes(1, 0);
  for (const at::Tensor& other :
       {zeroes(1, 1), zeroes(2, 0), zeroes(1, 1000), zeroes(1ull << 40, 0)}) {
    EXPECT_NEAR(share(first & other), 0.25, 0.01);
  }
  // Neighbours, too: the mask of one position says nothing of the next, or of one 256 further on.
  // 16 positions share a hash with the 16 after them.
  for (int64_t shift : {1, 2, 16, 32, 256}) {
    at::Tensor shifted = first.slice(0, shift), start = first.slice(0, 0, 100000 - shift);
    EXPECT_NEAR(share(start & shifted), 0.25, 0.01) << shift;
  }
}

TEST(DropoutTest, AnyPartOfAMaskIsThatPart) {
  DropoutMask mask(0.4, mask_key(3, 1));
  std::vector<float> whole(200);
  fill_mask(mask, 0, 200, whole.data());
  for (int64_t begin : {0, 1, 31, 32, 33, 64}) {
    for (int64_t size : {0, 1, 30, 32, 65, 130}) {
      std::vector<float> part(size);
      fill_mask(mask, begin, begin + size, part.data());
      EXPECT_TRUE(std::equal(part.begin(), part.end(), whole.begin() + begin)) << begin;
    }
  }
}

TEST(DropoutTest, PackedMaskIsTheSameMask) {
  DropoutMask mask(0.4, 0xFEDCBA98u), again = DropoutMask::unpacked(mask.packed());
  EXPECT_EQ(again.key, mask.key);
  EXPECT_EQ(again.threshold, mask.threshold);
  EXPECT_EQ(again.scale, mask.scale);
  EXPECT_FALSE(DropoutMask::unpacked(DropoutMask().packed()).drops());
}

TEST(DropoutTest, NoDropoutDrawsNothing) {
  dropout_state() = {3, 20};
  at::Tensor x = at::ones({40});
  EXPECT_TRUE(dropout(x, 0).is_same(x));
  EXPECT_FALSE(next_mask(0).drops());
  EXPECT_EQ(dropout_state().calls, 20u);
}

TEST(DropoutTest, StateMakesItAgain) {
  at::Tensor x = at::ones({1000});
  dropout_state() = {3, 20};
  at::Tensor first = dropout(x, 0.5), second = dropout(x, 0.5);
  EXPECT_FALSE(at::equal(first, second));
  dropout_state() = {3, 20};
  EXPECT_TRUE(at::equal(dropout(x, 0.5), first));
  EXPECT_TRUE(at::equal(dropout(x, 0.5), second));
}

TEST(DropoutTest, MaskDoesNotDependOnThreads) {
  int threads = at::get_num_threads();
  std::vector<at::Tensor> outputs;
  for (int count : {1, 2}) {
    at::set_num_threads(count);
    dropout_state() = {3, 0};
    outputs.push_back(dropout(at::ones({300, 301}), 0.5));
  }
  at::set_num_threads(threads);
  EXPECT_TRUE(at::equal(outputs[0], outputs[1]));
}

TEST(DropoutTest, Bfloat16HasTheMaskOfFloat32) {
  dropout_state() = {4, 0};
  at::Tensor x = at::randn({33, 31}).to(at::kBFloat16);
  at::Tensor out = dropout(x, 0.25);
  EXPECT_EQ(out.scalar_type(), at::kBFloat16);
  at::Tensor exact = x.to(at::kFloat) * dropout_mask({33, 31}, 0.25, 4, 0);
  EXPECT_TRUE(at::equal(out, exact.to(at::kBFloat16)));
}

TEST(DropoutTest, TransposedInputKeepsItsShapeAndValues) {
  dropout_state() = {4, 0};
  at::Tensor x = at::randn({5, 9}).t();
  at::Tensor out = dropout(x, 0.5);
  EXPECT_TRUE(at::equal(out, x * dropout_mask({9, 5}, 0.5, 4, 0)));
}

TEST(DropoutTest, NothingInGivesNothing) {
  EXPECT_EQ(dropout(at::ones({0, 4}), 0.5).sizes(), (std::vector<int64_t>{0, 4}));
}

}  // namespace
}  // namespace heed::kernels
