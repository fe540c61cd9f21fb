#include "data/manifest.h"

#include <gmock/gmock.h>

#include "config/ini.h"
#include "config/options.h"
#include "config/render.h"
#include "util/temp_folder.h"

namespace heed {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

class ManifestTest : public ::testing::Test {
 protected:
  ManifestTest() {
    TokenizerConfig options = config_.tokenizer;
    options.type = "char";
    auto both =
        std::make_shared<Tokenizer>(train_tokenizer({temp_.write("text", "abcdef\n")}, options));
    tokenizers_ = {both, both};
  }
  void begin() {
    temp_.write("config.ini",
                Manifest(folder_).line(config_, tokenizers_) + render_config(config_));
  }

  TempFolder temp_;
  ModelFolder folder_{temp_.path()};
  Config config_ = default_config();
  Tokenizers tokenizers_;
};

TEST_F(ManifestTest, InAnEmptyFolderNothingIsMadeAndNothingForeign) {
  Manifest manifest(folder_);
  for (const std::string& path : folder_.files()) EXPECT_FALSE(manifest.made(path)) << path;
  EXPECT_THAT(manifest.foreign(config_), IsEmpty());
}

TEST_F(ManifestTest, TheConfigurationNamesWhatItsTrainingMakes) {
  begin();
  EXPECT_NO_THROW(load_config(folder_.config(), {}));
  Manifest manifest(folder_);
  for (const std::string& path :
       {folder_.config(), folder_.tokenizer(), folder_.weights(), folder_.validations(),
        folder_.metrics(), folder_.translations()}) {
    EXPECT_TRUE(manifest.made(path)) << path;
  }
  for (const std::string& path : {folder_.source_tokenizer(), folder_.lexicon()}) {
    EXPECT_FALSE(manifest.made(path)) << path;
  }
  temp_.write("source.model", "mine");
  temp_.write("lexicon.txt", "mine");
  EXPECT_THAT(manifest.foreign(config_),
              UnorderedElementsAre(folder_.source_tokenizer(), folder_.lexicon()));
}

TEST_F(ManifestTest, ALexiconIsKnownByItsFirstLine) {
  temp_.write("lexicon.txt", "heed lexicon 1 0123\n");
  EXPECT_TRUE(Manifest(folder_).made(folder_.lexicon()));
}

TEST_F(ManifestTest, AConfigurationOfOnesOwnIsForeign) {
  temp_.write("config.ini", "# mine\n[output]\nfolder = .\n");
  std::filesystem::create_directories(folder_.checkpoints() + "/mine");
  EXPECT_THAT(Manifest(folder_).foreign(config_), ElementsAre(folder_.config()));
}

TEST_F(ManifestTest, AnOlderTrainingIsKnownByItsCheckpoints) {
  temp_.write("config.ini", render_config(config_));
  std::filesystem::create_directories(folder_.checkpoint(3));
  temp_.write("checkpoints/step-3/training.safetensors", "");
  EXPECT_THAT(Manifest(folder_).foreign(config_), IsEmpty());
}

TEST_F(ManifestTest, CheckpointsOfAnotherProgramAreForeign) {
  std::filesystem::create_directories(folder_.checkpoint(3));
  temp_.write("checkpoints/step-3/model.safetensors", "");
  EXPECT_THAT(Manifest(folder_).foreign(config_), ElementsAre(folder_.checkpoints()));
}

TEST_F(ManifestTest, WhatIsGivenToReadIsNotOurs) {
  temp_.write("tokenizer.model", "mine");
  EXPECT_THAT(Manifest(folder_).foreign(config_), ElementsAre(folder_.tokenizer()));
  config_.tokenizer.model = folder_.tokenizer();
  Manifest manifest(folder_);
  EXPECT_THAT(manifest.foreign(config_), IsEmpty());
  EXPECT_THAT(manifest.line(config_, tokenizers_),
              AllOf(HasSubstr("model.safetensors"), Not(HasSubstr("tokenizer.model"))));
}

}  // namespace
}  // namespace heed
