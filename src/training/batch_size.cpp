#include "training/batch_size.h"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <string>

#include "model/device.h"
#include "util/error.h"

namespace heed {
namespace {

constexpr int64_t kFirst = 512, kMost = 25000;
constexpr int64_t kMiB = 1 << 20;

// What the process's control groups allow, where they say so: its own, and those around it.
int64_t machine_memory() {
  int64_t memory = static_cast<int64_t>(sysconf(_SC_PHYS_PAGES)) * sysconf(_SC_PAGE_SIZE);
  std::ifstream groups("/proc/self/cgroup");
  // "0::/job/step" of version 2, "7:memory:/job/step" of version 1.
  for (std::string line; std::getline(groups, line);) {
    bool second = line.starts_with("0::");
    size_t name = line.find(second ? "/" : ":memory:/");
    if (name == std::string::npos) continue;
    std::string group = line.substr(line.find('/', name));
    std::string root = second ? "/sys/fs/cgroup" : "/sys/fs/cgroup/memory";
    std::string file = second ? "/memory.max" : "/memory.limit_in_bytes";
    while (true) {
      int64_t allowed = 0;
      if (std::ifstream(root + group + file) >> allowed) memory = std::min(memory, allowed);
      if (group.empty()) break;
      group.resize(group.rfind('/'));
    }
  }
  return memory;
}

// Numbers that the pairs' activations grow by: cells of the attention, and of everything else.
int64_t demand(const Corpus& corpus, const std::vector<int64_t>& pairs) {
  int64_t source = 0, target = 0;
  for (int64_t pair : pairs) {
    source = std::max(source, corpus.source.length(pair) + 1);
    target = std::max(target, corpus.target.length(pair) + 1);
  }
  constexpr int64_t kWidth = 256;  // of a usual model: how much a token weighs beside a cell
  return std::ssize(pairs) *
         (kWidth * (source + target) + source * source + (source + target) * target);
}

}  // namespace

int64_t memory_limit(const TrainingConfig& config) {
  return config.memory_limit > 0 ? config.memory_limit * kMiB : machine_memory() / 2;
}

BatchSize largest_batch(const std::function<int64_t(int64_t tokens)>& measure, int64_t limit,
                        int64_t most) {
  BatchSize best{std::min(kFirst, most), 0};
  best.memory = measure(best.tokens);
  if (best.memory > limit) {
    fail(
        "training.batch_tokens = auto: a batch of {} tokens already takes {} MiB, and "
        "training.memory_limit is {} MiB; raise it, make the model smaller, or set batch_tokens",
        best.tokens, best.memory / kMiB, limit / kMiB);
  }
  for (double growth = 0; best.tokens < most;) {  // bytes a token
    int64_t next = std::min(2 * best.tokens, most);
    auto more = static_cast<double>(next - best.tokens);
    if (static_cast<double>(best.memory) + growth * more > static_cast<double>(limit)) break;
    int64_t memory = measure(next);
    if (memory > limit) break;
    growth = static_cast<double>(memory - best.memory) / more;
    best = {next, memory};
  }
  return best;
}

BatchSize find_batch_size(Replicas& replicas, const Objective& objective, const BatchTrial& trial,
                          int64_t limit, Communicator& communicator) {
  const Corpus& corpus = trial.corpus;
  auto measure = [&](int64_t tokens) {
    BatcherOptions tried = trial.options;
    tried.batch_tokens = tokens;
    auto plan = plan_epoch(corpus, tried, 0);
    auto hardest = std::ranges::max_element(
        plan, {}, [&](const std::vector<int64_t>& pairs) { return demand(corpus, pairs); });
    auto cut = cut_into_parts(corpus, *hardest, tried.parts);
    int64_t end = std::min(tried.end_part, std::ssize(cut));
    std::vector<Batch> parts;
    for (int64_t i = tried.first_part; i < end; ++i) {
      parts.push_back(gather_batch(corpus, cut[i], trial.tokenizers));
    }
    replicas.backward(parts, objective, {.seed = 0});
    return communicator.largest(peak_memory());
  };
  return largest_batch(measure, limit, kMost);
}

}  // namespace heed
