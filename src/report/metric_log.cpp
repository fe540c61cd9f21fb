#include "report/metric_log.h"

#include <cstdio>

#include "util/atomic_file.h"
#include "util/error.h"
#include "util/line_reader.h"
#include "util/paths.h"

namespace heed {

MetricLog::MetricLog(const std::string& path, int64_t resumed_step) : path_(path) {
  if (!file_exists(path)) return;
  std::string kept;
  for (const std::string& line : read_lines(path)) {
    auto entry = nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
    // A line that a crash cut off is no JSON: dropped as well.
    if (!entry.is_object() || entry.value("step", int64_t{0}) > resumed_step) continue;
    kept += line + "\n";
  }
  write_file_atomically(path, kept);
}

void MetricLog::append(const nlohmann::ordered_json& entry) {
  std::string line =
      entry.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
  FILE* file = std::fopen(path_.c_str(), "ae");
  if (file == nullptr) fail("cannot write {}: {}", path_, system_reason());
  bool written = std::fwrite(line.data(), 1, line.size(), file) == line.size();
  written = std::fclose(file) == 0 && written;
  if (!written) fail("cannot write {}: {}", path_, system_reason());
}

}  // namespace heed
