#include "training/validation_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "config/options.h"
#include "util/error.h"
#include "util/file_content.h"
#include "util/temp_folder.h"

namespace heed {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class ValidationCommandTest : public ::testing::Test {
 protected:
  ValidationCommandTest() { config_.stopping_metric = "command"; }
  // What the command says of two translations; the warning goes to `said_`.
  double measure(const std::string& command) {
    config_.validation_command = command;
    ::testing::internal::CaptureStderr();
    double value = command_.measure({"ein Haus", "zwei Häuser"});
    said_ = ::testing::internal::GetCapturedStderr();
    return value;
  }
  void expect_failure(const std::string& command, const std::string& why) {
    EXPECT_TRUE(std::isnan(measure(command))) << command;
    EXPECT_THAT(said_, AllOf(HasSubstr("validation_command: " + command), HasSubstr(why),
                             HasSubstr(folder_.file("text"))));
  }
  TempFolder folder_;
  TrainingConfig config_ = default_config().training;
  ValidationCommand command_{config_, folder_.file("text")};
  std::string said_;
};

TEST_F(ValidationCommandTest, ReadsTheFileOrItsInput) {
  EXPECT_EQ(measure("wc -w <"), 4);
  EXPECT_EQ(measure("cat | wc -l #"), 2);
  EXPECT_EQ(measure("echo log; printf ' -1.5e1 \\n\\n' #"), -15);
  EXPECT_EQ(said_, "");
  EXPECT_EQ(read_file(folder_.file("text")), "ein Haus\nzwei Häuser\n");
}

TEST_F(ValidationCommandTest, FailuresHaveNoValueAndAreNamed) {
  expect_failure("echo broken >&2; exit 4;", "exit code 4: broken");
  expect_failure("echo 0.5 points #", "its last line is no number: 0.5 points");
  expect_failure("echo nan #", "no number: nan");
  expect_failure(":", "printed nothing");
  expect_failure("/no/such/metric", "exit code 127");
  config_.validation_command_timeout = 1;
  expect_failure("sleep 60 #", "not done after 1 seconds");
}

TEST_F(ValidationCommandTest, StopsTrainingAfterThreeInARowWhereItIsToStopIt) {
  for (int i = 0; i < 2; ++i) measure("exit 1;");
  EXPECT_NO_THROW(command_.check());
  EXPECT_EQ(measure("echo 1 #"), 1);
  for (int i = 0; i < 3; ++i) measure("exit 1;");
  EXPECT_THAT(message_of<Error>([&] { command_.check(); }),
              AllOf(HasSubstr("failed 3 times in a row"), HasSubstr("exit 1; ")));
  config_.stopping_metric = "loss";
  EXPECT_NO_THROW(command_.check());
}

}  // namespace
}  // namespace heed
