// heed info: what this build and this machine can do, or what a model is.
#include "kernels/torch.h"

#include <thread>

#include "command.h"
#include "model/device.h"
#include "util/error.h"
#include "util/files.h"
#include "util/text.h"
#include "util/version.h"

namespace heed {
namespace {

std::string describe_build() {
  torch::Device device = choose_device("auto");
  return fmt::format(
      "heed       {}\nLibTorch   {}\ncompiler   {}\ncores      {}\nCPU        {}\nGPUs       {}\n"
      "device     {} (auto)\nprecision  {} (training, auto)\n           {} (translation, auto)\n",
      HEED_VERSION, TORCH_VERSION, __VERSION__, std::thread::hardware_concurrency(),
      join(cpu_features(), " "), static_cast<int>(torch::cuda::device_count()), device.str(),
      choose_precision("auto", device).reason, choose_decoding_precision("auto", device).reason);
}

std::string describe_model(const std::string& folder) {
  Bundle bundle = load_bundle(folder, {torch::kCPU, torch::kFloat32});
  int64_t parameters = 0;
  for (const Tensor& parameter : bundle.model->parameters()) parameters += parameter.numel();
  const ModelConfig& model = bundle.config.model;
  VocabularySizes sizes = bundle.tokenizers.sizes();
  return fmt::format(
      "model       {}\nparameters  {}\nwidth       {}\nlayers      {} + {}\nvocabulary  {} source, "
      "{} "
      "target{}\nattention   {} score, {} scope, {} weights\n",
      model.architecture, with_commas(parameters), model.hidden_size, model.layers,
      model.decoder_layers == 0 ? model.layers : model.decoder_layers, sizes.source, sizes.target,
      bundle.tokenizers.shared() ? " (shared)" : "", model.attention_score, model.attention_scope,
      model.attention_weights);
}

}  // namespace

void add_info(CLI::App& app, Run& run) {
  auto* command = app.add_subcommand("info", "Describe this build and machine, or a model");
  auto folder = std::make_shared<std::string>();
  command->add_option("folder", *folder, "Model folder");
  command->callback([folder, &run] {
    run = [folder] {
      OutputFile out("-");
      out.write(folder->empty() ? describe_build() : describe_model(*folder));
      out.close();
      return 0;
    };
  });
}

}  // namespace heed
