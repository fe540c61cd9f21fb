#include "inference/load.h"

#include "kernels/torch.h"

#include "inference/compile.h"
#include "inference/ensemble.h"
#include "model/device.h"
#include "model/weights.h"
#include "util/error.h"
#include "util/log.h"

namespace heed {
namespace {

LoadedModel load_model(const std::string& path, const Placement& placement) {
  ModelFolder folder = find_model(path);
  LoadedModel loaded{folder.read_config(), folder.load_tokenizers(), nullptr};
  TensorReader weights = open_weights(folder, origin_of(loaded.config.model, loaded.tokenizers));
  loaded.inference = compile(
      shape_of(loaded.config, loaded.tokenizers),
      [&](const std::string& name, at::IntArrayRef sizes) {
        return read_weight(weights, name, sizes);
      },
      placement);
  check_all_read(weights);
  return loaded;
}

Placement set_up(const ComputeChoice& choice) {
  set_up_compute(choice.threads);
  torch::Device device = choose_device(choice.device);
  Precision precision = choose_decoding_precision(choice.precision, device);
  if (choice.precision == "auto") log_info("precision: {}", precision.reason);
  return {device, precision.type, precision.packing};
}

}  // namespace

LoadedModel load_models(const std::vector<std::string>& folders, const ComputeChoice& choice) {
  Placement placement = set_up(choice);
  LoadedModel loaded = load_model(folders.at(0), placement);
  if (folders.size() == 1) return loaded;
  std::vector<Ensemble::Member> members = {{loaded.inference, loaded.tokenizers.source}};
  const Tokenizer& target = *loaded.tokenizers.target;
  for (size_t i = 1; i < folders.size(); ++i) {
    LoadedModel other = load_model(folders[i], placement);
    if (other.tokenizers.target->checksum() != target.checksum()) {
      fail(
          "{} and {} have different target vocabularies ({} and {} pieces): an ensemble needs one; "
          "train the second with [tokenizer] target_model (or model) from the first's folder",
          folders[0], folders[i], target.vocab_size(), other.tokenizers.target->vocab_size());
    }
    int64_t& limit = loaded.config.data.max_length;
    limit = std::min(limit, other.config.data.max_length);
    members.push_back({other.inference, other.tokenizers.source});
  }
  loaded.inference = std::make_shared<Ensemble>(std::move(members));
  return loaded;
}

int64_t thread_count(const ComputeChoice& choice) { return thread_count(choice.threads); }

}  // namespace heed
