#include "model/device.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include "kernels/torch.h"

#include <algorithm>
#include <thread>
#include "kernels/cpu.h"
#include "util/error.h"

namespace heed {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

TEST(DeviceTest, CpuIsTheCpu) { EXPECT_TRUE(choose_device("cpu").is_cpu()); }

TEST(DeviceTest, AutoTakesAGpuWhereThereIsOne) {
  EXPECT_EQ(choose_device("auto").is_cuda(), torch::cuda::device_count() > 0);
}

TEST(DeviceTest, OtherNamesAreRefused) {
  for (const char* name : {"", "gpu", "CPU", "cuda0", "cpu:0"}) {
    EXPECT_THAT([&] { choose_device(name); },
                ThrowsMessage<UsageError>(HasSubstr("expected auto, cpu, cuda or cuda:N")))
        << name;
  }
}

TEST(DeviceTest, AGpuThatIsNotThereIsAnError) {
  for (const char* name : {"cuda:4711", "cuda:-1", "cuda:x"}) {
    EXPECT_THAT([&] { choose_device(name); },
                ThrowsMessage<UsageError>(HasSubstr(std::string("device = ") + name)));
  }
  if (torch::cuda::device_count() > 0) GTEST_SKIP() << "a GPU is here";
  EXPECT_THAT(
      [] { choose_device("cuda"); },
      ThrowsMessage<UsageError>("device = cuda: LibTorch sees no GPU here; use cpu or auto"));
}

TEST(PrecisionTest, NamesChooseTypes) {
  EXPECT_EQ(choose_precision("float32", torch::kCPU).type, torch::kFloat32);
  EXPECT_EQ(choose_precision("bfloat16", torch::kCPU).type, torch::kBFloat16);
  EXPECT_THAT([] { choose_precision("half", torch::kCPU); },
              ThrowsMessage<UsageError>("precision = half: expected auto, float32 or bfloat16"));
}

TEST(PrecisionTest, AutoGivesItsReason) {
  const kernels::Cpu& cpu = kernels::cpu();
  bool native = cpu.has("avx512_bf16") || cpu.has("amx_bf16") || cpu.has("bf16");
  Precision precision = choose_precision("auto", torch::kCPU);
  EXPECT_EQ(precision.type, native ? torch::kBFloat16 : torch::kFloat32);
  EXPECT_THAT(precision.reason, testing::StartsWith(native ? "bfloat16: " : "float32: "));
  EXPECT_EQ(choose_precision("auto", torch::Device(torch::kCUDA, 0)).type, torch::kFloat32);
}

TEST(PrecisionTest, TranslationMayTakeEightBits) {
  Precision set = choose_decoding_precision("int8", torch::kCPU);
  EXPECT_EQ(set.packing, kernels::Packing::kInt8);
  EXPECT_EQ(set.type, torch::kFloat32);
  EXPECT_EQ(choose_decoding_precision("bfloat16", torch::kCPU).packing,
            kernels::Packing::kBfloat16);
  EXPECT_EQ(choose_decoding_precision("float32", torch::kCPU).packing, kernels::Packing::kFloat32);
  Precision chosen = choose_decoding_precision("auto", torch::kCPU);
  bool native = kernels::cpu().has("avx512_vnni");
  EXPECT_EQ(chosen.packing, native ? kernels::Packing::kInt8 : kernels::Packing::kFloat32);
  EXPECT_THAT(chosen.reason, testing::StartsWith(native ? "int8: " : "float32: "));
  torch::Device gpu(torch::kCUDA, 0);
  EXPECT_FALSE(choose_decoding_precision("auto", gpu).packing);
  EXPECT_THAT([&] { choose_decoding_precision("int8", gpu); },
              ThrowsMessage<UsageError>("precision = int8: on the CPU alone, and the device is "
                                        "cuda:0; take float32 or bfloat16"));
}

TEST(ComputeTest, ThreadsAreSet) {
  int before = at::get_num_threads();
  set_up_compute(2);
  EXPECT_EQ(at::get_num_threads(), 2);
  set_up_compute(1);
  EXPECT_EQ(at::get_num_threads(), 1);
  set_up_compute(0);  // every core
  EXPECT_EQ(at::get_num_threads(), static_cast<int>(std::thread::hardware_concurrency()));
  at::set_num_threads(before);
}

TEST(ComputeTest, PeakMemoryHoldsTheLargestBlockAndStaysWhenItIsFreed) {
  // The block alone is larger than all that this process has used before.
  int64_t size = peak_memory() + (64 << 20);
  torch::ones({size}, torch::kUInt8);
  EXPECT_GE(peak_memory(), size);
}

}  // namespace
}  // namespace heed
