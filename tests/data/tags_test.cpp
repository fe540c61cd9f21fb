#include "data/tags.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/options.h"
#include "util/error.h"
#include "util/temp_folder.h"

namespace heed {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Tokenizer tagged() {
  TokenizerConfig config = default_config().tokenizer;
  config.vocab_size = 300;
  config.user_defined = {">>deu<<"};
  return train_tokenizer({HEED_SOURCE_DIR "/data/dev.de"}, config);
}

TEST(TagsTest, AreNamedOnceEach) {
  DataConfig config = default_config().data;
  EXPECT_THAT(tags_of(config), IsEmpty());
  config.tags = {">>deu<<", ">>eng<<", ">>deu<<"};
  config.dev_tag = ">>fra<<";
  EXPECT_THAT(tags_of(config), ElementsAre(">>deu<<", ">>eng<<", ">>fra<<"));
}

TEST(TagsTest, ADevTagThatNoTrainingFileHasIsTold) {
  DataConfig config = default_config().data;
  config.dev_tag = ">>fra<<";
  auto told = [&] {
    ::testing::internal::CaptureStderr();
    warn_of_dev_tag(config);
    return ::testing::internal::GetCapturedStderr();
  };
  EXPECT_EQ(told(), "") << "tags may stand in the text itself";
  config.tags = {">>deu<<", ">>fra<<"};
  EXPECT_EQ(told(), "");
  config.tags = {">>deu<<"};
  EXPECT_THAT(told(), HasSubstr("data.dev_tag = >>fra<< is none of data.tags (>>deu<<)"));
}

TEST(TagsTest, AreThePiecesThatTheTextWouldHave) {
  Tokenizer tokenizer = tagged();
  for (const char* text : {"Laura schläft.", "x", "  zwei", "<s>"}) {
    std::vector<int32_t> ids = encode_tag(tokenizer, ">>deu<<", "--source-tag");
    for (int32_t id : tokenizer.encode(text)) ids.push_back(id);
    EXPECT_EQ(ids, tokenizer.encode(std::string(">>deu<< ") + text)) << text;
  }
  EXPECT_THAT(encode_tag(tokenizer, "", "--source-tag"), IsEmpty());
}

TEST(TagsTest, ThatTheVocabularyDoesNotHaveAreRefused) {
  Tokenizer tokenizer = tagged();
  for (const char* tag : {">>eng<<", "Laura und Emma", "日"}) {
    EXPECT_THAT(message_of<UsageError>([&] { encode_tag(tokenizer, tag, "--source-tag"); }),
                AllOf(HasSubstr("--source-tag " + std::string(tag)), HasSubstr("splits it into")))
        << tag;
  }
}

}  // namespace
}  // namespace heed
