#include "report/metric_log.h"

#include "util/atomic_file.h"
#include "util/error.h"
#include "util/file_content.h"
#include "util/line_reader.h"
#include "util/log.h"
#include "util/paths.h"

namespace heed {
namespace {
using Json = nlohmann::ordered_json;

std::vector<std::pair<std::string, float>> scalars_of(const Json& entry) {
  std::vector<std::pair<std::string, float>> scalars;
  std::string kind = entry.value("kind", "");
  for (const auto& [key, value] : entry.items()) {
    bool measured = value.is_number() && (key != "bleu" || value >= 0);
    if (measured && key != "step") scalars.emplace_back(kind + "/" + key, value);
  }
  return scalars;
}

// A line that a crash cut off is no JSON.
bool stays(const std::string& line, const MetricLogStart& start) {
  auto entry = nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
  if (!entry.is_object()) return false;
  auto step = entry.find("step"), kind = entry.find("kind");
  if (step == entry.end() || !step->is_number_integer()) return false;
  bool validation = kind != entry.end() && *kind == "valid";
  return step->get<int64_t>() <= (validation ? start.validated : start.step);
}

}  // namespace

MetricLog::MetricLog(const std::string& path, const MetricLogStart& start) : path_(path) {
  if (!file_exists(path)) return;
  std::string kept;
  for (const std::string& line : read_lines(path)) {
    if (stays(line, start)) kept += line + "\n";
  }
  if (kept != read_file(path)) write_file_atomically(path, kept);
}

void MetricLog::append(const Json& entry) {
  waiting_ += entry.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  if (events_) waiting_events_.push_back(entry);
  try {
    append_to_file(path_, waiting_);
    waiting_.clear();
    while (!waiting_events_.empty()) {
      const Json& next = waiting_events_.front();
      events_->append(next.value("step", int64_t{0}), scalars_of(next));
      waiting_events_.pop_front();
    }
    failed_ = false;
  } catch (const Error& error) {
    if (failed_) return;
    failed_ = true;
    log_warning("{}; going on, and trying again at the next report", error.what());
  }
}

}  // namespace heed
