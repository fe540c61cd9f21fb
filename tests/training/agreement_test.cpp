#include "training/agreement.h"

#include <gmock/gmock.h>

#include "config/options.h"
#include "kernels/torch.h"
#include "util/error.h"

namespace heed {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

// The second of two processes, where the first says `first`.
class Second : public Communicator {
 public:
  explicit Second(std::string first) : first_(std::move(first)) {}
  int rank() const override { return 1; }
  int size() const override { return 2; }
  at::Tensor gather(const at::Tensor& own) override {
    if (own.scalar_type() == at::kLong)
      return torch::tensor({length(), own.item<int64_t>()}).view({2, 1});
    at::Tensor theirs = torch::zeros_like(own);
    std::copy(first_.begin(), first_.end(), theirs.mutable_data_ptr<uint8_t>());
    return torch::stack({theirs, own});
  }
  void share(at::Tensor) override {}
  void sum_gradients(Parameters&, Workers&, const Backward&) override {}

 private:
  int64_t length() const { return std::ssize(first_); }
  std::string first_;
};

TEST(Agreement, RefusesAndNamesWhatDiffers) {
  Second same(R"([["a","1"],["b","2"]])"), other(R"([["a","1"],["b","3"]])");
  EXPECT_NO_THROW(check_agreement(same, {{"a", "1"}, {"b", "2"}}));
  try {
    check_agreement(other, {{"a", "1"}, {"b", "2"}, {"c", "4"}});
    FAIL();
  } catch (const UsageError& error) {
    EXPECT_THAT(error.what(), AllOf(HasSubstr("rank 1: b = 2 (rank 0 has 3), c = 4 (rank 0 has "
                                              "none)"),
                                    Not(HasSubstr("a ="))));
  }
}

TEST(Agreement, LeavesMachinesWhatIsTheirs) {
  Config one = default_config(), other = one;
  other.training.threads = 7;
  other.training.replicas = 3;
  other.output.folder = "elsewhere";
  other.data.dev_source = "elsewhere";
  EXPECT_EQ(program_fingerprint(one), program_fingerprint(other));
  other.training.learning_rate *= 2;
  EXPECT_NE(program_fingerprint(one), program_fingerprint(other));
}

}  // namespace
}  // namespace heed
