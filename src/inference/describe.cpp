#include "inference/describe.h"

#include "kernels/torch.h"

#include <fmt/format.h>

#include <thread>

#include "kernels/cpu.h"
#include "model/device.h"
#include "model/layers.h"
#include "model/weights.h"
#include "util/text.h"
#include "util/version.h"

namespace heed {

namespace {

std::string describe_cpu() {
  const kernels::Cpu& cpu = kernels::cpu();
  std::string text(kernels::name_of(cpu.level));
  if (!cpu.features.empty()) text += fmt::format(" ({})", join(cpu.features, " "));
  if (cpu.level == cpu.machine) return text;
  return text + fmt::format("; lowered from {} by HEED_CPU", kernels::name_of(cpu.machine));
}

}  // namespace

void check_processor() { kernels::cpu(); }

std::string describe_build() {
  torch::Device device = choose_device("auto");
  return fmt::format(
      "heed       {}\nLibTorch   {}\ncompiler   {}\ncores      {}\nCPU        {}\nGPUs       {}\n"
      "device     {} (auto)\nprecision  {} (training, auto)\n           {} (translation, auto)\n",
      HEED_VERSION, TORCH_VERSION, __VERSION__, std::thread::hardware_concurrency(), describe_cpu(),
      static_cast<int>(torch::cuda::device_count()), device.str(),
      choose_precision("auto", device).reason, choose_decoding_precision("auto", device).reason);
}

std::string describe_model(const std::string& folder) {
  ModelFolder files = find_model(folder);
  ModelConfig model = files.read_config().model;
  Tokenizers tokenizers = files.load_tokenizers();
  TensorReader weights = open_weights(files, origin_of(model, tokenizers));
  weights.verify();
  int64_t parameters = 0;
  for (const auto& [name, entry] : weights.entries()) {
    int64_t numbers = 1;
    for (int64_t size : entry.sizes) numbers *= size;
    parameters += numbers;
  }
  VocabularySizes sizes = sizes_of(tokenizers);
  return fmt::format(
      "model       {}\nparameters  {}\nwidth       {}\nlayers      {} + {}\n"
      "vocabulary  {} source, {} target{}\nattention   {} score, {} scope, {} weights\n",
      model.architecture, with_commas(parameters), model.hidden_size, model.layers,
      decoder_layers(model), sizes.source, sizes.target,
      tokenizers.one_vocabulary() ? " (shared)" : "", model.attention_score, model.attention_scope,
      model.attention_weights);
}

}  // namespace heed
