// The one place that knows the processor: every choice between instructions asks it.
//
// The environment variable HEED_CPU lowers it, so that a machine tests every path that it can run:
// plain, avx2, avx512, avx512-vnni, avx512-bf16 or amx. It is about heed's own kernels and its
// choice of precision; LibTorch's products keep what the machine has.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace heed::kernels {

// Each level has the instructions of all before it.
enum class CpuLevel {
  kPlain,       // what the compiler takes for granted
  kAvx2,        // x86-64-v3
  kAvx512,      // x86-64-v4
  kAvx512Vnni,  // products of 8-bit integers
  kAvx512Bf16,  // products of bfloat16
  kAmx,         // tiles of both, which Linux lets a process use that asks
};

struct Cpu {
  CpuLevel level = CpuLevel::kPlain;    // what is used
  CpuLevel machine = CpuLevel::kPlain;  // what is there
  bool intel = false;
  // Vector and matrix extensions that are used, by Linux's names: {"avx2", "fma", "avx512f"}.
  std::vector<std::string> features;

  bool has(std::string_view feature) const;
};

// This processor as HEED_CPU leaves it, read once. Throws UsageError for a value of HEED_CPU that
// is no level or above the machine's: ask before anything else is done.
const Cpu& cpu();

// Its level alone, for who asks for every row.
inline CpuLevel cpu_level() {
  static const CpuLevel level = cpu().level;
  return level;
}

// "avx512-vnni" for kAvx512Vnni, as HEED_CPU has it.
std::string_view name_of(CpuLevel level);

// `machine` with no instructions above the level of that name. Throws UsageError as cpu() does.
Cpu lowered(const Cpu& machine, const std::string& name);

}  // namespace heed::kernels
