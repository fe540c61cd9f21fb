#include "util/file_content.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "util/error.h"
#include "util/file_faults.h"
#include "util/temp_folder.h"

namespace heed {
namespace {

using ::testing::HasSubstr;

TEST(ReadFile, GivesEveryByte) {
  TempFolder folder;
  std::string content(200000, 'x');
  content[70000] = '\0';
  content += "\r\n\xFF";
  EXPECT_EQ(read_file(folder.write("a", content)), content);
  EXPECT_EQ(read_file(folder.write("empty", "")), "");
}

TEST(ReadFile, NamesThePathAndTheReason) {
  TempFolder folder;
  EXPECT_EQ(message_of<Error>([&] { read_file(folder.file("none")); }),
            "cannot read " + folder.file("none") + ": No such file or directory");
  EXPECT_EQ(message_of<Error>([&] { read_file(folder.path()); }),
            "cannot read " + folder.path() + ": Is a directory (a file was expected)");
}

TEST(ReadFile, NamesAMissingPermission) {
  TempFolder folder;
  std::string path = folder.write("secret", "x");
  ASSERT_EQ(chmod(folder.path().c_str(), 0755), 0);
  ASSERT_EQ(chmod(path.c_str(), 0), 0);
  WithoutPrivileges guard;
  if (!guard.holds()) GTEST_SKIP() << "runs as superuser";
  EXPECT_EQ(message_of<Error>([&] { read_file(path); }),
            "cannot read " + path + ": Permission denied");
}

TEST(RandomFile, GivesWhatStandsAnywhere) {
  TempFolder folder;
  RandomFile file(folder.write("f", "abcdef"));
  EXPECT_EQ(file.size(), 6u);
  std::string middle(3, ' ');
  file.read(2, middle);
  EXPECT_EQ(middle, "cde");
  EXPECT_THAT([&] { file.read(5, middle); },
              testing::ThrowsMessage<Error>(HasSubstr(folder.file("f") + ": it ends at byte 6")));
  ASSERT_EQ(::mkfifo(folder.file("pipe").c_str(), 0600), 0);
  EXPECT_THAT([&] { RandomFile(folder.file("pipe")); },
              testing::ThrowsMessage<Error>(HasSubstr("it is a pipe or a device")));
  EXPECT_THAT([&] { RandomFile(folder.path()); },
              testing::ThrowsMessage<Error>(HasSubstr("a file was expected")));
}

TEST(Checksum, IsXxHash64) {
  EXPECT_EQ(checksum(""), "ef46db3751d8e999");
  EXPECT_EQ(checksum("abc"), "44bc2cf5ad770999");
  EXPECT_NE(checksum("abd"), checksum("abc"));
}

}  // namespace
}  // namespace heed
