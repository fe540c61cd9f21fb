#include "training/communicator.h"

#include <ATen/CPUGeneratorImpl.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <mutex>
#include <thread>

#include "config/options.h"
#include "kernels/torch.h"
#include "model/parameters.h"
#include "model/tiny_model.h"
#include "util/error.h"
#include "util/tree_sum.h"

namespace heed {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// A port that nobody listens on, as the system chooses it.
int free_port() {
  int descriptor = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  auto* any = reinterpret_cast<sockaddr*>(&address);
  EXPECT_EQ(::bind(descriptor, any, length), 0);
  EXPECT_EQ(::getsockname(descriptor, any, &length), 0);
  ::close(descriptor);
  return ntohs(address.sin_port);
}

// Processes as threads, each with a communicator of its own. What a thread throws comes back.
using Work = std::function<void(Communicator&)>;
std::vector<std::string> together(int size, const TrainingConfig& config, const Work& work) {
  Launch launch;
  launch.size = size;
  launch.host = "127.0.0.1";
  launch.port = free_port();
  std::vector<std::string> errors(size);
  std::vector<std::thread> threads;
  for (int rank = 0; rank < size; ++rank) {
    threads.emplace_back([&, rank] {
      Launch own = launch;
      own.rank = rank;
      try {
        auto communicator = join_processes(own, config);
        try {
          work(*communicator);
          communicator->finish();
        } catch (const std::exception& error) {
          communicator->leave(error.what());
          throw;
        }
      } catch (const std::exception& error) {
        errors[rank] = error.what();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  return errors;
}

class CommunicatorTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!has_gloo()) GTEST_SKIP() << "built without Gloo's headers";
  }
  void expect_well(const std::vector<std::string>& errors) {
    for (const std::string& error : errors) EXPECT_EQ(error, "");
  }
  TrainingConfig config_ = default_config().training;
};

TEST(OneProcessTest, HasNothingToAgreeOn) {
  OneProcess alone;
  std::vector<double> numbers = {1.5, 2};
  alone.sum(numbers);
  EXPECT_THAT(numbers, ElementsAre(1.5, 2));
  EXPECT_EQ(alone.largest(-3), -3);
  EXPECT_EQ(alone.share_text("text"), "text");
  EXPECT_THAT(alone.gather_texts("text"), ElementsAre("text"));
  EXPECT_EQ(processes_here(alone), 1);
}

TEST_F(CommunicatorTest, AgreesOnNumbersAndTexts) {
  expect_well(together(3, config_, [](Communicator& communicator) {
    int rank = communicator.rank();
    EXPECT_EQ(communicator.size(), 3);
    EXPECT_EQ(communicator.leads(), rank == 0);
    std::vector<double> numbers = {0.1 * (rank + 1), 1.0 * rank};
    communicator.sum(numbers);
    EXPECT_THAT(numbers, ElementsAre((0.1 * 1 + 0.1 * 2) + 0.1 * 3, 3));
    EXPECT_EQ(communicator.largest(rank == 1 ? 15 : 0), 15);
    std::string own(rank, 'x');
    EXPECT_THAT(communicator.gather_texts(own), ElementsAre("", "x", "xx"));
    EXPECT_EQ(communicator.share_text(rank == 0 ? "of the first" : "of another"), "of the first");
    EXPECT_EQ(communicator.share_text(""), "");
    at::Tensor tensor = torch::full({2, 3}, rank + 1);
    communicator.share(tensor);
    EXPECT_TRUE(tensor.equal(torch::full({2, 3}, 1)));
    EXPECT_EQ(processes_here(communicator), 3);
    EXPECT_GT(communicator.bytes_sent(), 0);
  }));
}

// Gradients [n] of process `rank`.
Tensor gradients_of(int rank, int64_t size) {
  auto generator = at::make_generator<at::CPUGeneratorImpl>(40 + rank);
  return at::randn({size}, generator);
}

TEST_F(CommunicatorTest, SumsGradientsInAFixedOrder) {
  for (int processes : {2, 3, 4}) {
    expect_well(together(processes, config_, [&](Communicator& communicator) {
      static std::mutex mutex;  // models are made with the process's random numbers
      std::unique_lock lock(mutex);
      auto model =
          make_model({tiny::transformer_config(), {tiny::kVocabulary, tiny::kVocabulary}, 20});
      lock.unlock();
      Parameters parameters(*model, {});
      Workers workers(1);
      int64_t size = parameters.gradients().numel();
      parameters.gradients().copy_(gradients_of(communicator.rank(), size));
      communicator.sum_gradients(parameters, workers, [] {});
      std::vector<Tensor> parts;
      for (int rank = 0; rank < processes; ++rank) parts.push_back(gradients_of(rank, size));
      Tensor expected = tree_sum(std::move(parts));
      EXPECT_TRUE(parameters.gradients().equal(expected));
      double norm = expected.norm().item<double>();
      EXPECT_NEAR(parameters.squared_norm(), norm * norm, 1e-5 * norm * norm);
      // There and back: all but the own share, twice, with what fills up the last share.
      double least = 8.0 * static_cast<double>(size) * (processes - 1) / processes;
      EXPECT_GE(communicator.bytes_sent(), least);
      EXPECT_LE(communicator.bytes_sent(), least + 8 * processes);
    }));
  }
}

TEST_F(CommunicatorTest, HalvesWhatTravelsInBfloat16) {
  config_.reduce_precision = "bfloat16";
  expect_well(together(2, config_, [&](Communicator& communicator) {
    static std::mutex mutex;
    std::unique_lock lock(mutex);
    auto model =
        make_model({tiny::transformer_config(), {tiny::kVocabulary, tiny::kVocabulary}, 20});
    lock.unlock();
    Parameters parameters(*model, {});
    Workers workers(1);
    int64_t size = parameters.gradients().numel();
    parameters.gradients().copy_(gradients_of(communicator.rank(), size));
    communicator.sum_gradients(parameters, workers, [] {});
    auto rounded = [&](int rank) {
      return gradients_of(rank, size).to(at::kBFloat16).to(at::kFloat);
    };
    Tensor expected = (rounded(0) + rounded(1)).to(at::kBFloat16).to(at::kFloat);
    EXPECT_TRUE(parameters.gradients().equal(expected));
    EXPECT_LE(communicator.bytes_sent(), 2.0 * static_cast<double>(size) + 16);
  }));
}

TEST_F(CommunicatorTest, TellsTheOthersWhyOneEnds) {
  auto errors = together(3, config_, [](Communicator& communicator) {
    communicator.at_step(7);
    communicator.largest(0);
    if (communicator.rank() == 1) fail("no space left");
    communicator.largest(0);
  });
  EXPECT_EQ(errors[1], "no space left");
  for (int rank : {0, 2}) {
    EXPECT_THAT(errors[rank], HasSubstr("rank 1 of 3"));
    EXPECT_THAT(errors[rank], HasSubstr("ended at step 7: no space left"));
  }
}

}  // namespace
}  // namespace heed
