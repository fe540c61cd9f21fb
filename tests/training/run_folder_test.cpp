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
  static void write_file(const std::string& path) {
    fs::create_directories(fs::path(path).parent_path());
    std::ofstream(path) << "content";
  }
  void make_checkpoints(const std::vector<int64_t>& steps) {
    for (int64_t step : steps) write_file(ModelFolder{files_.checkpoint(step)}.weights());
  }
  // A training as it was begun.
  void begin(StartMode mode = StartMode::kResumeIfThere) {
    RunFolder folder(path_, mode);
    folder.write(config_, tokenizers(folder));
  }
  Tokenizers tokenizers(const RunFolder& folder) const {
    ParallelText text({config_.data.train_source, config_.data.train_target}, temp_.path());
    return folder.tokenizers(config_, text);
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
  begin();
  write_file(files_.weights());
  EXPECT_THAT(refusal(StartMode::kResumeIfThere),
              AllOf(HasSubstr("no checkpoint to go on from"), HasSubstr("--fresh")));
  EXPECT_TRUE(file_exists(files_.weights()));
  begin(StartMode::kFresh);
  EXPECT_FALSE(file_exists(files_.weights()));
}

TEST_F(RunFolderTest, ATrainingBeginsOverNoFileThatNoneHasMade) {
  for (StartMode mode : {StartMode::kResumeIfThere, StartMode::kFresh}) {
    for (const std::string& path : files_.files()) {
      if (path == files_.weights() && mode == StartMode::kResumeIfThere) continue;
      write_file(path);
      EXPECT_THAT(message_of<Error>([&] { RunFolder(path_, mode).check(config_); }),
                  AllOf(HasSubstr("no training has made " + path), HasSubstr("output.folder")));
      EXPECT_EQ(read_file(path), "content");
      fs::remove(path);
    }
  }
}

TEST_F(RunFolderTest, AFreshTrainingLeavesWhatSomebodyPutBesideTheOldOne) {
  begin();
  std::vector<std::string> theirs = {files_.source_tokenizer(), files_.lexicon()};
  for (const std::string& path : theirs) write_file(path);
  EXPECT_THAT(message_of<Error>([&] { RunFolder(path_, StartMode::kFresh).check(config_); }),
              AllOf(HasSubstr(theirs[0]), HasSubstr(theirs[1])));
  for (const std::string& path : theirs) EXPECT_EQ(read_file(path), "content");
}

TEST_F(RunFolderTest, AVocabularyGivenFromTheFolderIsNeitherRemovedNorWritten) {
  fs::create_directories(path_);
  std::string content = train_tokenizer(config_.data.train_source, config_.tokenizer).model_bytes();
  std::ofstream(files_.tokenizer(), std::ios::binary) << content;
  config_.tokenizer.model = files_.tokenizer();
  auto written = fs::last_write_time(files_.tokenizer());
  RunFolder(path_, StartMode::kResumeIfThere).check(config_);
  begin();
  begin(StartMode::kFresh);
  EXPECT_EQ(read_file(files_.tokenizer()), content);
  EXPECT_EQ(fs::last_write_time(files_.tokenizer()), written);
  // It is no training's own even now.
  config_.tokenizer.model = std::string();
  EXPECT_THAT(message_of<Error>([&] { RunFolder(path_, StartMode::kFresh).check(config_); }),
              HasSubstr(files_.tokenizer()));
}

TEST_F(RunFolderTest, RemovesWhatAKilledTrainingLeftAndNothingElse) {
  make_checkpoints({4});
  std::string half = files_.checkpoint(5) + ".tmp", mixed = files_.checkpoint(6) + ".tmp";
  std::vector<std::string> ours = {ModelFolder{half}.weights(), ModelFolder{mixed}.weights(),
                                   files_.weights() + ".heed-tmp.123",
                                   files_.config() + ".heed-tmp.4"};
  std::vector<std::string> theirs = {files_.config() + ".tmpl",
                                     files_.lexicon() + ".tmp-notes",
                                     files_.weights() + ".tmp123",
                                     path_ + "/notes.heed-tmp.1",
                                     files_.config() + ".heed-tmp.4b",
                                     mixed + "/notes",
                                     files_.checkpoints() + "/step-7.tmpl/x",
                                     files_.checkpoints() + "/old-step-7/x"};
  for (const auto& paths : {ours, theirs}) std::ranges::for_each(paths, write_file);
  RunFolder folder(path_, StartMode::kResumeIfThere);
  for (const std::string& path : ours) EXPECT_FALSE(file_exists(path)) << path;
  for (const std::string& path : theirs) EXPECT_TRUE(file_exists(path)) << path;
  EXPECT_FALSE(file_exists(half));
  EXPECT_THAT(files_.checkpoint_steps(), ElementsAre(4));
}

TEST_F(RunFolderTest, AConfigurationWrittenByHandIsKept) {
  begin();
  make_checkpoints({5});
  std::string own = "# my own words\n" + read_file(files_.config());
  std::ofstream(files_.config()) << own;
  begin();  // says the same
  EXPECT_EQ(read_file(files_.config()), own);
  config_.training.max_steps = 77;
  begin();
  EXPECT_THAT(read_file(files_.config()),
              AllOf(HasSubstr("max_steps = 77"), Not(HasSubstr("my own words"))));
  EXPECT_EQ(read_file(files_.config() + ".edited"), own);
  config_.training.max_steps = 78;
  begin();
  EXPECT_FALSE(file_exists(files_.config() + ".edited-2")) << "nobody's own words are lost";
}

TEST_F(RunFolderTest, AFreshTrainingLeavesNothingOfTheOldOne) {
  begin();
  make_checkpoints({5, 10});
  std::vector<std::string> old = {files_.weights(), files_.validations(), files_.metrics()};
  for (const std::string& path : old) write_file(path);
  old.push_back(files_.lexicon());
  std::ofstream(files_.lexicon()) << "heed lexicon 1 0123\n";
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
  folder.check(config_);
  Config other = config_;
  other.training.learning_rate = 0.125;
  ::testing::internal::CaptureStderr();
  folder.check(other);
  EXPECT_THAT(::testing::internal::GetCapturedStderr(),
              HasSubstr("training.learning_rate = 0.125 as given now, it was"));
  other.training.seed = 77;
  other.model.layers = 9;
  EXPECT_THAT(message_of<UsageError>([&] { folder.check(other); }),
              AllOf(HasSubstr(path_), HasSubstr("training.seed = 77 (it began with"),
                    HasSubstr("model.layers = 9"), HasSubstr("--fresh")));
}

TEST_F(RunFolderTest, AFreshTrainingComparesNothing) {
  begin();
  config_.training.seed = 77;
  EXPECT_NO_THROW(RunFolder(path_, StartMode::kFresh).check(config_));
}

TEST_F(RunFolderTest, KeepsItsVocabulary) {
  begin();
  make_checkpoints({5});
  std::string before = files_.load_tokenizers().checksum();
  RunFolder folder(path_, StartMode::kResume);
  config_.data.train_source = {temp_.write("text.c", "xyz\n")};
  EXPECT_EQ(tokenizers(folder).checksum(), before);
  std::string other = temp_.write(
      "other.model", train_tokenizer(config_.data.train_source, config_.tokenizer).model_bytes());
  config_.tokenizer.model = other;
  EXPECT_THAT(message_of<UsageError>([&] { tokenizers(folder); }), HasSubstr("another vocabulary"));
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
