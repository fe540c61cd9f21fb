#include "util/new_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "util/atomic_file.h"
#include "util/error.h"
#include "util/file_content.h"
#include "util/temp_folder.h"

namespace heed {
namespace {

namespace fs = std::filesystem;

TEST(NewFolderTest, IsThereOnceFinished) {
  TempFolder inside;
  std::string path = inside.file("a/b");
  NewFolder folder(path + "/");
  EXPECT_FALSE(fs::exists(inside.file("a")));
  write_file_atomically(folder.beside() + "/x", "1");
  EXPECT_FALSE(fs::exists(path));
  folder.finish();
  EXPECT_EQ(read_file(path + "/x"), "1");
}

TEST(NewFolderTest, LeavesNothingUnfinished) {
  TempFolder inside;
  {
    NewFolder folder(inside.file("a"));
    write_file_atomically(folder.beside() + "/x", "1");
  }
  EXPECT_TRUE(fs::is_empty(inside.path()));
}

TEST(NewFolderTest, WhatIsThereStays) {
  TempFolder inside;
  std::string path = inside.write("a", "1");
  EXPECT_THAT([&] { NewFolder{path}; },
              testing::ThrowsMessage<Error>(path + ": is there already: remove it, or name another "
                                                   "folder"));
  EXPECT_EQ(read_file(path), "1");
}

}  // namespace
}  // namespace heed
