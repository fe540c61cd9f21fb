// metrics.jsonl: one JSON object a line, for programs and plots; the same numbers for TensorBoard.
#pragma once

#include <cstdint>
#include <deque>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "report/event_file.h"

namespace heed {

// Where a training goes on: what comes after is said again.
struct MetricLogStart {
  int64_t step = 0;       // the last one that is done
  int64_t validated = 0;  // and the last one that has been validated
};

class MetricLog {
 public:
  // Appends to `path`. Lines that a resumed training makes again, and what is no such line, are
  // dropped first. Throws Error where the file cannot be read or written.
  MetricLog(const std::string& path, const MetricLogStart& start);
  // From now on entries go to this event file too: each number as the scalar "kind/key".
  void add_events(EventFile events) { events_ = std::move(events); }
  // `entry` should hold "step" and "kind". What cannot be written is kept for the next time, with a
  // warning the first time: a full disk is no reason to lose a training's steps.
  void append(const nlohmann::ordered_json& entry);

 private:
  std::string path_;
  std::string waiting_;  // lines that are not in the file yet
  std::deque<nlohmann::ordered_json> waiting_events_;
  bool failed_ = false;
  std::optional<EventFile> events_;
};

}  // namespace heed
