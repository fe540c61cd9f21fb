#include "util/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "util/error.h"
#include "util/line_reader.h"
#include "util/temp_folder.h"

namespace heed {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;

class Log : public ::testing::Test {
 protected:
  ~Log() override {
    set_log_quiet(false);
    set_log_file("");
  }

  // What `action` writes to stderr.
  template <typename Action>
  static std::string captured(Action action) {
    ::testing::internal::CaptureStderr();
    action();
    return ::testing::internal::GetCapturedStderr();
  }
};

TEST_F(Log, WritesLinesToStderrAndNothingToStdout) {
  ::testing::internal::CaptureStdout();
  EXPECT_EQ(captured([] { log_info("{} pairs", 3); }), "3 pairs\n");
  EXPECT_EQ(captured([] { log_warning("{} left out", 2); }), "warning: 2 left out\n");
  EXPECT_EQ(captured([] { log_line(LogLevel::kError, "all gone"); }), "error: all gone\n");
  EXPECT_EQ(::testing::internal::GetCapturedStdout(), "");
}

TEST_F(Log, WhatCouldCommandATerminalIsEscaped) {
  TempFolder folder;
  set_log_file(folder.file("log"));
  std::string name = "a\x1B[2J\n\x9B\xC2\x9B\u202Eb\tä\u200C";
  std::string shown = R"(a\x1B[2J\x0A\x9B\xC2\x9B\xE2\x80\xAEb)"
                      "\tä\u200C";
  EXPECT_EQ(captured([&] { log_warning("{}", name); }), "warning: " + shown + "\n");
  EXPECT_EQ(captured([&] { show_status_line(name); }), shown);
  captured([] { show_status_line(""); });
  EXPECT_THAT(read_lines(folder.file("log")), ::testing::ElementsAre(HasSubstr(shown)));
}

TEST_F(Log, QuietKeepsWarningsAndErrors) {
  set_log_quiet(true);
  EXPECT_EQ(captured([] {
              log_info("a");
              log_warning("b");
              log_line(LogLevel::kError, "c");
              show_status_line("d");
            }),
            "warning: b\nerror: c\n");
}

TEST_F(Log, ALineClearsTheStatusLine) {
  EXPECT_EQ(captured([] {
              show_status_line("10%");
              show_status_line("20%");
              log_info("done");
              log_info("end");
            }),
            "10%\r\033[K20%\r\033[Kdone\nend\n");
}

TEST_F(Log, AFullDiskIsSaidOnceAndEndsNothing) {
  set_log_file("/dev/full");
  std::string said = captured([] {
    log_info("one");
    log_info("two");
  });
  EXPECT_THAT(said, HasSubstr("warning: the log: cannot write /dev/full: No space left on device"));
  EXPECT_THAT(said, AllOf(HasSubstr("one\n"), HasSubstr("two\n")));
  EXPECT_EQ(said.find("cannot write"), said.rfind("cannot write"));
}

TEST_F(Log, TheFileGetsEverythingWithDateAndTime) {
  TempFolder folder;
  std::string path = folder.write("train.log", "old\n");
  set_log_file(path);
  set_log_quiet(true);
  captured([] {
    log_info("one");
    log_warning("two");
  });
  set_log_file("");
  captured([] { log_info("three"); });
  std::vector<std::string> lines = read_lines(path);
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(lines[0], "old");
  const std::string time = "[0-9]+-[0-9][0-9]-[0-9][0-9] [0-9][0-9]:[0-9][0-9]:[0-9][0-9] ";
  EXPECT_THAT(lines[1], MatchesRegex(time + "one"));
  EXPECT_THAT(lines[2], MatchesRegex(time + "warning: two"));
}

TEST_F(Log, AFileThatCannotBeOpenedIsAnError) {
  TempFolder folder;
  std::string message = message_of<Error>([&] { set_log_file(folder.file("none/train.log")); });
  EXPECT_THAT(message, HasSubstr("none/train.log"));
  EXPECT_THAT(message, HasSubstr("No such file or directory"));
}

TEST_F(Log, ThreadsDoNotMixTheirLines) {
  TempFolder folder;
  std::string path = folder.file("train.log");
  set_log_file(path);
  set_log_quiet(true);
  std::vector<std::thread> threads;
  for (char name : {'a', 'b', 'c', 'd'}) {
    threads.emplace_back([name] {
      for (int i = 0; i < 50; ++i) log_info("{}", std::string(200, name));
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::vector<std::string> lines = read_lines(path);
  EXPECT_EQ(lines.size(), 200u);
  for (const std::string& line : lines) {
    ASSERT_GT(line.size(), 200u);
    std::string message = line.substr(line.size() - 200);
    EXPECT_EQ(message, std::string(200, message[0]));
  }
}

}  // namespace
}  // namespace heed
