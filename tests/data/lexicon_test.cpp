#include "data/lexicon.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "util/error.h"
#include "util/file_content.h"
#include "util/temp_folder.h"

namespace heed {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr int32_t kWords = 8, kArticle = 20;
const LexiconKey kKey{"abc", 16, 32};

// Source piece 4 + i is translated by 10 + i, in reverse order, with an article in each sentence.
Corpus ciphered() {
  std::mt19937 generator(1);
  Corpus corpus;
  for (int n = 0; n < 200; ++n) {
    std::vector<int32_t> source, target{kArticle};
    for (int k = 0; k < 4; ++k) {
      auto word = static_cast<int32_t>(generator() % kWords);
      source.push_back(4 + word);
      target.insert(target.begin(), 10 + word);
    }
    corpus.source.add(source);
    corpus.target.add(target);
  }
  return corpus;
}

TEST(Lexicon, FindsTheTranslationOfEachPiece) {
  Lexicon lexicon = Lexicon::learn(ciphered(), kKey.source);
  ASSERT_EQ(lexicon.size(), kKey.source);
  for (int32_t word = 0; word < kWords; ++word) {
    EXPECT_EQ(lexicon.translations(4 + word)[0], 10 + word);
  }
  EXPECT_TRUE(lexicon.translations(0).empty()) << "never seen";
}

TEST(Lexicon, AnyNumberOfThreadsLearnsTheSame) {
  TempFolder folder;
  std::vector<std::string> texts;
  for (int64_t threads : {1, 2, 3, 20}) {
    std::string path = folder.file(std::to_string(threads));
    Lexicon::learn(ciphered(), kKey.source, threads).write(path, kKey);
    texts.push_back(read_file(path));
    EXPECT_EQ(texts.back(), texts.front()) << threads << " threads";
  }
}

TEST(Lexicon, CandidatesAreTheBestOfEachPieceAndTheMostFrequent) {
  Lexicon lexicon = Lexicon::learn(ciphered(), kKey.source);
  std::vector<int32_t> source = {5, 4, 5, 3}, always = {3, 1};
  EXPECT_THAT(lexicon.candidates(source, 1, always), ElementsAre(1, 3, 10, 11, kArticle));
  EXPECT_THAT(lexicon.candidates({}, 1, {}), ElementsAre(kArticle));
}

TEST(Lexicon, IsReadAsItWasWritten) {
  TempFolder folder;
  Lexicon lexicon = Lexicon::learn(ciphered(), kKey.source);
  std::string path = folder.file("lexicon.txt");
  lexicon.write(path, kKey);
  Lexicon found = Lexicon::read(path, kKey);
  ASSERT_EQ(found.size(), lexicon.size());
  for (int32_t id = 0; id < kKey.source; ++id) {
    EXPECT_TRUE(std::ranges::equal(found.translations(id), lexicon.translations(id)));
  }
  std::vector<int32_t> source = {4, 7};
  EXPECT_EQ(found.candidates(source, 5, {}), lexicon.candidates(source, 5, {}));
}

std::string error_of(const std::string& path, const LexiconKey& key) {
  try {
    Lexicon::read(path, key);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(Lexicon, WhatDoesNotFitIsSaid) {
  TempFolder folder;
  std::string path = folder.file("lexicon.txt");
  Lexicon::learn(ciphered(), kKey.source).write(path, kKey);
  EXPECT_THAT(error_of(path, {"other", 16, 32}), HasSubstr("is no lexicon of this model's"));
  EXPECT_THAT(error_of(path, {"abc", 17, 32}), HasSubstr("18 lines where 19 are wanted"));
  EXPECT_THAT(error_of(path, {"abc", 16, 12}), HasSubstr("is no number of a piece below 12"));
  std::string damaged = folder.write("damaged", "heed lexicon 1 abc\n1 x\n\n");
  EXPECT_THAT(error_of(damaged, {"abc", 1, 32}), HasSubstr("damaged:2: \"x\" is no number"));
  EXPECT_THAT(error_of(folder.write("empty", ""), kKey), HasSubstr("is no lexicon"));
}

}  // namespace
}  // namespace heed
