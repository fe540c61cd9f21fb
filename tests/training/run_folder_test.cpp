#include "training/run_folder.h"

#include <gmock/gmock.h>

#include <filesystem>

#include "config/options.h"
#include "util/error.h"
#include "util/file_content.h"
#include "util/paths.h"
#include "util/temp_folder.h"

namespace heed {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class RunFolderTest : public ::testing::Test {
 protected:
  RunFolderTest() {
    config_.tokenizer.type = "char";
    config_.data.train_source = {temp_.write("text.a", "abcdef\n")};
    config_.data.train_target = {temp_.write("text.b", "ghijkl\n")};
    config_.output.folder = path_;
  }
  void write_file(const std::string& path) {
    fs::create_directories(fs::path(path).parent_path());
    std::ofstream(path) << "content";
  }
  void make_checkpoints(const std::vector<int64_t>& steps) {
    for (int64_t step : steps) write_file(ModelFolder{files_.checkpoint(step)}.weights());
  }
  // A training as it was begun.
  void begin(StartMode mode = StartMode::kResumeIfThere) {
    RunFolder folder(path_, mode);
    folder.write(config_, folder.tokenizers(config_));
  }
  std::string refusal(StartMode mode) {
    return message_of<Error>([&] { RunFolder(path_, mode); });
  }

  TempFolder temp_;
  std::string path_ = temp_.file("model");
  ModelFolder files_{path_};
  Config config_ = default_config();
};

TEST_F(RunFolderTest, IsOneTrainingsAtATime) {
  RunFolder first(path_, StartMode::kResumeIfThere);
  EXPECT_THAT(refusal(StartMode::kResumeIfThere), HasSubstr(path_));
}

TEST_F(RunFolderTest, GoesOnWhereThereIsACheckpoint) {
  EXPECT_TRUE(RunFolder(path_, StartMode::kResumeIfThere).anew());
  EXPECT_THAT(refusal(StartMode::kResume), HasSubstr("--resume: there is no checkpoint"));
  make_checkpoints({5});
  EXPECT_FALSE(RunFolder(path_, StartMode::kResumeIfThere).anew());
  EXPECT_FALSE(RunFolder(path_, StartMode::kResume).anew());
  EXPECT_TRUE(RunFolder(path_, StartMode::kFresh).anew());
  EXPECT_THAT(files_.checkpoint_steps(), ElementsAre(5)) << "nothing is removed yet";
}

TEST_F(RunFolderTest, AModelWithoutCheckpointsIsReplacedOnlyWhereToldSo) {
  write_file(files_.weights());
  EXPECT_THAT(refusal(StartMode::kResumeIfThere),
              AllOf(HasSubstr("no checkpoint to go on from"), HasSubstr("--fresh")));
  EXPECT_TRUE(file_exists(files_.weights()));
  begin(StartMode::kFresh);
  EXPECT_FALSE(file_exists(files_.weights()));
}

TEST_F(RunFolderTest, RemovesWhatAKilledTrainingLeftAndNothingElse) {
  make_checkpoints({4});
  std::string half = files_.checkpoint(5) + ".tmp", file = files_.weights() + ".tmp123";
  std::string other = path_ + "/notes.tmp";
  for (const std::string& path : {half + "/x", file, other}) write_file(path);
  RunFolder folder(path_, StartMode::kResumeIfThere);
  EXPECT_FALSE(file_exists(half));
  EXPECT_FALSE(file_exists(file));
  EXPECT_TRUE(file_exists(other));
  EXPECT_THAT(files_.checkpoint_steps(), ElementsAre(4));
}

TEST_F(RunFolderTest, AFreshTrainingLeavesNothingOfTheOldOne) {
  begin();
  make_checkpoints({5, 10});
  std::vector<std::string> old = {files_.weights(), files_.validations(), files_.metrics(),
                                  files_.lexicon()};
  for (const std::string& path : old) write_file(path);
  write_file(files_.log());
  begin(StartMode::kFresh);
  EXPECT_THAT(files_.checkpoint_steps(), IsEmpty());
  for (const std::string& path : old) EXPECT_FALSE(file_exists(path)) << path;
  EXPECT_TRUE(file_exists(files_.log()));
  EXPECT_TRUE(file_exists(files_.config()));
  EXPECT_TRUE(files_.has_tokenizers());
}

TEST_F(RunFolderTest, TheSavedConfigurationMayMove) {
  begin();
  Config saved = files_.read_config();
  EXPECT_EQ(saved.data.train_source, config_.data.train_source);
  EXPECT_THAT(read_file(files_.config()), Not(HasSubstr(path_)));
}

TEST_F(RunFolderTest, WhatIsFixedCannotChangeAndTheRestIsTold) {
  begin();
  make_checkpoints({5});
  RunFolder folder(path_, StartMode::kResume);
  EXPECT_TRUE(folder.same_batches(config_));
  Config other = config_;
  other.training.learning_rate = 0.125;
  ::testing::internal::CaptureStderr();
  EXPECT_TRUE(folder.same_batches(other));
  EXPECT_THAT(::testing::internal::GetCapturedStderr(),
              HasSubstr("training.learning_rate = 0.125 as given now, it was"));
  other.training.batch_tokens = 333;
  EXPECT_FALSE(folder.same_batches(other));
  other.training.seed = 77;
  other.model.layers = 9;
  EXPECT_THAT(message_of<UsageError>([&] { folder.same_batches(other); }),
              AllOf(HasSubstr(path_), HasSubstr("training.seed = 77 (it began with"),
                    HasSubstr("model.layers = 9"), HasSubstr("--fresh")));
}

TEST_F(RunFolderTest, AFreshTrainingComparesNothing) {
  begin();
  config_.training.seed = 77;
  EXPECT_TRUE(RunFolder(path_, StartMode::kFresh).same_batches(config_));
}

TEST_F(RunFolderTest, KeepsItsVocabulary) {
  begin();
  make_checkpoints({5});
  std::string before = files_.load_tokenizers().checksum();
  RunFolder folder(path_, StartMode::kResume);
  config_.data.train_source = {temp_.write("text.c", "xyz\n")};
  EXPECT_EQ(folder.tokenizers(config_).checksum(), before);
  std::string other = temp_.write(
      "other.model", train_tokenizer(config_.data.train_source, config_.tokenizer).model_bytes());
  config_.tokenizer.model = other;
  EXPECT_THAT(message_of<UsageError>([&] { folder.tokenizers(config_); }),
              HasSubstr("another vocabulary"));
}

TEST_F(RunFolderTest, PrunesAllButTheNewestAndTheKept) {
  RunFolder folder(path_, StartMode::kResumeIfThere);
  make_checkpoints({2, 4, 6, 8, 10});
  folder.prune(2, {4});
  EXPECT_THAT(files_.checkpoint_steps(), ElementsAre(4, 8, 10));
  folder.prune(9, {});
  EXPECT_THAT(files_.checkpoint_steps(), ElementsAre(4, 8, 10));
  folder.prune(0, {});
  EXPECT_THAT(files_.checkpoint_steps(), IsEmpty());
}

}  // namespace
}  // namespace heed
