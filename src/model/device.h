// Where and in which arithmetic a model runs: chosen at run time, and said.
#pragma once

#include <torch/types.h>

#include <optional>
#include <string>
#include <string_view>

#include "kernels/packed_linear.h"

namespace heed {

// "auto", "cpu", "cuda" or "cuda:N". Throws UsageError for a GPU that is not there.
torch::Device choose_device(const std::string& name);

struct Precision {
  torch::ScalarType type;
  std::string reason;  // e.g. "bfloat16: the CPU multiplies it natively (avx512_bf16)"
  // For translation on the CPU: what linear layers multiply in; the rest is float32.
  std::optional<kernels::Packing> packing = {};
};
// "auto", "float32" or "bfloat16"; "auto" takes bfloat16 on CPUs that multiply it natively, as far
// as HEED_CPU (kernels/cpu.h) leaves them what it takes.
Precision choose_precision(std::string_view name, const torch::Device& device);

// The same for translation, where "int8" is one more: "auto" takes it on CPUs that multiply it
// natively. Throws UsageError for int8 on a device other than the CPU.
Precision choose_decoding_precision(std::string_view name, const torch::Device& device);

// What must be alike for two machines to round alike: "bfloat16 on cpu, avx512-bf16".
std::string describe_arithmetic(const Precision& precision, const torch::Device& device);

// `threads` as set, or all cores where that is 0.
int64_t thread_count(int64_t threads);

// Threads inside LibTorch's operators; 0: all cores. Also keeps freed memory in the process, since
// asking the system for zeroed pages again at each step costs up to a fifth of the time.
void set_up_compute(int64_t threads);

// Threads inside operators for as long as it lives: of the thread that made it, and of all others
// that run a backward pass meanwhile, for that makes LibTorch ask for the process's number anew.
class WithThreads {
 public:
  explicit WithThreads(int64_t threads);
  ~WithThreads();
  WithThreads(const WithThreads&) = delete;

 private:
  int before_;
};
// The same for good, as a worker's first act.
void set_worker_threads(int64_t threads);

// Largest memory this process has had, in bytes.
int64_t peak_memory();

}  // namespace heed
