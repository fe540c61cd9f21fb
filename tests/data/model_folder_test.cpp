#include "data/model_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "data/letters.h"
#include "util/error.h"

namespace heed {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

TEST(ModelFolderTest, TwoTokenizersStayTwo) {
  TempFolder path;
  ModelFolder folder{path.path()};
  Tokenizers two{tiny::letters(), tiny::other_letters()};
  EXPECT_FALSE(folder.has_tokenizers());
  folder.save_tokenizers(two);
  EXPECT_TRUE(folder.has_tokenizers());
  Tokenizers loaded = folder.load_tokenizers();
  EXPECT_FALSE(loaded.shared());
  EXPECT_EQ(loaded.checksum(), two.checksum());
  EXPECT_NE((Tokenizers{two.target, two.source}.checksum()), two.checksum());
  std::filesystem::remove(folder.target_tokenizer());
  EXPECT_FALSE(folder.has_tokenizers());
}

TEST(ModelFolderTest, OneTokenizerServesBothSides) {
  TempFolder path;
  ModelFolder folder{path.path()};
  auto both = tiny::letters();
  folder.save_tokenizers({both, both});
  EXPECT_TRUE(folder.load_tokenizers().shared());
  EXPECT_EQ(folder.load_tokenizers().checksum(), (Tokenizers{both, both}.checksum()));
}

TEST(ModelFolderTest, ListedVocabulariesStandBesideTheirTokenizers) {
  TempFolder path;
  ModelFolder folder{path.path()};
  auto listed = [](const std::shared_ptr<Tokenizer>& own, const std::string& pieces) {
    return std::make_shared<Tokenizer>(own->model_bytes(), "t", read_vocabulary(pieces, "v"));
  };
  const std::string pieces = "</s>\n<unk>\na\n\u2581\nb\n";
  Tokenizers two{listed(tiny::letters(), pieces), listed(tiny::other_letters(), pieces)};
  folder.save_tokenizers(two);
  Tokenizers loaded = folder.load_tokenizers();
  EXPECT_EQ(loaded.checksum(), two.checksum());
  EXPECT_TRUE(loaded.one_vocabulary());
  EXPECT_FALSE(loaded.shared());
  EXPECT_EQ(loaded.source->encode("ab"), (std::vector<int32_t>{3, 2, 4}));
  // Another list is another vocabulary.
  path.write("target.vocabulary", "</s>\n<unk>\nb\n\u2581\na\n");
  EXPECT_FALSE(folder.load_tokenizers().one_vocabulary());
  EXPECT_NE(folder.load_tokenizers().checksum(), two.checksum());
  path.write("target.vocabulary", "a\nb\n");
  EXPECT_THAT([&] { folder.load_tokenizers(); },
              ThrowsMessage<Error>(HasSubstr("target.vocabulary: no piece </s> among 2")));
}

TEST(ModelFolderTest, WhatIsNoFolderIsNamed) {
  TempFolder path;
  EXPECT_THAT([&] { find_model(path.file("none")); },
              ThrowsMessage<Error>(path.file("none") + ": no such model folder"));
  EXPECT_THAT([&] { find_model(path.write("file", "")); },
              ThrowsMessage<Error>(HasSubstr("is a file; name the model folder")));
  EXPECT_THAT([&] { find_model(path.path()); },
              ThrowsMessage<Error>(path.file("config.ini") +
                                   ": No such file or directory: this is no model folder"));
  path.write("config.ini", "");
  EXPECT_EQ(find_model(path.path()).path, path.path());
  EXPECT_EQ(find_model(path.path()).weights(), path.file("model.safetensors"));
}

class CheckpointFolderTest : public testing::Test {
 protected:
  CheckpointFolderTest() {
    for (int64_t step : {5, 10}) std::filesystem::create_directories(model_.checkpoint(step));
    path_.write("config.ini", "");
    path_.write("checkpoints/step-10/model.safetensors", "");
    path_.write("checkpoints/step-5/training.safetensors", "");
  }
  TempFolder path_;
  ModelFolder model_{path_.path()};
};

TEST_F(CheckpointFolderTest, StandsForItsModelWithItsOwnWeights) {
  for (std::string name : {model_.checkpoint(10), model_.checkpoint(10) + "/"}) {
    ModelFolder found = find_model(name);
    EXPECT_TRUE(std::filesystem::equivalent(found.path, path_.path()));
    EXPECT_TRUE(std::filesystem::equivalent(found.weights(),
                                            path_.file("checkpoints/step-10/model.safetensors")));
    EXPECT_EQ(found.checkpoint_steps(), (std::vector<int64_t>{5, 10}));
  }
  std::filesystem::create_directory_symlink(model_.checkpoint(10), path_.file("best"));
  EXPECT_TRUE(std::filesystem::equivalent(find_model(path_.file("best")).path, path_.path()));
}

TEST_F(CheckpointFolderTest, WithItsOwnConfigurationIsAModel) {
  path_.write("checkpoints/step-10/config.ini", "");
  EXPECT_EQ(find_model(model_.checkpoint(10)).path, model_.checkpoint(10));
}

TEST_F(CheckpointFolderTest, SaysWhatIsMissing) {
  auto refuses = [](const std::string& path, const std::string& why) {
    EXPECT_THAT([&] { find_model(path); }, ThrowsMessage<Error>(HasSubstr(why)));
  };
  refuses(model_.checkpoint(5), "this checkpoint is not whole");
  refuses(model_.checkpoints(), "name one of its checkpoints, step-5 to step-10");
  std::filesystem::create_directories(model_.checkpoint(15) + ".tmp");
  refuses(model_.checkpoint(15) + ".tmp", "half-written");
  std::filesystem::remove(model_.config());
  refuses(model_.checkpoint(10), "a checkpoint needs its model folder");
}

TEST(ModelFolderTest, HasNoStepsWhereItsCheckpointsAreGone) {
  TempFolder path;
  EXPECT_TRUE(ModelFolder{path.path()}.checkpoint_steps().empty());
}

TEST(ModelFolderTest, PipesAndDevicesAreRefusedBeforeTheyAreOpened) {
  for (const char* name : {"model.safetensors", "config.ini", "tokenizer.model",
                           "source.vocabulary", "lexicon.txt", "metrics.jsonl", "train.log"}) {
    TempFolder path;
    path.write("config.ini", "");
    std::filesystem::remove(path.file(name));
    ASSERT_EQ(::mkfifo(path.file(name).c_str(), 0600), 0);
    EXPECT_THAT([&] { find_model(path.path()); },
                ThrowsMessage<Error>(HasSubstr(path.file(name) + ": is a pipe or a device")));
  }
  TempFolder path;
  path.write("config.ini", "");
  std::filesystem::create_symlink("/dev/zero", path.file("tokenizer.model"));
  EXPECT_THAT([&] { find_model(path.path()); }, ThrowsMessage<Error>(HasSubstr("a device")));
}

TEST(ModelFolderTest, AConfigurationThatNoModelCanHaveIsNamed) {
  TempFolder path;
  path.write("config.ini", "[model]\nhidden_size = 10\nheads = 4\n");
  EXPECT_THAT([&] { ModelFolder{path.path()}.read_config(); },
              ThrowsMessage<Error>(HasSubstr(path.file("config.ini") + ": ")));
}

}  // namespace
}  // namespace heed
