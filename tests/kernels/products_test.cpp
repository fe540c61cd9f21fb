#include "kernels/products.h"

#include "kernels/kernel_check.h"

namespace heed::kernels {
namespace {

at::Tensor product(const at::Tensor& left, const at::Tensor& right) {
  at::Tensor out = at::full({left.size(0), right.size(1)}, 7.0f);
  multiply({left.const_data_ptr<float>(), left.stride(0), left.stride(1)},
           {right.mutable_data_ptr<float>(), right.stride(0)},
           {out.mutable_data_ptr<float>(), out.stride(0)},
           {left.size(0), left.size(1), right.size(1)});
  return out;
}

TEST(ProductsTest, EqualLibTorchs) {
  for (int64_t rows : {1, 3, 8, 15, 33}) {
    for (int64_t inner : {1, 7, 64}) {
      for (int64_t columns : {16, 32, 80}) {
        at::Tensor left = at::randn({rows, inner}), right = at::randn({inner, columns});
        golden::expect_close(product(left, right), at::mm(left, right), 1e-4);
        at::Tensor turned = left.t().contiguous().t();  // the same, its columns contiguous
        EXPECT_TRUE(at::equal(product(turned, right), product(left, right)));
      }
    }
  }
}

TEST(ProductsTest, TransposedEqualsLibTorchs) {
  for (int64_t rows : {1, 4, 15, 16, 33}) {
    for (int64_t columns : {1, 3, 8, 64}) {
      at::Tensor x = at::randn({rows, in_lanes(columns)}),
                 out = at::zeros({columns, in_lanes(rows)});
      transpose({x.mutable_data_ptr<float>(), x.stride(0)},
                {out.mutable_data_ptr<float>(), out.stride(0)}, rows, columns);
      EXPECT_TRUE(at::equal(out.narrow(1, 0, rows), x.narrow(1, 0, columns).t()));
      EXPECT_TRUE((out.narrow(1, rows, in_lanes(rows) - rows) == 0).all().item<bool>());
    }
  }
}

TEST(ProductsTest, NothingInBetweenGivesZeros) {
  EXPECT_TRUE(at::equal(product(at::empty({5, 0}), at::empty({0, 16})), at::zeros({5, 16})));
}

TEST(ProductsTest, LanesRoundUp) {
  EXPECT_EQ(in_lanes(0), 0);
  EXPECT_EQ(in_lanes(1), kLanes);
  EXPECT_EQ(in_lanes(kLanes), kLanes);
  EXPECT_EQ(in_lanes(kLanes + 1), 2 * kLanes);
}

}  // namespace
}  // namespace heed::kernels
