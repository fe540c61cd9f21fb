#include "data/model_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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

TEST(ModelFolderTest, WhatIsNoFolderIsNamed) {
  TempFolder path;
  EXPECT_NO_THROW(ModelFolder{path.path()}.check());
  EXPECT_THAT([&] { ModelFolder{path.file("none")}.check(); },
              ThrowsMessage<Error>(path.file("none") + ": no such model folder"));
  EXPECT_THAT([&] { ModelFolder{path.write("file", "")}.check(); },
              ThrowsMessage<Error>(HasSubstr("is a file; name the model folder")));
}

TEST(ModelFolderTest, AConfigurationThatNoModelCanHaveIsNamed) {
  TempFolder path;
  path.write("config.ini", "[model]\nhidden_size = 10\nheads = 4\n");
  EXPECT_THAT([&] { ModelFolder{path.path()}.read_config(); },
              ThrowsMessage<Error>(HasSubstr(path.file("config.ini") + ": ")));
}

}  // namespace
}  // namespace heed
