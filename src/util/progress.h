// How far a long piece of work is. Nothing is said of one that takes less than two seconds. Then a
// terminal sees a bar with what is left, and a log a line now and then.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>

namespace heed {

struct Work {
  std::string what;       // "reading train.en"
  int64_t total = 0;      // of its units; 0: nobody knows
  std::string unit = "";  // "pairs"; empty: the numbers are not worth showing
  int64_t from = 0;       // of the units, done before
  bool in_log = true;     // false: the log has lines of the work's own
};

// Seconds from the start of the work until something is said, and between two times.
struct ProgressPace {
  double silent = 2, refresh = 0.2;     // on a terminal
  double first_line = 10, rarest = 60;  // in a log, at intervals that double
};

class Progress {
 public:
  explicit Progress(Work work, const ProgressPace& pace = {});
  // Clears what it has shown.
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // By any thread; these cost an addition.
  void add(int64_t more = 1) { done_ += more; }
  void reach(int64_t done) { done_ = done; }

 private:
  void tell(bool terminal);
  bool is_innermost() const;
  void show(bool terminal, double seconds);

  Work work_;
  ProgressPace pace_;
  std::atomic<int64_t> done_;
  bool shown_ = false;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool ended_ = false;
  std::thread thread_;
};

// "reading train.en [=====>    ] 45% | 1,234 of 2,700 pairs | left 12s", in at most so many
// columns; for a log (0 columns) without the bar.
std::string progress_text(const Work& work, int64_t done, double seconds, size_t columns);

// The last part of a path, to name a file in few columns.
std::string short_name(const std::string& path);

}  // namespace heed
