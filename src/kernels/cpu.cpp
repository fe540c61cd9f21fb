#include "kernels/cpu.h"

#if defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>
#endif

#if defined(__x86_64__) && defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#endif

#include <algorithm>
#include <array>
#include <cstdlib>

#include "util/error.h"

namespace heed::kernels {
namespace {

// In the order of CpuLevel.
constexpr std::array<std::string_view, 6> kNames = {"plain",       "avx2",        "avx512",
                                                    "avx512-vnni", "avx512-bf16", "amx"};

struct Feature {
  const char* name;
  CpuLevel from;  // the lowest level that may use it
  bool is_there;  // on a machine of that level
};

#if defined(__x86_64__)

// Asks Linux for tiles: their registers are kept for processes that ask alone (Documentation/arch/
// x86/xstate.rst), and for all threads of those.
bool may_use_tiles() {
#if defined(__linux__)
  constexpr long kAskFor = 0x1023, kTileData = 18;  // ARCH_REQ_XCOMP_PERM, XFEATURE_XTILE_DATA
  return syscall(SYS_arch_prctl, kAskFor, kTileData) == 0;
#else
  return false;
#endif
}

CpuLevel machine_level() {
  bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
              __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2") &&
              __builtin_cpu_supports("f16c") && __builtin_cpu_supports("lzcnt") &&
              __builtin_cpu_supports("movbe");
  if (!avx2) return CpuLevel::kPlain;
  bool avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
                __builtin_cpu_supports("avx512vl");
  if (!avx512) return CpuLevel::kAvx2;
  if (!__builtin_cpu_supports("avx512vnni")) return CpuLevel::kAvx512;
  if (!__builtin_cpu_supports("avx512bf16")) return CpuLevel::kAvx512Vnni;
  bool amx = __builtin_cpu_supports("amx-tile") && __builtin_cpu_supports("amx-int8") &&
             __builtin_cpu_supports("amx-bf16") && may_use_tiles();
  return amx ? CpuLevel::kAmx : CpuLevel::kAvx512Bf16;
}

bool is_intel() { return __builtin_cpu_is("intel"); }

std::vector<Feature> all_features() {
  return {{"avx2", CpuLevel::kAvx2, true},
          {"fma", CpuLevel::kAvx2, true},
          {"avx512f", CpuLevel::kAvx512, true},
          {"avx512_bf16", CpuLevel::kAvx512Bf16, true},
          {"avx512_vnni", CpuLevel::kAvx512Vnni, true},
          {"amx_bf16", CpuLevel::kAmx, true},
          {"amx_int8", CpuLevel::kAmx, true}};
}

#else

CpuLevel machine_level() { return CpuLevel::kPlain; }

bool is_intel() { return false; }

std::vector<Feature> all_features() {
#if defined(__aarch64__) && defined(__linux__)
  unsigned long first = getauxval(AT_HWCAP), second = getauxval(AT_HWCAP2);
  auto bit = [](unsigned long word, int index) { return ((word >> index) & 1) != 0; };
  // The bits of Linux's asm/hwcap.h, whose names older headers lack.
  return {{"asimd", CpuLevel::kPlain, bit(first, 1)},
          {"sve", CpuLevel::kPlain, bit(first, 22)},
          {"bf16", CpuLevel::kPlain, bit(second, 14)},
          {"i8mm", CpuLevel::kPlain, bit(second, 13)}};
#else
  return {};
#endif
}

#endif

std::string joined(size_t count) {
  std::string names;
  for (size_t i = 0; i < count; ++i) {
    if (i > 0) names += i + 1 == count ? " or " : ", ";
    names += kNames[i];
  }
  return names;
}

void use_level(Cpu& cpu, CpuLevel level) {
  cpu.level = level;
  cpu.features.clear();
  for (const Feature& feature : all_features()) {
    if (feature.is_there && feature.from <= level) cpu.features.emplace_back(feature.name);
  }
}

Cpu this_cpu() {
  Cpu cpu;
  cpu.machine = machine_level();
  cpu.intel = is_intel();
  use_level(cpu, cpu.machine);
  const char* name = std::getenv("HEED_CPU");
  return name == nullptr || *name == '\0' ? cpu : lowered(cpu, name);
}

}  // namespace

bool Cpu::has(std::string_view feature) const {
  return std::ranges::find(features, feature) != features.end();
}

const Cpu& cpu() {
  static const Cpu read = this_cpu();
  return read;
}

std::string_view name_of(CpuLevel level) { return kNames[static_cast<size_t>(level)]; }

Cpu lowered(const Cpu& machine, const std::string& name) {
  size_t there = static_cast<size_t>(machine.machine) + 1;
  auto found = std::ranges::find(kNames, name);
  auto index = static_cast<size_t>(found - kNames.begin());
  if (found == kNames.end()) {
    fail_usage("HEED_CPU = {}: no such level; this machine runs {}", name, joined(there));
  }
  if (index >= there) {
    fail_usage("HEED_CPU = {}: above what this machine has; it runs {}", name, joined(there));
  }
  Cpu result = machine;
  use_level(result, static_cast<CpuLevel>(index));
  return result;
}

}  // namespace heed::kernels
