#include "data/inherited_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "config/options.h"
#include "config/presets.h"
#include "util/error.h"
#include "util/temp_folder.h"

namespace heed {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class InheritedConfigTest : public ::testing::Test {
 protected:
  InheritedConfigTest() {
    std::filesystem::create_directories(folder_.file("base"));
    folder_.write("base/config.ini",
                  "[data]\nmax_length = 40\n[tokenizer]\nvocab_size = 300\nsampling_alpha = 0.1\n"
                  "[model]\nhidden_size = 64\ndropout = 0.2\n[training]\nmax_steps = 7\n");
  }
  Config load(const std::string& text, const std::vector<std::string>& overrides = {}) {
    return load_training_config(
        folder_.write("new.ini", "[training]\ninitial_model = base\n" + text), overrides);
  }
  TempFolder folder_;
};

TEST_F(InheritedConfigTest, TakesWhatMakesModelAndVocabularyAndNothingElse) {
  Config config = load("");
  EXPECT_EQ(config.training.initial_model, folder_.file("base"));
  EXPECT_EQ(config.model.hidden_size, 64);
  EXPECT_EQ(config.model.dropout, 0.2);
  EXPECT_EQ(config.tokenizer.vocab_size, 300);
  EXPECT_EQ(config.data.max_length, 40);
  EXPECT_EQ(config.tokenizer.sampling_alpha, 0);
  EXPECT_EQ(config.training.max_steps, default_config().training.max_steps);
}

TEST_F(InheritedConfigTest, WhatIsGivenCounts) {
  Config config = load("[model]\ndropout = 0.4\n", {"--model.hidden_size=256"});
  EXPECT_EQ(config.model.dropout, 0.4);
  EXPECT_EQ(config.model.hidden_size, 256);
  EXPECT_THAT(model_differences(config, load("")), ElementsAre("model.hidden_size = 64, not 256"));
  EXPECT_THAT(vocabulary_differences(config, load("")), IsEmpty());
  EXPECT_THAT(vocabulary_differences(load("[tokenizer]\nvocab_size = 200\n"), load("")),
              ElementsAre("tokenizer.vocab_size = 300, not 200"));
}

TEST_F(InheritedConfigTest, SizesThatAreWrittenOutDifferFromNone) {
  Config spelled = load("[model]\nlayers = 3\ndecoder_layers = 3\nembedding_size = 64\n");
  EXPECT_THAT(model_differences(spelled, load("")), IsEmpty());
}

TEST_F(InheritedConfigTest, PartsWithoutAVocabularyLeaveItAlone) {
  Config config = load("initial_parts = encoder, decoder\n");
  EXPECT_FALSE(takes_vocabulary(config.training));
  EXPECT_EQ(config.tokenizer.vocab_size, default_config().tokenizer.vocab_size);
  EXPECT_EQ(config.model.hidden_size, 64);
  EXPECT_TRUE(takes_vocabulary(load("initial_parts = embeddings\n").training));
  EXPECT_FALSE(takes_vocabulary(default_config().training));
}

TEST_F(InheritedConfigTest, AFolderThatIsGoneIsNoMatterToATrainingThatGoesOn) {
  std::filesystem::remove_all(folder_.file("base"));
  EXPECT_THAT(message_of<Error>([&] { load("[output]\nfolder = run\n"); }),
              HasSubstr("[training] initial_model: " + folder_.file("base") + ": no such model"));
  std::filesystem::create_directories(folder_.file("run/checkpoints/step-3"));
  folder_.write("run/checkpoints/step-3/model.safetensors", "");
  folder_.write("run/config.ini", "[model]\nhidden_size = 32\n");
  EXPECT_EQ(load("[output]\nfolder = run\n").model.hidden_size, 32);
}

TEST(OpenKeys, AreThoseOfAPresetThatNobodyGives) {
  TempFolder folder;
  auto open = [&](const std::string& text, const std::vector<std::string>& overrides = {}) {
    return load_training_config(folder.write("new.ini", text), overrides).open;
  };
  EXPECT_EQ(open(""), preset_options());
  auto without = preset_options();
  std::erase(without, "training.max_steps");
  std::erase(without, "tokenizer.vocab_size");
  EXPECT_EQ(open("[training]\nmax_steps = 5\n", {"--tokenizer.vocab_size=100"}), without);
  EXPECT_THAT(open("[model]\n"), IsEmpty());
  EXPECT_THAT(open("", {"--model.dropout=0.2"}), IsEmpty());
}

TEST_F(InheritedConfigTest, AModelToBeginWithLeavesNothingOpen) {
  EXPECT_THAT(load("").open, IsEmpty());
}

}  // namespace
}  // namespace heed
