#include "util/paths.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "util/error.h"
#include "util/temp_folder.h"

namespace heed {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(FileExists, TellsFilesFromFolders) {
  TempFolder folder;
  std::string path = folder.write("a", "");
  EXPECT_TRUE(file_exists(path));
  EXPECT_FALSE(is_folder(path));
  EXPECT_TRUE(is_folder(folder.path()));
  EXPECT_FALSE(file_exists(folder.file("b")));
  EXPECT_FALSE(is_folder(folder.file("b")));
  EXPECT_FALSE(file_exists(folder.file("a/b")));
}

TEST(BehindLinks, LeadsToTheFileThereOrNotYet) {
  namespace fs = std::filesystem;
  TempFolder folder;
  make_folders(folder.file("a"));
  fs::create_symlink("a/b", folder.file("one"));
  fs::create_symlink(folder.file("one"), folder.file("two"));
  EXPECT_EQ(behind_links(folder.file("two")), folder.file("a/b"));
  folder.write("a/b", "1");
  EXPECT_EQ(behind_links(folder.file("two")), folder.file("a/b"));
  EXPECT_EQ(behind_links(folder.file("a/b")), folder.file("a/b"));
  EXPECT_EQ(behind_links("none"), "none");
  EXPECT_THAT(along_links(folder.file("two")),
              ElementsAre(folder.file("two"), folder.file("one"), folder.file("a/b")));
  EXPECT_THAT(along_links("none"), ElementsAre("none"));
  fs::create_symlink("circle", folder.file("circle"));
  EXPECT_THAT(message_of<Error>([&] { behind_links(folder.file("circle")); }),
              HasSubstr("lead in a circle"));
}

TEST(RealFolderOf, IsWithoutLinks) {
  namespace fs = std::filesystem;
  TempFolder folder;
  make_folders(folder.file("a/b"));
  fs::create_symlink("a/b", folder.file("link"));
  std::string real = fs::canonical(folder.file("a")).string();
  EXPECT_EQ(real_folder_of(folder.file("link/none")), real + "/b");
  EXPECT_EQ(real_folder_of(folder.file("link/../none")), real);
  EXPECT_EQ(real_folder_of("none"), fs::canonical(fs::current_path()).string());
}

TEST(SameFile, KnowsFilesThatAreNotThereYet) {
  namespace fs = std::filesystem;
  TempFolder folder;
  fs::create_symlink("file", folder.file("link"));
  EXPECT_TRUE(same_file(folder.file("link"), folder.file("file")));
  EXPECT_FALSE(same_file(folder.file("link"), folder.file("other")));
  EXPECT_TRUE(same_file("none", "./none"));
  fs::create_symlink("circle", folder.file("circle"));
  EXPECT_FALSE(same_file(folder.file("circle"), folder.file("file")));
}

TEST(MakeFolders, MakesAllOnTheWay) {
  TempFolder folder;
  make_folders(folder.file("a/b/c"));
  EXPECT_TRUE(is_folder(folder.file("a/b/c")));
  make_folders(folder.file("a/b/c"));
}

TEST(MakeFolders, NamesAFileInTheWay) {
  TempFolder folder;
  std::string path = folder.write("a", "");
  std::string message = message_of<Error>([&] { make_folders(path + "/b"); });
  EXPECT_THAT(message, AllOf(HasSubstr(path + "/b"), HasSubstr("Not a directory")));
}

TEST(NamesInFolder, AreInOrder) {
  TempFolder folder;
  for (const char* name : {"b", "a", ".c"}) folder.write(name, "");
  EXPECT_THAT(names_in_folder(folder.path()), ElementsAre(".c", "a", "b"));
  EXPECT_THAT(names_in_folder(folder.file("none")), IsEmpty());
  EXPECT_THAT(message_of<Error>([&] { names_in_folder(folder.file("a")); }),
              AllOf(HasSubstr(folder.file("a")), HasSubstr("Not a directory")));
}

TEST(FreePath, IsTheFirstThatNothingHas) {
  TempFolder folder;
  EXPECT_EQ(free_path(folder.file("a")), folder.file("a"));
  folder.write("a", "");
  folder.write("a-2", "");
  EXPECT_EQ(free_path(folder.file("a")), folder.file("a-3"));
}

TEST(ResizeFile, CutsOffWhatIsThere) {
  TempFolder folder;
  resize_file(folder.file("none"), 0);
  EXPECT_FALSE(file_exists(folder.file("none")));
  resize_file(folder.write("a", "abcdef"), 4);
  EXPECT_EQ(std::filesystem::file_size(folder.file("a")), 4u);
  EXPECT_THAT(message_of<Error>([&] { resize_file(folder.path(), 0); }), HasSubstr(folder.path()));
}

TEST(ResolvePath, IsRelativeToTheFolder) {
  EXPECT_EQ(resolve_path("configs", "a.txt"), "configs/a.txt");
  EXPECT_EQ(resolve_path("configs", "../data/a.txt"), "data/a.txt");
  EXPECT_EQ(resolve_path("configs/", "./a.txt"), "configs/a.txt");
  EXPECT_EQ(resolve_path("", "a.txt"), "a.txt");
  EXPECT_EQ(resolve_path("configs", ""), "");
  EXPECT_EQ(resolve_path("configs", "-"), "-");
  EXPECT_EQ(resolve_path("configs", "/data/a.txt"), "/data/a.txt");
  EXPECT_EQ(resolve_path("/x", "a b#c"), "/x/a b#c");
}

}  // namespace
}  // namespace heed
