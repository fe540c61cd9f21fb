#include "training/local_address.h"

#include <gmock/gmock.h>

#include "util/error.h"
#include "util/temp_folder.h"

namespace heed {
namespace {

TEST(LocalAddress, IsTheOneThatLeadsThere) {
  EXPECT_EQ(local_address("127.0.0.1", 29500), "127.0.0.1");
  EXPECT_TRUE(is_loopback(local_address("localhost", 29500)));
}

TEST(LocalAddress, TellsOfAMachineThatIsNotKnown) {
  try {
    local_address("no-such-machine.invalid", 29500);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), ::testing::HasSubstr("no-such-machine.invalid (MASTER_ADDR)"));
  }
}

TEST(LocalAddress, ANameThatStaysUnknownIsRefused) {
  wait_for_name("127.0.0.1", 0);
  wait_for_name("localhost", 0);
  std::string message = message_of<UsageError>([] { wait_for_name("no-such-machine.invalid", 0); });
  EXPECT_THAT(message, ::testing::HasSubstr("MASTER_ADDR = no-such-machine.invalid: no machine"));
}

TEST(LocalAddress, KnowsLoopback) {
  EXPECT_TRUE(is_loopback("127.0.1.1"));
  EXPECT_TRUE(is_loopback("::1"));
  EXPECT_FALSE(is_loopback("10.0.0.1"));
}

}  // namespace
}  // namespace heed
