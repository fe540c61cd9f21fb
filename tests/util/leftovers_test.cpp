#include "util/leftovers.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "util/atomic_file.h"
#include "util/new_folder.h"
#include "util/signals.h"
#include "util/temp_folder.h"

namespace heed {
namespace {

namespace fs = std::filesystem;

TEST(LeftoversTest, FilesAndFoldersGo) {
  TempFolder inside;
  inside.write("kept", "1");
  Leftover file(inside.write("file", "1")), missing(inside.file("missing")),
      folder(inside.file("folder"));
  fs::create_directory(inside.file("folder"));
  for (int i = 0; i < 500; ++i) inside.write("folder/a-long-name-" + std::to_string(i), "1");
  remove_leftovers();
  EXPECT_TRUE(fs::exists(inside.file("kept")));
  EXPECT_FALSE(fs::exists(inside.file("file")));
  EXPECT_FALSE(fs::exists(inside.file("folder")));
}

TEST(LeftoversTest, WhatIsFinishedStays) {
  TempFolder inside;
  std::string path = inside.write("file", "1");
  { Leftover done(path); }
  remove_leftovers();
  EXPECT_TRUE(fs::exists(path));
}

TEST(LeftoversTest, MoreThanThereIsRoomForAreNotRemembered) {
  TempFolder inside;
  std::vector<std::unique_ptr<Leftover>> many;
  for (int i = 0; i < 100; ++i) {
    many.push_back(std::make_unique<Leftover>(inside.write(std::to_string(i), "1")));
  }
  remove_leftovers();
  EXPECT_FALSE(fs::exists(inside.file("0")));
  EXPECT_TRUE(fs::exists(inside.file("99")));
}

TEST(LeftoversTest, ASignalLeavesNothing) {
  TempFolder inside;
  for (int signal : {SIGTERM, SIGINT, SIGHUP, SIGXCPU}) {
    pid_t child = ::fork();
    if (child == 0) {
      watch_signals();
      NewFolder folder(inside.file("new"));
      write_file_atomically(folder.beside() + "/x", "1");
      ::raise(signal);
      ::_exit(0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    ASSERT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 128 + signal);
    EXPECT_TRUE(fs::is_empty(inside.path())) << signal;
  }
}

}  // namespace
}  // namespace heed
