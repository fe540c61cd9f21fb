#include "kernels/cpu.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "kernels/bfloat16_linear.h"
#include "kernels/int8_linear.h"
#include "util/error.h"

namespace heed::kernels {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

Cpu machine_of(CpuLevel level) {
  Cpu machine;
  machine.level = machine.machine = level;
  return machine;
}

TEST(CpuTest, EveryLevelUpToTheMachinesMayBeTaken) {
  Cpu machine = machine_of(CpuLevel::kAvx512Vnni);
  for (CpuLevel level :
       {CpuLevel::kPlain, CpuLevel::kAvx2, CpuLevel::kAvx512, CpuLevel::kAvx512Vnni}) {
    Cpu cpu = lowered(machine, std::string(name_of(level)));
    EXPECT_EQ(cpu.level, level);
    EXPECT_EQ(cpu.machine, machine.machine);
  }
}

TEST(CpuTest, ALevelAboveTheMachinesIsAnErrorThatSaysWhatThereIs) {
  EXPECT_THAT([] { lowered(machine_of(CpuLevel::kAvx2), "avx512-vnni"); },
              ThrowsMessage<UsageError>(
                  "HEED_CPU = avx512-vnni: above what this machine has; it runs plain or avx2"));
  EXPECT_THAT([] { lowered(machine_of(CpuLevel::kPlain), "avx2"); },
              ThrowsMessage<UsageError>(HasSubstr("it runs plain")));
}

TEST(CpuTest, AnUnknownNameIsAnErrorThatSaysWhatThereIs) {
  for (const char* name : {"AVX2", "sse", "avx512 ", "native"}) {
    EXPECT_THAT([&] { lowered(machine_of(CpuLevel::kAvx512), name); },
                ThrowsMessage<UsageError>(std::string("HEED_CPU = ") + name +
                                          ": no such level; this machine runs plain, avx2 or "
                                          "avx512"));
  }
}

#if defined(__x86_64__)
TEST(CpuTest, WhatIsLoweredHasNoFeaturesAboveItsLevel) {
  Cpu machine = machine_of(CpuLevel::kAvx512Bf16);
  EXPECT_THAT(lowered(machine, "plain").features, ElementsAre());
  EXPECT_THAT(lowered(machine, "avx2").features, ElementsAre("avx2", "fma"));
  EXPECT_THAT(lowered(machine, "avx512-vnni").features,
              ElementsAre("avx2", "fma", "avx512f", "avx512_vnni"));
  EXPECT_TRUE(lowered(machine, "avx512-bf16").has("avx512_bf16"));
  EXPECT_FALSE(lowered(machine, "avx512-vnni").has("avx512_bf16"));
  for (const char* tiles : {"amx_bf16", "amx_int8"}) {
    EXPECT_TRUE(lowered(machine_of(CpuLevel::kAmx), "amx").has(tiles));
    EXPECT_FALSE(lowered(machine, "avx512-bf16").has(tiles));
  }
}
#endif

TEST(CpuTest, TheVariableSetsTheLevel) {
  const char* name = std::getenv("HEED_CPU");
  bool is_set = name != nullptr && *name != '\0';
  std::string expected(is_set ? name : name_of(cpu().machine));
  EXPECT_EQ(name_of(cpu().level), expected);
  EXPECT_EQ(cpu_level(), cpu().level);
}

TEST(CpuTest, InstructionsAreUsedFromTheirLevelOn) {
  EXPECT_EQ(has_int8_instructions(), cpu().has("avx512_vnni"));
  EXPECT_EQ(has_bfloat16_instructions(), cpu().has("avx512_bf16"));
}

}  // namespace
}  // namespace heed::kernels
