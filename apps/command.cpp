#include "command.h"

#include "config/options.h"
#include "decoding/ensemble.h"
#include "model/device.h"
#include "util/error.h"
#include "util/log.h"

namespace heed {
namespace {

// Puts a flag's value through the option table's own checks.
template <typename T>
void override_with(Config& config, const char* key, const std::optional<T>& value) {
  if (!value) return;
  const Option* option = find_option("decoding", key);
  if (auto problem = option->set(config, fmt::format("{}", *value))) {
    std::string flag = key;
    std::replace(flag.begin(), flag.end(), '_', '-');
    fail_usage("--{}: {}", flag, *problem);
  }
}

}  // namespace

void ComputeFlags::add_to(CLI::App& command) {
  command.add_option("--device", device, "auto, cpu, cuda or cuda:N")->capture_default_str();
  command.add_option("--threads", threads, "Threads inside operators; 0: all cores")
      ->check(CLI::Range(0, 4096));
  command.add_option("--precision", precision, "auto, float32 or bfloat16; auto is float32 here")
      ->check(CLI::IsMember({"auto", "float32", "bfloat16"}));
  command.add_flag("--quiet,-q", quiet, "Only warnings and errors on stderr");
}

Placement ComputeFlags::apply() const {
  set_log_quiet(quiet);
  set_up_compute(threads);
  torch::Device where = choose_device(device);
  return {where, choose_precision(precision == "auto" ? "float32" : precision, where).type};
}

void DecodingFlags::add_to(CLI::App& command) {
  command.add_option("--beam-size", beam_size, "Hypotheses kept in beam search; 1 is greedy");
  command.add_option("--batch-size", batch_size, "Sentences translated together");
  command.add_option("--length-penalty", length_penalty, "A in log P(y|x) / |y|^A");
  command.add_option("--max-length-ratio", max_length_ratio,
                     "Longest translation: so many times the source's pieces, plus 10");
  command.add_option("--max-length", max_length,
                     "Longest translation in pieces; 0: the ratio alone");
  command.add_option("--min-length", min_length, "Shortest translation in pieces");
  command.add_option("--no-repeat-ngram", no_repeat_ngram,
                     "No sequence of so many pieces twice in a translation; 0: off");
}

DecodingConfig DecodingFlags::over(const Config& config) const {
  Config result = config;
  override_with(result, "beam_size", beam_size);
  override_with(result, "batch_size", batch_size);
  override_with(result, "length_penalty", length_penalty);
  override_with(result, "max_length_ratio", max_length_ratio);
  override_with(result, "max_length", max_length);
  override_with(result, "min_length", min_length);
  override_with(result, "no_repeat_ngram", no_repeat_ngram);
  return result.decoding;
}

LoadedModel load_models(const std::vector<std::string>& folders, const Placement& placement) {
  LoadedModel loaded{load_bundle(folders.at(0), placement), nullptr};
  loaded.model = loaded.bundle.model;
  if (folders.size() == 1) return loaded;
  std::vector<std::shared_ptr<Seq2Seq>> members = {loaded.bundle.model};
  for (size_t i = 1; i < folders.size(); ++i) {
    Bundle other = load_bundle(folders[i], placement);
    if (other.tokenizers.checksum() != loaded.bundle.tokenizers.checksum()) {
      fail("{} and {} have different vocabularies ({} and {}): an ensemble needs one", folders[0],
           folders[i], loaded.bundle.tokenizers.checksum(), other.tokenizers.checksum());
    }
    members.push_back(other.model);
  }
  loaded.model = std::make_shared<Ensemble>(std::move(members));
  loaded.model->eval();
  return loaded;
}

}  // namespace heed
