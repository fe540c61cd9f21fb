// metrics.jsonl: one JSON object a line, for programs and plots.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

namespace heed {

class MetricLog {
 public:
  // Appends to `path`. Lines of steps after `resumed_step`, which a resumed training makes again,
  // are dropped first. Throws Error where the file cannot be written.
  MetricLog(const std::string& path, int64_t resumed_step);
  // `entry` should hold "step" and "kind".
  void append(const nlohmann::ordered_json& entry);

 private:
  std::string path_;
};

}  // namespace heed
