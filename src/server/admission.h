// Who may ask, and how often: API keys, and requests per minute by key and by address.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "config/config.h"

namespace heed {

// Keys with their requests per minute; 0: the server's.
using ApiKeys = std::map<std::string, int64_t>;

// A key a line, with a limit behind a space where it has one of its own; blank lines and lines that
// begin with # are none. Throws UsageError with file and line for anything else.
ApiKeys read_api_keys(const std::string& path);

class Admission {
 public:
  using Clock = std::chrono::steady_clock;

  explicit Admission(const ServerConfig& config);

  struct Caller {
    std::string key, address;
  };
  // Throws HttpError: 403 for a key that is wrong or missing, 429 with Retry-After for who has
  // asked too often. `cost` counts as so many requests; a caller that has not used its minute may
  // ask for more than is left of it once.
  void admit(const Caller& caller, int64_t cost, Clock::time_point now = Clock::now());
  // Only looks at the key.
  void check_key(const std::string& key) const;
  // Reads the keys anew. Throws as read_api_keys does, and the keys of before stay.
  void reload_keys();

 private:
  // What is left of a caller's minute: it fills again steadily.
  struct Bucket {
    double left;
    Clock::time_point at;
  };
  void forget_full(Clock::time_point now);

  std::shared_ptr<const ApiKeys> keys() const;

  int64_t limit_;
  bool required_;
  std::string path_;  // of the keys
  mutable std::mutex mutex_;
  std::shared_ptr<const ApiKeys> keys_;
  std::unordered_map<std::string, Bucket> buckets_;
};

}  // namespace heed
