// Numbers of a running server, in the text form that Prometheus reads.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace heed {

class Metrics {
 public:
  void count_request(const std::string& route, int status, double seconds);
  void count_characters(int64_t characters);
  void count_reload(bool succeeded);

  // What is so now, beside what has been counted: name, help and value.
  struct Number {
    std::string name, help;
    double value;
    std::string type = "gauge";
  };
  std::string render(const std::vector<Number>& now) const;

 private:
  struct Route {
    std::vector<int64_t> buckets;  // requests of at most kSeconds[i]
    int64_t count = 0;
    double seconds = 0;
  };

  mutable std::mutex mutex_;
  std::map<std::pair<std::string, int>, int64_t> requests_;  // by route and status
  std::map<std::string, Route> durations_;
  int64_t characters_ = 0, reloads_ = 0, failed_reloads_ = 0;
};

// Bytes that the process holds in memory now.
double resident_bytes();

}  // namespace heed
