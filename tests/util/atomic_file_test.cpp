#include "util/atomic_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "util/error.h"
#include "util/file_content.h"
#include "util/file_faults.h"
#include "util/paths.h"
#include "util/temp_folder.h"

namespace heed {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(WriteFileAtomically, ReplacesTheWholeFileAndLeavesNothingBeside) {
  TempFolder folder;
  std::string path = folder.write("a", "a long old content");
  write_file_atomically(path, std::string_view("ne\0w", 4));
  EXPECT_EQ(read_file(path), std::string("ne\0w", 4));
  EXPECT_THAT(names_in(folder.path()), ElementsAre("a"));
}

TEST(WriteFileAtomically, LeavesTheOldFileWhereItFails) {
  TempFolder folder;
  make_folders(folder.file("a"));
  folder.write("a/b", "x");
  // A folder cannot be replaced by a file: the failure comes at the rename.
  std::string message = message_of<Error>([&] { write_file_atomically(folder.file("a"), "new"); });
  EXPECT_THAT(message, HasSubstr(folder.file("a")));
  EXPECT_EQ(read_file(folder.file("a/b")), "x");
  EXPECT_THAT(names_in(folder.path()), ElementsAre("a"));
}

TEST(WriteFileAtomically, LeavesNoPartWhereTheRoomEnds) {
  TempFolder folder;
  std::string path = folder.write("a", "old");
  std::string message;
  {
    FileSizeLimit limit(1000);
    message = message_of<Error>([&] { write_file_atomically(path, std::string(5000, 'x')); });
  }
  EXPECT_THAT(message, AllOf(HasSubstr("cannot write " + path), HasSubstr("File too large")));
  EXPECT_EQ(read_file(path), "old");
  EXPECT_THAT(names_in(folder.path()), ElementsAre("a"));
}

TEST(WriteFileAtomically, NamesAFolderThatIsNotThere) {
  TempFolder folder;
  std::string message =
      message_of<Error>([&] { write_file_atomically(folder.file("none/a"), "new"); });
  EXPECT_THAT(message, AllOf(HasSubstr("none/a"), HasSubstr("No such file or directory")));
}

TEST(WriteFileAtomically, NeverReplacesADevice) {
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(message_of<Error>([] { write_file_atomically("/dev/full", "new"); }),
              "cannot write /dev/full: No space left on device");
  }
  write_file_atomically("/dev/null", "new");
  EXPECT_TRUE(fs::is_character_file("/dev/full"));
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
}

TEST(WriteFileAtomically, WritesThePartsInTurn) {
  TempFolder folder;
  write_file_atomically(folder.file("a"), std::vector<std::string_view>{"one", "", "two"});
  EXPECT_EQ(read_file(folder.file("a")), "onetwo");
}

TEST(WriteFileAtomically, WhatAKilledProcessWasWritingIsKnownByItsWholeName) {
  EXPECT_TRUE(is_unfinished("config.ini.heed-tmp.123", "config.ini"));
  for (const char* other : {"config.ini", "config.ini.tmp", "config.ini.tmpl",
                            "config.ini.heed-tmp", "config.ini.heed-tmp.", "config.ini.heed-tmp.1b",
                            "config.ini2.heed-tmp.1", "x.config.ini.heed-tmp.1", ""}) {
    EXPECT_FALSE(is_unfinished(other, "config.ini")) << other;
  }
}

TEST(AppendToFile, AppendsAllOrNothing) {
  TempFolder folder;
  std::string path = folder.file("a");
  append_to_file(path, "one\n");
  std::string message;
  {
    FileSizeLimit limit(6);
    message = message_of<Error>([&] { append_to_file(path, "two and more\n"); });
  }
  EXPECT_THAT(message, AllOf(HasSubstr("cannot write " + path), HasSubstr("File too large")));
  EXPECT_EQ(read_file(path), "one\n");
  append_to_file(path, "two\n");
  EXPECT_EQ(read_file(path), "one\ntwo\n");
}

TEST(SyncFolder, NamesWhatItCannotOpen) {
  TempFolder folder;
  EXPECT_NO_THROW(sync_folder(folder.path()));
  EXPECT_NO_THROW(sync_folder(""));  // the current one
  EXPECT_THAT(message_of<Error>([&] { sync_folder(folder.file("none")); }),
              AllOf(HasSubstr(folder.file("none")), HasSubstr("No such file")));
}

TEST(RenameDurably, NamesBothPaths) {
  TempFolder folder;
  std::string message =
      message_of<Error>([&] { rename_durably(folder.file("a"), folder.file("b")); });
  EXPECT_EQ(message, "cannot rename " + folder.file("a") + " to " + folder.file("b") +
                         ": No such file or directory");
}

}  // namespace
}  // namespace heed
