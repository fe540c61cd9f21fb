#include "util/folder_lock.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "util/error.h"
#include "util/file_faults.h"
#include "util/temp_folder.h"

namespace heed {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(FolderLock, ASecondOneIsRefusedWithTheProcess) {
  TempFolder folder;
  FolderLock lock(folder.path());
  std::string message = message_of<Error>([&] { FolderLock second(folder.path()); });
  EXPECT_THAT(message, AllOf(HasSubstr(folder.path()),
                             HasSubstr("process " + std::to_string(getpid()) + ")")));
  // The refused one must not have let go of the first one's lock.
  EXPECT_THROW(FolderLock(folder.path()), Error);
}

TEST(FolderLock, EndsWithTheObject) {
  TempFolder folder;
  { FolderLock lock(folder.path()); }
  FolderLock again(folder.path());
  FolderLock elsewhere(TempFolder().path());
  EXPECT_THAT(names_in(folder.path()), ElementsAre(".lock"));
}

TEST(FolderLock, KnowsWhereItsFolderIs) {
  TempFolder above;
  std::string before = above.file("before"), after = above.file("after");
  std::filesystem::create_directory(before);
  FolderLock lock(before);
  EXPECT_EQ(lock.place(), before);
  std::filesystem::rename(before, after);
  EXPECT_EQ(lock.place(), after);
  std::filesystem::create_directory(before);  // another one
  EXPECT_EQ(lock.place(), after);
  std::filesystem::remove_all(after);
  EXPECT_EQ(lock.place(), "");
}

TEST(FolderLock, NamesAFolderThatIsNotThere) {
  TempFolder folder;
  std::string message = message_of<Error>([&] { FolderLock lock(folder.file("none")); });
  EXPECT_THAT(message, AllOf(HasSubstr("none"), HasSubstr("No such file or directory")));
}

}  // namespace
}  // namespace heed
