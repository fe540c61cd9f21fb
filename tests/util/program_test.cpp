#include "util/program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <thread>

#include "util/error.h"
#include "util/file_content.h"
#include "util/paths.h"
#include "util/temp_folder.h"

namespace heed {
namespace {

using ::testing::HasSubstr;
using End = ProgramRun::End;

TEST(ProgramTest, GivesOutputAndErrors) {
  ProgramRun run = run_program("echo out; echo first >&2; echo second >&2", {});
  EXPECT_TRUE(run.succeeded());
  EXPECT_EQ(run.output, "out\n");
  EXPECT_EQ(run.error, "first\nsecond\n");
}

TEST(ProgramTest, GetsArgumentsAndInput) {
  TempFolder folder;
  std::string input = folder.write("in put", "text\n");
  ProgramOptions options{.arguments = {input, "two words"}, .input = input};
  EXPECT_EQ(run_program("printf '%s|'", options).output, input + "|two words|");
  EXPECT_EQ(run_program("cat - <", {.arguments = {input}}).output, "text\n");
  EXPECT_EQ(run_program("cat; :", options).output, "text\n");
  EXPECT_EQ(run_program("true", options).output, "") << "who does not read is no fault";
  options.input = folder.file("none");
  EXPECT_FALSE(run_program("true", {}).output.size());
  bool refused = false;
  try {
    refused = !run_program("true", options).succeeded();
  } catch (const Error&) {
    refused = true;
  }
  EXPECT_TRUE(refused);
}

TEST(ProgramTest, TellsHowItEnded) {
  ProgramOptions options;
  ProgramRun run = run_program("echo >&2; echo why >&2; exit 3", options);
  EXPECT_EQ(run.end, End::kExit);
  EXPECT_EQ(run.code, 3);
  EXPECT_EQ(run.failure(options), "exit code 3: why");
  run = run_program("kill -9 $$", options);
  EXPECT_EQ(run.end, End::kSignal);
  EXPECT_THAT(run.failure(options), HasSubstr("signal 9 (Killed)"));
  run = run_program("/no/such/program", options);
  EXPECT_EQ(run.code, 127);
  EXPECT_THAT(run.failure(options), HasSubstr("/no/such/program"));
}

TEST(ProgramTest, IsEndedAfterItsTimeWithAllThatItStarted) {
  TempFolder folder;
  std::string mark = folder.file("mark");
  ProgramOptions options{.seconds = 0.2};
  ProgramRun run =
      run_program("(sleep 2; echo > '" + mark + "') & trap '' TERM; sleep 60", options);
  EXPECT_EQ(run.end, End::kTime);
  EXPECT_THAT(run.failure(options), HasSubstr("not done after 0.2 seconds"));
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  EXPECT_FALSE(file_exists(mark));
}

TEST(ProgramTest, DoesNotWaitForWhatIsLeftInTheBackground) {
  ProgramRun run = run_program("sleep 60 & echo 1", {});
  EXPECT_TRUE(run.succeeded());
  EXPECT_EQ(run.output, "1\n");
}

TEST(ProgramTest, MayNotWriteWithoutEnd) {
  ProgramOptions options{.most_output = 1 << 20};
  ProgramRun run = run_program("yes", options);
  EXPECT_EQ(run.end, End::kOutput);
  EXPECT_THAT(run.failure(options), HasSubstr("wrote over 1,048,576 bytes"));
  EXPECT_LE(run.output.size(), 4096u);
}

TEST(ProgramTest, KeepsTheEndOfItsOutputAndTheBeginningOfItsErrors) {
  ProgramRun run = run_program("seq 100000; seq 100000 >&2; echo last", {});
  EXPECT_TRUE(run.succeeded());
  EXPECT_TRUE(run.output.ends_with("\n100000\nlast\n"));
  EXPECT_TRUE(run.error.starts_with("1\n2\n"));
  EXPECT_EQ(run.error.size(), 4096u);
}

TEST(ProgramTest, HasSignalsOfItsOwn) {
  std::signal(SIGPIPE, SIG_IGN);
  EXPECT_EQ(run_program("yes | head -1", {}).output, "y\n");
  std::signal(SIGPIPE, SIG_DFL);
}

}  // namespace
}  // namespace heed
