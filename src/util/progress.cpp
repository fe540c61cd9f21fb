#include "util/progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <system_error>
#include <vector>

#include "util/log.h"
#include "util/text.h"

namespace heed {
namespace {

constexpr int64_t kBarColumns = 20;
constexpr size_t kLeastWithBar = 70;  // columns of a terminal

// Work within other work: the innermost alone is told of.
struct Nest {
  std::mutex mutex;
  std::vector<const Progress*> all;
};

Nest& nest() {
  static Nest instance;
  return instance;
}

// That a line may take on the terminal without being wrapped.
size_t terminal_columns() {
  winsize size{};
  bool known = ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1;
  return known ? size.ws_col - size_t{1} : 79;
}

std::string bar(double share) {
  auto filled = static_cast<int64_t>(share * static_cast<double>(kBarColumns));
  std::string text(static_cast<size_t>(filled), '=');
  if (filled < kBarColumns) text += '>';
  text.resize(static_cast<size_t>(kBarColumns), ' ');
  return " [" + text + "]";
}

// "1,234 of 2,700 pairs"
std::string counts(const Work& work, int64_t done) {
  if (work.unit.empty()) return "";
  std::string all = work.total > 0 ? " of " + with_commas(work.total) : "";
  return fmt::format(" | {}{} {}", with_commas(done), all, work.unit);
}

// What is left, by the pace so far.
std::string left(const Work& work, int64_t done, double seconds) {
  if (done <= work.from) return "";
  double each = seconds / static_cast<double>(done - work.from);
  return " | left " + format_duration(each * static_cast<double>(work.total - done));
}

}  // namespace

std::string progress_text(const Work& work, int64_t done, double seconds, size_t columns) {
  std::string rest;
  if (work.total > 0) {
    done = std::clamp<int64_t>(done, 0, work.total);
    double share = static_cast<double>(done) / static_cast<double>(work.total);
    bool log = columns == 0;
    rest = columns < kLeastWithBar ? "" : bar(share);
    rest += fmt::format("{}{}%", log ? " | " : " ", static_cast<int64_t>(100 * share));
    rest += counts(work, done) + left(work, done, seconds);
  } else {
    rest = counts(work, done) + " | " + format_duration(seconds);
  }
  std::string what = work.what;
  if (columns > 0 && what.size() + rest.size() > columns) {
    size_t room = columns - std::min(columns, rest.size() + 2);
    what = std::string(truncate_utf8(what, room)) + "..";
  }
  return what + rest;
}

std::string short_name(const std::string& path) {
  return std::filesystem::path(path).filename().string();
}

Progress::Progress(Work work, const ProgressPace& pace)
    : work_(std::move(work)), pace_(pace), done_(work_.from) {
  bool terminal = stderr_is_terminal();
  if (!terminal && !work_.in_log) return;
  {
    std::lock_guard lock(nest().mutex);
    nest().all.push_back(this);
  }
  try {
    thread_ = std::thread([this, terminal] { tell(terminal); });
  } catch (const std::system_error&) {  // the work itself needs no further thread
  }
}

Progress::~Progress() {
  {
    std::lock_guard lock(mutex_);
    ended_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
  std::lock_guard lock(nest().mutex);
  std::erase(nest().all, this);
}

bool Progress::is_innermost() const {
  std::lock_guard lock(nest().mutex);
  return nest().all.back() == this;
}

void Progress::tell(bool terminal) {
  using Clock = std::chrono::steady_clock;
  using Seconds = std::chrono::duration<double>;
  auto start = Clock::now();
  double next = terminal ? pace_.silent : pace_.first_line;
  std::unique_lock lock(mutex_);
  while (!changed_.wait_until(lock,
                              start + std::chrono::duration_cast<Clock::duration>(Seconds(next)),
                              [&] { return ended_; })) {
    double seconds = Seconds(Clock::now() - start).count();
    if (is_innermost()) show(terminal, seconds);
    next = seconds + (terminal ? pace_.refresh : std::min(seconds, pace_.rarest));
  }
  if (shown_) show_status_line("");
}

void Progress::show(bool terminal, double seconds) {
  if (!terminal) return log_info("{}", progress_text(work_, done_, seconds, 0));
  show_status_line(progress_text(work_, done_, seconds, terminal_columns()));
  shown_ = true;
}

}  // namespace heed
