// What callers may wish of the search, as options that their requests share.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <tuple>

#include "decoding/engine.h"

namespace heed {

struct SearchWish {
  int64_t beam_size = 0;  // 0: as the model is served
  int64_t n_best = 1;
  bool attention = false;
  int64_t max_length = 0;  // pieces; 0: as the model is served
};

// Requests with equal wishes get the same options, and so can be translated together. Any number of
// threads may ask.
class Searches {
 public:
  explicit Searches(const EngineOptions& engine) : engine_(engine) {}
  // Null where the engine's own options will do.
  std::shared_ptr<const SearchOptions> find(const SearchWish& wish);

 private:
  using Key = std::tuple<int64_t, int64_t, bool, int64_t>;

  EngineOptions engine_;
  std::mutex mutex_;
  std::map<Key, std::shared_ptr<const SearchOptions>> known_;
};

}  // namespace heed
