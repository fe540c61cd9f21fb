#include "util/line_counts.h"

#include <gtest/gtest.h>

#include "util/error.h"
#include "util/temp_folder.h"

namespace heed {
namespace {

std::string fault(std::optional<int64_t> one, std::optional<int64_t> other) {
  return message_of<Error>([&] { check_line_counts({"a", one}, {"b", other}); });
}

TEST(LineCountsTest, EqualOnesPass) {
  EXPECT_NO_THROW(check_line_counts({"a", 0}, {"b", 0}));
  EXPECT_NO_THROW(check_line_counts({"a", 1000}, {"b", 1000}));
}

TEST(LineCountsTest, OthersAreNamed) {
  const std::string rule = ": line i of one belongs to line i of the other";
  EXPECT_EQ(fault(1000, 999), "a has 1,000 lines and b has 999" + rule);
  EXPECT_EQ(fault(1, 0), "a has 1 line and b has 0" + rule);
  EXPECT_EQ(fault(2, std::nullopt), "a has 2 lines and b has more" + rule);
  EXPECT_EQ(fault(std::nullopt, 2), "a has more lines and b has 2" + rule);
}

}  // namespace
}  // namespace heed
