#include "server/admission.h"

#include <algorithm>
#include <cmath>

#include "server/http.h"
#include "util/file_content.h"
#include "util/text.h"

namespace heed {
namespace {

constexpr double kLongestWait = 1e9;     // seconds that a client is told to wait
constexpr size_t kMostBuckets = 100000;  // callers remembered, before those at rest are forgotten

}  // namespace

ApiKeys read_api_keys(const std::string& path) {
  ApiKeys keys;
  int line_number = 0;
  for (const std::string& line : split(read_file(path), '\n')) {
    ++line_number;
    std::vector<std::string> words = split_words(line);
    if (words.empty() || words[0].starts_with('#')) continue;
    auto limit = words.size() == 2 ? parse_int(words[1]) : std::optional<int64_t>(0);
    if (words.size() > 2 || !limit || *limit < 0) {
      fail_usage("{}:{}: expected an API key, and its requests per minute behind a space", path,
                 line_number);
    }
    keys[words[0]] = *limit;
  }
  if (keys.empty()) fail_usage("{}: holds no API key", path);
  return keys;
}

Admission::Admission(const ServerConfig& config)
    : limit_(config.requests_per_minute),
      required_(config.api_key_required),
      path_(config.api_keys),
      keys_(std::make_shared<const ApiKeys>()) {
  reload_keys();
}

void Admission::reload_keys() {
  if (path_.empty()) return;
  auto read = std::make_shared<const ApiKeys>(read_api_keys(path_));
  std::lock_guard lock(mutex_);
  keys_.swap(read);
}

std::shared_ptr<const ApiKeys> Admission::keys() const {
  std::lock_guard lock(mutex_);
  return keys_;
}

void Admission::check_key(const std::string& key) const {
  auto all = keys();
  if (all->empty()) return;
  bool missing = key.empty() && !required_;
  if (!missing && !all->contains(key)) refuse(403, "Invalid API key");
}

void Admission::admit(const Caller& caller, int64_t cost, Clock::time_point now) {
  check_key(caller.key);
  auto all = keys();
  auto key = all->find(caller.key);
  bool known = key != all->end();
  int64_t limit = known && key->second > 0 ? key->second : limit_;
  if (limit == 0) return;
  auto most = static_cast<double>(limit);
  std::lock_guard lock(mutex_);
  if (buckets_.size() >= kMostBuckets) forget_full(now);
  // Keys and addresses must not be taken for each other.
  std::string name = known ? "key " + caller.key : "address " + caller.address;
  Bucket& bucket = buckets_.try_emplace(name, Bucket{most, now}).first->second;
  double minutes = std::chrono::duration<double, std::ratio<60>>(now - bucket.at).count();
  bucket.left = std::min(most, bucket.left + minutes * most);
  bucket.at = now;
  double needed = std::min(static_cast<double>(std::max<int64_t>(cost, 1)), most);
  if (bucket.left < needed) {
    double seconds = std::min(std::ceil((needed - bucket.left) / most * 60), kLongestWait);
    throw HttpError(429, fmt::format("Slowdown: {} per 1 minute", limit))
        .retry_after(std::max(1, static_cast<int>(seconds)));
  }
  bucket.left -= static_cast<double>(std::max<int64_t>(cost, 1));
}

void Admission::forget_full(Clock::time_point now) {
  std::erase_if(buckets_,
                [&](const auto& one) { return now - one.second.at > std::chrono::minutes(2); });
  // A flood of addresses: those that have waited longest would go first, but none has waited.
  if (buckets_.size() >= kMostBuckets) buckets_.clear();
}

}  // namespace heed
