#include "util/files.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/error.h"
#include "util/temp_folder.h"

namespace heed {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// While it lives, file permissions hold for the superuser too.
class WithoutPrivileges {
 public:
  WithoutPrivileges() {
    if (geteuid() == 0) dropped_ = seteuid(65534) == 0;
  }
  ~WithoutPrivileges() {
    if (dropped_ && seteuid(0) != 0) std::abort();
  }
  bool holds() const { return geteuid() != 0; }

 private:
  bool dropped_ = false;
};

// While it lives, a file cannot grow beyond `bytes`: as on a full disk, a part is written first.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : handler_(signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &before_);
    rlimit limit = before_;
    limit.rlim_cur = bytes;
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    setrlimit(RLIMIT_FSIZE, &before_);
    signal(SIGXFSZ, handler_);
  }

 private:
  sighandler_t handler_;
  rlimit before_{};
};

std::vector<std::string> names_in(const std::string& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) names.push_back(entry.path().filename());
  return names;
}

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

TEST(ResolvePath, IsRelativeToTheFolder) {
  EXPECT_EQ(resolve_path("configs", "a.txt"), "configs/a.txt");
  EXPECT_EQ(resolve_path("configs", "../data/a.txt"), "data/a.txt");
  EXPECT_EQ(resolve_path("configs/", "./a.txt"), "configs/a.txt");
  EXPECT_EQ(resolve_path("", "a.txt"), "a.txt");
  EXPECT_EQ(resolve_path("configs", ""), "");
  EXPECT_EQ(resolve_path("configs", "/data/a.txt"), "/data/a.txt");
  EXPECT_EQ(resolve_path("/x", "a b#c"), "/x/a b#c");
}

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

TEST(WriteFileSynced, WritesThePartsInTurn) {
  TempFolder folder;
  write_file_synced(folder.file("a"), {"one", "", "two"});
  EXPECT_EQ(read_file(folder.file("a")), "onetwo");
}

TEST(WriteFileSynced, NamesAFullDisk) {
  EXPECT_EQ(message_of<Error>([] { write_file_synced("/dev/full", {"x"}); }),
            "cannot write /dev/full: No space left on device");
}

TEST(RenameDurably, NamesBothPaths) {
  TempFolder folder;
  std::string message =
      message_of<Error>([&] { rename_durably(folder.file("a"), folder.file("b")); });
  EXPECT_EQ(message, "cannot rename " + folder.file("a") + " to " + folder.file("b") +
                         ": No such file or directory");
}

TEST(Checksum, IsXxHash64) {
  EXPECT_EQ(checksum(""), "ef46db3751d8e999");
  EXPECT_EQ(checksum("abc"), "44bc2cf5ad770999");
  EXPECT_NE(checksum("abd"), checksum("abc"));
}

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

TEST(FolderLock, NamesAFolderThatIsNotThere) {
  TempFolder folder;
  std::string message = message_of<Error>([&] { FolderLock lock(folder.file("none")); });
  EXPECT_THAT(message, AllOf(HasSubstr("none"), HasSubstr("No such file or directory")));
}

}  // namespace
}  // namespace heed
