#include "util/copy_bytes.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace heed {
namespace {

TEST(CopyBytes, CopiesWhatThereIs) {
  std::string into = "abcd";
  copy_bytes(into.data() + 1, "xyz", 2);
  EXPECT_EQ(into, "axyd");
}

// The undefined-behaviour sanitizer sees what memcpy would be given.
TEST(CopyBytes, NothingMayBeNull) {
  std::vector<char> from, into;
  copy_bytes(into.data(), from.data(), from.size());
  EXPECT_EQ(into.size(), 0);
}

}  // namespace
}  // namespace heed
