#include "model/device.h"

#include <sys/resource.h>
#include "kernels/torch.h"
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include <thread>

#include "kernels/cpu.h"
#include "kernels/int8_linear.h"
#include "util/error.h"
#include "util/text.h"

namespace heed {
namespace {

torch::Device cuda_device(const std::string& name) {
  auto count = static_cast<int64_t>(torch::cuda::device_count());
  if (count == 0) {
    fail_usage("device = {}: LibTorch sees no GPU here; use cpu or auto", name);
  }
  int64_t index = 0;
  if (name != "cuda") index = parse_int(name.substr(5)).value_or(-1);
  if (index < 0 || index >= count) {
    fail_usage("device = {}: there are {} GPUs, cuda:0 to cuda:{}", name, count, count - 1);
  }
  return {torch::kCUDA, static_cast<c10::DeviceIndex>(index)};
}

}  // namespace

torch::Device choose_device(const std::string& name) {
  if (name == "cpu") return torch::kCPU;
  if (name == "auto") return torch::cuda::device_count() > 0 ? cuda_device("cuda") : torch::kCPU;
  if (name == "cuda" || name.starts_with("cuda:")) return cuda_device(name);
  fail_usage("device = {}: expected auto, cpu, cuda or cuda:N", name);
}

Precision choose_precision(std::string_view name, const torch::Device& device) {
  if (name == "float32") return {torch::kFloat32, "float32: as set"};
  if (name == "bfloat16") return {torch::kBFloat16, "bfloat16: as set"};
  if (name != "auto") fail_usage("precision = {}: expected auto, float32 or bfloat16", name);
  if (!device.is_cpu()) return {torch::kFloat32, "float32: auto takes bfloat16 on CPUs alone"};
  for (const char* feature : {"avx512_bf16", "amx_bf16", "bf16"}) {
    if (kernels::cpu().has(feature)) {
      return {torch::kBFloat16,
              fmt::format("bfloat16: this CPU multiplies it natively ({})", feature)};
    }
  }
  return {torch::kFloat32, "float32: this CPU does not multiply bfloat16 natively"};
}

Precision choose_decoding_precision(std::string_view name, const torch::Device& device) {
  if (name == "int8") {
    if (!device.is_cpu()) {
      fail_usage(
          "precision = int8: on the CPU alone, and the device is {}; take float32 or bfloat16",
          device.str());
    }
    return {torch::kFloat32, "int8: as set", kernels::Packing::kInt8};
  }
  if (!device.is_cpu()) {
    if (name == "auto") return {torch::kFloat32, "float32: auto takes int8 on CPUs alone"};
    return choose_precision(name, device);
  }
  if (name != "auto") {
    Precision chosen = choose_precision(name, device);
    chosen.packing =
        chosen.type == torch::kBFloat16 ? kernels::Packing::kBfloat16 : kernels::Packing::kFloat32;
    chosen.type = torch::kFloat32;
    return chosen;
  }
  if (!kernels::has_int8_instructions()) {
    return {torch::kFloat32, "float32: this CPU does not multiply 8 bits natively (avx512_vnni)",
            kernels::Packing::kFloat32};
  }
  return {torch::kFloat32, "int8: this CPU multiplies it natively (avx512_vnni)",
          kernels::Packing::kInt8};
}

std::string describe_arithmetic(const Precision& precision, const torch::Device& device) {
  return fmt::format("{} on {}, {}", precision.type == torch::kBFloat16 ? "bfloat16" : "float32",
                     device.is_cpu() ? "cpu" : "gpu", kernels::name_of(kernels::cpu_level()));
}

int64_t thread_count(int64_t threads) {
  return threads > 0 ? threads : std::max<int64_t>(1, std::thread::hardware_concurrency());
}

void set_up_compute(int64_t threads) {
  at::set_num_threads(static_cast<int>(thread_count(threads)));
#ifdef __GLIBC__
  mallopt(M_MMAP_MAX, 0);
  mallopt(M_TRIM_THRESHOLD, std::numeric_limits<int>::max());
  mallopt(M_TOP_PAD, 64 << 20);
  mallopt(M_ARENA_MAX, 1);
#endif
}

void set_worker_threads(int64_t threads) {
  // LibTorch gives a thread the process's number when the thread first asks: let that be before.
  at::get_num_threads();
  at::set_num_threads(static_cast<int>(threads));
}

WithThreads::WithThreads(int64_t threads) : before_(at::get_num_threads()) {
  at::set_num_threads(static_cast<int>(threads));
}

WithThreads::~WithThreads() { at::set_num_threads(before_); }

int64_t peak_memory() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<int64_t>(usage.ru_maxrss) * 1024;
}

}  // namespace heed
