#include "training/agreement.h"

#include <torch/version.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "config/options.h"
#include "util/error.h"
#include "util/file_content.h"
#include "util/text.h"
#include "util/version.h"

namespace heed {
namespace {

bool is_machines_own(const Option& option) {
  static const std::vector<std::string> names = {"training.threads", "training.replicas",
                                                 "training.device", "training.memory_limit"};
  return option.type == OptionType::kPath || option.type == OptionType::kPaths ||
         std::ranges::find(names, option.name()) != names.end();
}

// What `other` says of each name otherwise than `first` does.
std::vector<std::string> differences(const Fingerprint& first, const Fingerprint& other) {
  std::vector<std::string> found;
  for (const auto& [name, value] : other) {
    auto same_name = [&](const auto& item) { return item.first == name; };
    auto theirs = std::ranges::find_if(first, same_name);
    std::string expected = theirs == first.end() ? "none" : theirs->second;
    if (value != expected) {
      found.push_back(fmt::format("{} = {} (rank 0 has {})", name, value, expected));
    }
  }
  if (found.empty() && first != other) found.push_back("its options are not those of rank 0");
  return found;
}

}  // namespace

Fingerprint program_fingerprint(const Config& config) {
  Fingerprint own = {{"heed", HEED_VERSION}, {"LibTorch", TORCH_VERSION}};
  for (const Option& option : option_table()) {
    if (!is_machines_own(option)) own.emplace_back(option.name(), option.get(config));
  }
  return own;
}

void check_agreement(Communicator& communicator, const Fingerprint& own) {
  if (communicator.size() == 1) return;
  std::vector<std::string> texts = communicator.gather_texts(nlohmann::json(own).dump());
  auto fingerprint = [&](size_t rank) {
    return nlohmann::json::parse(texts[rank]).get<Fingerprint>();
  };
  Fingerprint first = fingerprint(0);
  std::vector<std::string> refused;
  for (size_t rank = 1; rank < texts.size(); ++rank) {
    auto found = differences(first, fingerprint(rank));
    if (!found.empty()) refused.push_back(fmt::format("rank {}: {}", rank, join(found, ", ")));
  }
  if (refused.empty()) return;
  fail_usage("the processes of a training must have the same of all of this; {}",
             join(refused, "; "));
}

void check_same_weights(Communicator& communicator, const at::Tensor& weights, int64_t step) {
  if (communicator.size() == 1) return;
  at::Tensor own = weights.cpu();
  std::vector<std::string> all = communicator.gather_texts(
      checksum({static_cast<const char*>(own.const_data_ptr()), own.nbytes()}));
  for (size_t rank = 1; rank < all.size(); ++rank) {
    if (all[rank] == all[0]) continue;
    fail(
        "step {}: the weights of rank {} are not those of rank 0: their processors round "
        "differently; HEED_CPU lowers heed's own instructions to what both have",
        step, rank);
  }
}

}  // namespace heed
