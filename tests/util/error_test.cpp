#include "util/error.h"

#include <gtest/gtest.h>

#include <cerrno>

#include "util/temp_folder.h"

namespace heed {
namespace {

TEST(Error, FailFormatsItsMessage) {
  EXPECT_EQ(message_of<Error>([] { fail("{}: {} lines", "a.txt", 3); }), "a.txt: 3 lines");
  EXPECT_EQ(message_of<UsageError>([] { fail_usage("no key {}", "x"); }), "no key x");
}

TEST(Error, UsageIsAKindOfErrorAndNotTheOtherWayRound) {
  EXPECT_THROW(fail_usage("x"), Error);
  try {
    fail("x");
  } catch (const UsageError&) {
    FAIL() << "a failure at run time is no wrong usage";
  } catch (const Error&) {
  }
}

TEST(Error, BracesInAnArgumentAreText) {
  EXPECT_EQ(message_of<Error>([] { fail("{}", "{} {0}"); }), "{} {0}");
}

TEST(SystemReason, SaysWhyTheLastCallFailed) {
  errno = ENOSPC;
  EXPECT_EQ(system_reason(), "No space left on device");
  errno = ENOENT;
  EXPECT_EQ(system_reason(), "No such file or directory");
}

}  // namespace
}  // namespace heed
