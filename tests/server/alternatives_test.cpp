#include "server/alternatives.h"

#include <gtest/gtest.h>

#include <set>

#include "server/served.h"
#include "util/text.h"

namespace heed {
namespace {

class AlternativesTest : public ::testing::Test {
 protected:
  std::vector<Alternative> find(const std::string& text, const std::string& prefix, size_t count) {
    Call call(waiting_, {std::chrono::seconds(60), [] { return true; }});
    return find_alternatives(*catalogue_.models()[0],
                             {.text = text, .prefix = prefix, .count = count}, call)
        .list;
  }

  Catalogue catalogue_ = served::catalogue({"de-en"});
  WaitingSentences waiting_{1000};
};

TEST_F(AlternativesTest, WordsDifferAndThePrefixStays) {
  // The model copies, so the copied word is the best and others begin with other characters.
  auto found = find("the quick fox", "the", 4);
  ASSERT_GT(found.size(), 1u);
  EXPECT_EQ(found[0].word, "quick");
  EXPECT_EQ(found[0].text, "the quick fox");
  std::set<std::string> words;
  for (const Alternative& one : found) {
    EXPECT_TRUE(words.insert(one.word).second) << one.word;
    EXPECT_EQ(split_words(one.text).at(0), "the");
    EXPECT_EQ(split_words(one.text).at(1), one.word);
    EXPECT_LE(one.score, found[0].score);
  }
}

TEST_F(AlternativesTest, SentencesBeforeStayAndThoseBehindAreTranslated) {
  auto found = find("One dog. Two foxes. Three.", "One cat. Two", 3);
  ASSERT_GT(found.size(), 0u);
  EXPECT_EQ(found[0].text, "One cat. Two foxes. Three.");
  found = find("One dog. Two foxes.", "One dog.", 3);
  ASSERT_GT(found.size(), 0u);
  EXPECT_EQ(found[0].word, "Two");
}

TEST_F(AlternativesTest, TheFirstWordAndNone) {
  EXPECT_EQ(find("dog", "", 2).at(0).word, "dog");
  EXPECT_TRUE(find("", "", 2).empty());
  EXPECT_TRUE(find(" \n", "a", 2).empty());
}

}  // namespace
}  // namespace heed
