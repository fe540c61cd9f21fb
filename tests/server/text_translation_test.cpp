#include "server/text_translation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/served.h"
#include "server/word_links.h"

namespace heed {
namespace {

using ::testing::ElementsAre;

class TextTranslationTest : public ::testing::Test {
 protected:
  Call::Limits limits_{std::chrono::seconds(60), [] { return true; }};
  Catalogue catalogue_ = served::catalogue({"de-en"});
  const ServedModel& model_ = *catalogue_.models()[0];
  WaitingSentences waiting_{1000};
};

TEST_F(TextTranslationTest, TextsComeBackInTheirShape) {
  Call call(waiting_, limits_);
  std::vector<std::string> texts = {" A dog.  Two dogs.\n\nThree.\n", "", "😀 👍", "one"};
  std::vector<TextDemand> demands;
  for (const std::string& text : texts) demands.push_back({.text = text});
  size_t heard = 0;
  auto each = [&](const SentenceNews& news) {
    EXPECT_EQ(news.done, ++heard);
    EXPECT_EQ(news.all, 4u);
  };
  auto translated = translate_texts(model_, demands, call, each);
  ASSERT_EQ(translated.size(), texts.size());
  for (size_t i = 0; i < texts.size(); ++i) EXPECT_EQ(translated[i].text(), texts[i]);
  EXPECT_EQ(heard, 4u);
  EXPECT_EQ(waiting_.count, 0);
}

TEST_F(TextTranslationTest, ManySentencesGoThroughAWindow) {
  Call call(waiting_, limits_);
  std::string text;
  for (int i = 0; i < 700; ++i) text += "Dog " + std::to_string(i) + ".\n";
  EXPECT_EQ(translate_texts(model_, {{.text = text}}, call)[0].text(), text);
}

TEST_F(TextTranslationTest, AlternativesDiffer) {
  Call call(waiting_, limits_);
  auto translated = translate_texts(model_, {{.text = "Dog.", .search = {.n_best = 4}}}, call)[0];
  auto ranks = translated.distinct_ranks(4);
  EXPECT_EQ(ranks.size(), 4u);
  EXPECT_EQ(translated.text(ranks[0]), "Dog.");
  EXPECT_GT(translated.score(0), translated.score(3));
}

TEST_F(TextTranslationTest, APrefixIsHeld) {
  Call call(waiting_, limits_);
  auto translated =
      translate_texts(model_, {{.text = "Dog. Fox. Two.", .prefix = "Dog. Fax"}}, call)[0];
  EXPECT_EQ(translated.text(), "Dog. Fax. Two.");
}

TEST_F(TextTranslationTest, DemandsOfNothingToTranslateAreLeftOutAloud) {
  Call call(waiting_, limits_);
  auto warnings = [&](const TextDemand& demand) {
    return translate_texts(model_, {demand}, call)[0].warnings;
  };
  const char* prefix = "prefix: \"Dog\" is left out: its source has nothing to translate";
  const char* phrase = "phrase: \"Fox\" is left out: its source has nothing to translate";
  for (const char* text : {"", " \n", "😀"}) {
    EXPECT_THAT(warnings({.text = text, .prefix = "Dog"}), ElementsAre(prefix)) << text;
    EXPECT_THAT(warnings({.text = text, .phrases = {"Fox"}}), ElementsAre(phrase)) << text;
    EXPECT_THAT(warnings({.text = text}), ElementsAre()) << text;
    EXPECT_THAT(warnings({.text = text, .prefix = text}), ElementsAre()) << text;
  }
  EXPECT_THAT(warnings({.text = "😀", .glossary = {{"😀", "Fox"}}}), ElementsAre(phrase));
}

TEST_F(TextTranslationTest, GlossariesAreHeldWhereTheirTermsAre) {
  Call call(waiting_, limits_);
  auto translated =
      translate_texts(model_, {{.text = "A dog. A fox.", .glossary = {{"dog", "hound"}}}}, call)[0];
  EXPECT_NE(translated.sentences[0].translations[0].text.find("hound"), std::string::npos);
  EXPECT_EQ(translated.sentences[1].translations[0].text, "A fox.");
}

TEST_F(TextTranslationTest, TooManyAreNotLetIn) {
  WaitingSentences full(5);
  full.count = 5;
  try {
    Call call(full, limits_);
    FAIL();
  } catch (const HttpError& error) {
    EXPECT_EQ(error.status(), 503);
    EXPECT_GT(error.retry_after(), 0);
  }
}

TEST_F(TextTranslationTest, ClientsThatHaveLeftAreNotWaitedFor) {
  std::string text;
  for (int i = 0; i < 5000; ++i) text += "The quick brown fox jumps over the lazy dog.\n";
  {
    Call call(waiting_, {std::chrono::seconds(60), [] { return false; }});
    EXPECT_THROW(translate_texts(model_, {{.text = text}}, call), ClientLeft);
  }
  EXPECT_EQ(waiting_.count, 0);
  Call late(waiting_, {std::chrono::seconds(0), [] { return true; }});
  try {
    translate_texts(model_, {{.text = text}}, late);
    FAIL();
  } catch (const HttpError& error) {
    EXPECT_EQ(error.status(), 504);
  }
}

TEST(TextTranslation, PrefixesAreDivided) {
  EXPECT_THAT(divide_prefix("One. Two. Th", 4), ElementsAre("One.", "Two.", "Th", ""));
  EXPECT_THAT(divide_prefix("One. Two. Th", 2), ElementsAre("One.", "Two. Th"));
  EXPECT_THAT(divide_prefix("", 2), ElementsAre("", ""));
  EXPECT_THAT(divide_prefix("One.", 0), ElementsAre());
}

TEST(TextTranslation, TermsAreWords) {
  EXPECT_TRUE(has_term("A big Dog, here", "dog"));
  EXPECT_TRUE(has_term("die GROSSE Straße", "straße"));
  EXPECT_TRUE(has_term("big dog", "big dog"));
  EXPECT_FALSE(has_term("dogs", "dog"));
  EXPECT_FALSE(has_term("hotdog", "dog"));
  EXPECT_FALSE(has_term("dog", ""));
  EXPECT_TRUE(has_term("C++ is", "C++"));
}

}  // namespace
}  // namespace heed
