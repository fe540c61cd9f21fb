#include "server/metrics.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <fstream>

namespace heed {
namespace {

constexpr std::array kSeconds = {0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1., 2.5, 5., 10., 30., 60.};

std::string head(const char* name, const char* type, const char* help) {
  return fmt::format("# HELP {} {}\n# TYPE {} {}\n", name, help, name, type);
}

std::string counter(const char* name, const char* help, int64_t value) {
  return head(name, "counter", help) + fmt::format("{} {}\n", name, value);
}

}  // namespace

void Metrics::count_request(const std::string& route, int status, double seconds) {
  std::lock_guard lock(mutex_);
  ++requests_[{route, status}];
  Route& durations = durations_[route];
  durations.buckets.resize(kSeconds.size());
  for (size_t i = 0; i < kSeconds.size(); ++i) durations.buckets[i] += seconds <= kSeconds[i];
  ++durations.count;
  durations.seconds += seconds;
}

void Metrics::count_characters(int64_t characters) {
  std::lock_guard lock(mutex_);
  characters_ += characters;
}

void Metrics::count_reload(bool succeeded) {
  std::lock_guard lock(mutex_);
  ++(succeeded ? reloads_ : failed_reloads_);
}

std::string Metrics::render(const std::vector<Number>& now) const {
  std::lock_guard lock(mutex_);
  std::string out = head("heed_requests_total", "counter", "Requests answered.");
  for (const auto& [key, count] : requests_) {
    out += fmt::format("heed_requests_total{{path=\"{}\",status=\"{}\"}} {}\n", key.first,
                       key.second, count);
  }
  const char* seconds = "heed_request_duration_seconds";
  out += head(seconds, "histogram", "From a request's last byte to its answer.");
  for (const auto& [route, durations] : durations_) {
    for (size_t i = 0; i < kSeconds.size(); ++i) {
      out += fmt::format("{}_bucket{{path=\"{}\",le=\"{}\"}} {}\n", seconds, route, kSeconds[i],
                         durations.buckets[i]);
    }
    out += fmt::format(
        "{0}_bucket{{path=\"{1}\",le=\"+Inf\"}} {2}\n{0}_sum{{path=\"{1}\"}} {3}\n"
        "{0}_count{{path=\"{1}\"}} {2}\n",
        seconds, route, durations.count, durations.seconds);
  }
  out += counter("heed_characters_total", "Characters that were to be translated.", characters_);
  out += counter("heed_reloads_total", "Times that the models were loaded anew.", reloads_);
  out += counter("heed_failed_reloads_total", "Times that this failed.", failed_reloads_);
  for (const Number& one : now) {
    out += head(one.name.c_str(), one.type.c_str(), one.help.c_str());
    out += fmt::format("{} {}\n", one.name, one.value);
  }
  return out;
}

double resident_bytes() {
  std::ifstream file("/proc/self/statm");
  double total = 0, resident = 0;
  file >> total >> resident;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE));
}

}  // namespace heed
