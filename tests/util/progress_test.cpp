#include "util/progress.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <pty.h>
#include <unistd.h>

#include "util/log.h"

namespace heed {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr ProgressPace kAtOnce{.silent = 0, .refresh = 0.01, .first_line = 0, .rarest = 0.01};

// A terminal in the place of stderr.
class Terminal {
 public:
  explicit Terminal(unsigned short columns = 100) : before_(::dup(STDERR_FILENO)) {
    winsize size{24, columns, 0, 0};
    int inner = -1;
    if (::openpty(&outer_, &inner, nullptr, nullptr, &size) != 0)
      throw std::runtime_error("no pty");
    ::dup2(inner, STDERR_FILENO);
    ::close(inner);
  }
  ~Terminal() {
    ::dup2(before_, STDERR_FILENO);
    ::close(before_);
    ::close(outer_);
  }

  // All that was written, until it holds `text`; what there was after ten seconds where it never
  // does.
  const std::string& read_until(const std::string& text) {
    while (seen_.find(text) == std::string::npos) {
      pollfd one{outer_, POLLIN, 0};
      if (::poll(&one, 1, 10000) <= 0) break;
      take();
    }
    return seen_;
  }
  const std::string& read_what_is_there() {
    for (pollfd one{outer_, POLLIN, 0}; ::poll(&one, 1, 50) > 0;) take();
    return seen_;
  }
  void forget() { seen_.clear(); }

 private:
  void take() {
    char bytes[4096];
    ssize_t got = ::read(outer_, bytes, sizeof bytes);
    if (got > 0) seen_.append(bytes, static_cast<size_t>(got));
  }
  int before_, outer_ = -1;
  std::string seen_;
};

TEST(ProgressText, HasWhatIsDoneAndWhatIsLeft) {
  Work work{.what = "reading train.en", .total = 2700, .unit = "pairs"};
  EXPECT_EQ(progress_text(work, 1234, 10, 79),
            "reading train.en [=========>          ] 45% | 1,234 of 2,700 pairs | left 12s");
  EXPECT_EQ(progress_text(work, 1234, 10, 0),
            "reading train.en | 45% | 1,234 of 2,700 pairs | left 12s");
  EXPECT_EQ(progress_text(work, 0, 10, 0), "reading train.en | 0% | 0 of 2,700 pairs");
  EXPECT_EQ(progress_text(work, 9999, 10, 0),
            "reading train.en | 100% | 2,700 of 2,700 pairs | left 0.0s");
}

TEST(ProgressText, WhatWasDoneBeforeSaysNothingOfThePace) {
  Work work{.what = "training", .total = 300, .unit = "steps", .from = 100};
  EXPECT_EQ(progress_text(work, 200, 60, 0), "training | 66% | 200 of 300 steps | left 1m00s");
  EXPECT_EQ(progress_text(work, 100, 60, 0), "training | 33% | 100 of 300 steps");
}

TEST(ProgressText, WithoutATotalOrAUnit) {
  EXPECT_EQ(progress_text({.what = "learning"}, 5, 75, 79), "learning | 1m15s");
  EXPECT_EQ(progress_text({.what = "scoring", .unit = "lines"}, 5000, 75, 79),
            "scoring | 5,000 lines | 1m15s");
  EXPECT_EQ(progress_text({.what = "reading", .total = 4}, 1, 3, 0), "reading | 25% | left 9.0s");
}

TEST(ProgressText, FitsIntoTheTerminal) {
  Work work{.what = std::string(200, 'a'), .total = 10, .unit = "pairs"};
  for (size_t columns : {200, 80, 60, 40}) {
    EXPECT_EQ(progress_text(work, 5, 10, columns).size(), columns);
    EXPECT_THAT(progress_text(work, 5, 10, columns), HasSubstr(".. "));
    EXPECT_EQ(progress_text(work, 5, 10, columns).find('[') != std::string::npos, columns >= 70);
  }
}

TEST(Progress, ATerminalSeesABarThatGoes) {
  Terminal terminal;
  {
    Progress progress({.what = "counting", .total = 4, .unit = "sheep"}, kAtOnce);
    EXPECT_THAT(terminal.read_until("0 of 4"), HasSubstr("counting [>"));
    progress.add(3);
    EXPECT_THAT(terminal.read_until("3 of 4"), HasSubstr("75%"));
    EXPECT_THAT(terminal.read_until("\r\033[K"), Not(HasSubstr("\n")));
  }
  terminal.read_what_is_there();
  terminal.forget();
  log_info("done");
  EXPECT_EQ(terminal.read_until("done\r\n"), "done\r\n");  // nothing was left to clear
}

TEST(Progress, WhatIsShortIsNotToldOf) {
  Terminal terminal;
  { Progress progress({.what = "counting", .total = 4}); }
  EXPECT_EQ(terminal.read_what_is_there(), "");
}

TEST(Progress, OfNestedWorkTheInnermostIsShown) {
  Terminal terminal;
  Progress outer({.what = "outer", .total = 4}, kAtOnce);
  terminal.read_until("outer");
  {
    Progress inner({.what = "inner", .total = 4}, kAtOnce);
    terminal.read_until("inner");
    terminal.forget();
    EXPECT_THAT(terminal.read_until("inner"), Not(HasSubstr("outer")));
  }
  terminal.forget();
  EXPECT_THAT(terminal.read_until("outer"), HasSubstr("outer"));
}

TEST(Progress, QuietMeansNoBar) {
  Terminal terminal;
  set_log_quiet(true);
  {
    Progress progress({.what = "counting", .total = 4}, kAtOnce);
    EXPECT_EQ(terminal.read_what_is_there(), "");
  }
  set_log_quiet(false);
}

// A file in the place of the terminal.
std::string told_to_a_log(const Work& work) {
  ::testing::internal::CaptureStderr();
  {
    Progress progress(work, kAtOnce);
    progress.reach(1);
    ::usleep(100'000);
  }
  return ::testing::internal::GetCapturedStderr();
}

TEST(Progress, ALogSeesLines) {
  std::string told = told_to_a_log({.what = "counting", .total = 4, .unit = "sheep"});
  EXPECT_THAT(told, StartsWith("counting | "));
  EXPECT_THAT(told, HasSubstr("counting | 25% | 1 of 4 sheep | left "));
  EXPECT_THAT(told, Not(HasSubstr("\r")));
  EXPECT_EQ(told_to_a_log({.what = "counting", .total = 4, .in_log = false}), "");
}

}  // namespace
}  // namespace heed
