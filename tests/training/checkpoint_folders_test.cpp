#include "training/checkpoint_folders.h"

#include <gmock/gmock.h>

#include <filesystem>

#include "util/error.h"
#include "util/file_content.h"
#include "util/paths.h"
#include "util/temp_folder.h"

namespace heed {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class CheckpointFoldersTest : public ::testing::Test {
 protected:
  // A checkpoint's files under a name; "half" lacks one.
  void write(const std::string& name, const std::string& content) {
    ModelFolder at{folder_.checkpoints() + "/" + name};
    fs::create_directories(at.path);
    std::ofstream(at.weights()) << content;
    if (content != "half") std::ofstream(at.training_state()) << content;
  }
  void recover() {
    folders_.recover([](const ModelFolder& at) { return file_exists(at.training_state()); });
  }
  std::string content(int64_t step) const {
    return read_file(ModelFolder{folder_.checkpoint(step)}.training_state());
  }
  std::vector<std::string> names() const { return names_in_folder(folder_.checkpoints()); }

  TempFolder temp_;
  ModelFolder folder_{temp_.path()};
  CheckpointFolders folders_{folder_};
};

TEST_F(CheckpointFoldersTest, PublishReplacesAndLeavesNothingBeside) {
  for (const char* text : {"one", "two"}) {
    ModelFolder at = folders_.prepare(5);
    EXPECT_THAT(names_in_folder(at.path), IsEmpty());
    std::ofstream(at.training_state()) << text;
    folders_.publish(5);
    EXPECT_EQ(content(5), text);
    EXPECT_THAT(names(), ElementsAre("step-5"));
  }
}

TEST_F(CheckpointFoldersTest, RemovesACheckpointsOwnFilesAlone) {
  write("step-4", "x");
  write("step-5", "x");
  temp_.write("checkpoints/step-5/notes", "mine");
  folders_.remove(4);
  folders_.remove(5);
  EXPECT_THAT(folder_.checkpoint_steps(), IsEmpty());
  EXPECT_EQ(read_file(folder_.checkpoints() + "/.step-5.old/notes"), "mine");
  recover();
  EXPECT_EQ(read_file(folder_.checkpoints() + "/.step-5.old/notes"), "mine");
}

TEST_F(CheckpointFoldersTest, AWholeOneThatWasNotPublishedIsTaken) {
  write("step-4", "old");
  write("step-5.tmp", "new");
  recover();
  EXPECT_THAT(names(), ElementsAre("step-4", "step-5"));
  EXPECT_EQ(content(5), "new");
}

TEST_F(CheckpointFoldersTest, HalfAOneIsRemoved) {
  write("step-5.tmp", "half");
  write(".step-4.old", "half");
  recover();
  EXPECT_THAT(names(), IsEmpty());
}

// As a kill leaves it where two folders cannot change places in one go.
TEST_F(CheckpointFoldersTest, BetweenTwoRenamesTheNewerIsTaken) {
  write(".step-5.old", "old");
  write("step-5.tmp", "new");
  recover();
  EXPECT_THAT(names(), ElementsAre("step-5"));
  EXPECT_EQ(content(5), "new");
}

TEST_F(CheckpointFoldersTest, OneThatWasBeingRemovedIsTakenWhereItIsTheOnlyOne) {
  write(".step-5.old", "old");
  recover();
  EXPECT_EQ(content(5), "old");
}

TEST_F(CheckpointFoldersTest, AWholeOneInPlaceStays) {
  write("step-5", "this");
  write("step-5.tmp", "that");
  recover();
  EXPECT_THAT(names(), ElementsAre("step-5"));
  EXPECT_EQ(content(5), "this");
}

TEST_F(CheckpointFoldersTest, ADamagedOneGivesWayToAWholeOneBeside) {
  write("step-5", "half");
  write("step-5.tmp", "whole");
  recover();
  EXPECT_THAT(names(), ElementsAre("damaged-step-5", "step-5"));
  EXPECT_EQ(content(5), "whole");
}

TEST_F(CheckpointFoldersTest, WhatHasAnotherNameIsLeftAlone) {
  for (const char* name : {"step-5.tmpl", "step-05.tmp", "step-5.old", ".step-x.old", "tmp"}) {
    write(name, "half");
  }
  recover();
  EXPECT_EQ(names().size(), 5u);
}

TEST_F(CheckpointFoldersTest, WhatCannotBeRemovedIsNamed) {
  EXPECT_THAT(message_of<Error>([&] { folders_.remove(7); }), HasSubstr(folder_.checkpoint(7)));
}

}  // namespace
}  // namespace heed
