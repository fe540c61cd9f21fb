#include "util/output_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "util/error.h"
#include "util/file_content.h"
#include "util/temp_folder.h"

namespace heed {
namespace {

TEST(OutputFile, WritesOnClose) {
  TempFolder folder;
  OutputFile out(folder.file("a"));
  out.write("one\n");
  out.write("two\n");
  out.close();
  EXPECT_EQ(read_file(folder.file("a")), "one\ntwo\n");
}

TEST(OutputFile, FlushMakesTheTextVisible) {
  TempFolder folder;
  OutputFile out(folder.file("a"));
  out.write("one\n");
  out.flush();
  EXPECT_EQ(read_file(folder.file("a")), "one\n");
}

TEST(OutputFile, WritesALongTextWithoutBeingAsked) {
  TempFolder folder;
  OutputFile out(folder.file("a"));
  out.write(std::string(1000000, 'x'));
  out.close();
  EXPECT_EQ(read_file(folder.file("a")).size(), 1000000u);
}

TEST(OutputFile, LeavesWhatWasThereToACommandThatFailsFirst) {
  TempFolder folder;
  std::string path = folder.write("a", "old\n");
  { OutputFile out(path); }
  EXPECT_EQ(read_file(path), "old\n");
  {
    OutputFile out(path);
    out.flush();  // of nothing
  }
  EXPECT_EQ(read_file(path), "old\n");
  OutputFile(path).close();
  EXPECT_EQ(read_file(path), "");
}

TEST(OutputFile, ReplacesOrAppends) {
  TempFolder folder;
  std::string path = folder.write("a", "old\n");
  OutputFile more(path, OutputMode::kAppend);
  more.write("new\n");
  more.close();
  EXPECT_EQ(read_file(path), "old\nnew\n");
  OutputFile(path).close();
  EXPECT_EQ(read_file(path), "");
}

TEST(OutputFile, NamesAFullDisk) {
  OutputFile out("/dev/full");
  out.write("text");
  EXPECT_EQ(message_of<Error>([&] { out.close(); }),
            "cannot write /dev/full: No space left on device");
}

TEST(OutputFile, NamesAFolderInItsPlace) {
  TempFolder folder;
  EXPECT_EQ(message_of<Error>([&] { OutputFile out(folder.path()); }),
            "cannot write " + folder.path() + ": Is a directory");
}

TEST(OutputFile, StandardOutputIsADash) {
  ::testing::internal::CaptureStdout();
  OutputFile out("-");
  out.write("text");
  out.close();
  EXPECT_EQ(::testing::internal::GetCapturedStdout(), "text");
}

TEST(OutputFile, AClosedPipeIsNoError) {
  auto before = signal(SIGPIPE, SIG_IGN);
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  {
    OutputFile out("/dev/fd/" + std::to_string(ends[1]));
    close(ends[0]);
    out.write("text");
    EXPECT_THROW(out.flush(), BrokenPipe);
  }
  close(ends[1]);
  signal(SIGPIPE, before);
}

}  // namespace
}  // namespace heed
