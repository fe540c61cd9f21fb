#include "util/temporary_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include "util/error.h"
#include "util/paths.h"
#include "util/temp_folder.h"

namespace heed {
namespace {

TEST(TemporaryFile, HasNoName) {
  TempFolder folder;
  int descriptor = open_temporary(folder.path());
  EXPECT_EQ(write(descriptor, "abc", 3), 3);
  char back[3];
  EXPECT_EQ(pread(descriptor, back, 3, 0), 3);
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
  close(descriptor);
}

TEST(TemporaryFile, SaysWhereItCannotBeMade) {
  EXPECT_THAT(message_of<Error>([] { open_temporary("/none"); }),
              ::testing::HasSubstr("cannot make a temporary file in /none: No such file"));
}

TEST(TemporaryFolder, IsThere) { EXPECT_TRUE(is_folder(temporary_folder())); }

}  // namespace
}  // namespace heed
