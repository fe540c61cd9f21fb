#include "evaluation/ambiguity.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>

#include "util/error.h"
#include "util/line_reader.h"
#include "util/temp_folder.h"
#include "util/text.h"

namespace heed {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

const std::string kHeader = "line\tword\ttoken\tsense\tlemma\tforms\twrong_forms\n";

class AmbiguousFile : public ::testing::Test {
 protected:
  std::vector<AmbiguousWord> read(const std::string& content) {
    path_ = folder_.write("ambiguous.tsv", content);
    return read_ambiguous_words(path_);
  }
  std::string message(const std::string& content) {
    try {
      read(content);
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  }
  TempFolder folder_;
  std::string path_;
};

using ReadAmbiguousWords = AmbiguousFile;

TEST_F(ReadAmbiguousWords, TakesColumnsByNameAndCountsFromZero) {
  auto words = read(
      "sense\tforms\tline\ttoken\tword\tnotes\twrong_forms\n"
      "money\tBank\t3\t5\tbank\tx\tUfer|Ufers\n");
  ASSERT_EQ(words.size(), 1u);
  EXPECT_EQ(words[0].line, 2);
  EXPECT_EQ(words[0].token, 5);
  EXPECT_EQ(words[0].word, "bank");
  EXPECT_EQ(words[0].sense, "money");
  EXPECT_THAT(words[0].right_forms, ElementsAre("Bank"));
  EXPECT_THAT(words[0].wrong_forms, ElementsAre("Ufer", "Ufers"));
}

// What the other senses call wrong tells the other forms of this one.
TEST_F(ReadAmbiguousWords, KnowsFormsThatItsReferenceLacks) {
  auto words = read(kHeader +
                    "1\tspring\t2\tmetal\tFeder\tFeder\tFrühling|Frühlings|Quelle|Quellen\n"
                    "2\tspring\t2\twater\tQuelle\tQuelle\tFrühling|Frühlings|Feder|Federn\n"
                    "3\tspring\t2\tseason\tFrühling\tFrühling\tFeder|Federn|Quelle|Quellen\n"
                    "4\tkey\t2\tlock\tSchlüssel\tSchlüssel\tTaste|Tasten\n");
  EXPECT_THAT(words[0].right_forms, UnorderedElementsAre("Feder", "Federn"));
  EXPECT_THAT(words[1].right_forms, UnorderedElementsAre("Quelle", "Quellen"));
  EXPECT_THAT(words[2].right_forms, UnorderedElementsAre("Frühling", "Frühlings"));
  EXPECT_THAT(words[3].right_forms, ElementsAre("Schlüssel"));  // no other sense to learn from
}

TEST_F(ReadAmbiguousWords, NamesTheRowThatDoesNotFit) {
  EXPECT_THAT(message(kHeader), HasSubstr("no ambiguous word"));
  EXPECT_THAT(message("line\tword\n1\tbank\n"), HasSubstr("tsv:1: no column 'token'"));
  EXPECT_THAT(message(kHeader + "1\tbank\n"), HasSubstr("tsv:2: 2 fields; the header has 7"));
  EXPECT_THAT(message(kHeader + "0\tbank\t1\tm\tBank\tBank\tUfer\n"),
              HasSubstr("tsv:2: line is '0'; expected a whole number of at least 1"));
  EXPECT_THAT(message(kHeader + "1\tbank\t-1\tm\tBank\tBank\tUfer\n"),
              HasSubstr("tsv:2: token is '-1'"));
  EXPECT_THAT(message(kHeader + "1\tbank\t1\tm\tBank\tBank\t\n"), HasSubstr("may not be empty"));
}

TEST_F(ReadAmbiguousWords, MustFitTheText) {
  auto words = read(kHeader + "2\tbank\t3\tm\tBank\tBank\tUfer\n");
  auto check = [&](const std::vector<std::string>& text) -> std::string {
    try {
      check_ambiguous_words(words, path_, text);
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  };
  EXPECT_EQ(check({"", "at the river bank"}), "no error");
  EXPECT_THAT(check({"at the river bank"}), HasSubstr("in line 2, but the text has 1 lines"));
  EXPECT_THAT(check({"", "the bank"}), HasSubstr("token 3 (from 0) of line 2, which has 2 words"));
}

// The references of the sample corpus are right by construction, and each holds no other sense.
TEST(JudgeSenses, EveryReferenceOfTheSampleCorpusIsRight) {
  const std::string data = std::string(HEED_SOURCE_DIR) + "/data/";
  auto words = read_ambiguous_words(data + "test.ambiguous.tsv");
  auto references = read_lines(data + "test.de");
  check_ambiguous_words(words, "test.ambiguous.tsv", read_lines(data + "test.en"));
  ASSERT_GT(words.size(), 300u);
  for (const AmbiguousWord& word : words) {
    std::vector<AmbiguousWord> of_line;
    for (const AmbiguousWord& other : words) {
      if (other.line == word.line) of_line.push_back(other);
    }
    for (const SenseJudgement& judgement :
         judge_senses(of_line, references[static_cast<size_t>(word.line)])) {
      EXPECT_EQ(judgement.verdict, SenseVerdict::kRight) << "line " << word.line + 1;
      EXPECT_THAT(judgement.tokens, Not(IsEmpty()));
    }
  }
}

const AmbiguousWord kRiver{0, 0, "bank", "river", {"Ufer", "Ufers", "Ufern"}, {"Bank", "Banken"}};
const AmbiguousWord kMoney{0, 0, "bank", "money", {"Bank", "Banken"}, {"Ufer", "Ufers", "Ufern"}};
const AmbiguousWord kMatch{0, 0, "match", "fire", {"Streichholz"}, {"Spiel", "Spiele"}};
const AmbiguousWord kKnow{0, 0, "know", "fact", {"weiß", "wissen"}, {"kenne", "kennt"}};

SenseJudgement judge(const AmbiguousWord& word, const std::string& translation) {
  return judge_senses({word}, translation).at(0);
}

TEST(JudgeSenses, RightWrongAndNeither) {
  EXPECT_EQ(judge(kRiver, "Er sitzt am Ufer.").verdict, SenseVerdict::kRight);
  EXPECT_THAT(judge(kRiver, "Er sitzt am Ufer.").tokens, ElementsAre(3));
  EXPECT_THAT(judge(kRiver, "„Des Ufers“, sagt er").tokens, ElementsAre(1));
  EXPECT_EQ(judge(kRiver, "Er sitzt an der Bank.").verdict, SenseVerdict::kWrong);
  EXPECT_EQ(judge(kRiver, "Er sitzt am Rand.").verdict, SenseVerdict::kNeither);
  EXPECT_EQ(judge(kRiver, "Er sitzt am Uferweg der Parkbank").verdict, SenseVerdict::kNeither);
  EXPECT_EQ(judge(kRiver, "").verdict, SenseVerdict::kNeither);
  EXPECT_THAT(judge(kRiver, "- ... Ufer").tokens, ElementsAre(2));
}

TEST(JudgeSenses, BothFormsAreWrong) {
  SenseJudgement both = judge(kRiver, "Das Ufer der Bank");
  EXPECT_EQ(both.verdict, SenseVerdict::kWrong);
  EXPECT_THAT(both.tokens, ElementsAre(3));
}

TEST(JudgeSenses, TheRightFormOfAnotherWordOfTheLineIsNotWrong) {
  auto both = judge_senses({kRiver, kMoney}, "Das Ufer der Bank");
  EXPECT_EQ(both[0].verdict, SenseVerdict::kRight);
  EXPECT_THAT(both[0].tokens, ElementsAre(1));
  EXPECT_THAT(both[1].tokens, ElementsAre(3));
  auto one = judge_senses({kRiver, kMoney}, "Die Bank der Bank");
  EXPECT_EQ(one[0].verdict, SenseVerdict::kNeither);
  EXPECT_EQ(one[1].verdict, SenseVerdict::kRight);
}

TEST(JudgeSenses, CaseCountsButWhereASentenceOpens) {
  EXPECT_EQ(judge(kMatch, "Wir spiele ohne Streichholz").verdict, SenseVerdict::kRight);
  EXPECT_EQ(judge(kMatch, "Die Spiele").verdict, SenseVerdict::kWrong);
  EXPECT_EQ(judge(kKnow, "Weiß er das?").verdict, SenseVerdict::kRight);
  EXPECT_EQ(judge(kKnow, "Ja. Weiß er das?").verdict, SenseVerdict::kRight);
  EXPECT_EQ(judge(kKnow, "Das Weiß ist hell.").verdict, SenseVerdict::kNeither);
  EXPECT_EQ(judge({0, 0, "w", "s", {"öffne"}, {"x"}}, "Öffne das!").verdict, SenseVerdict::kRight);
}

TEST(SenseCounts, CountNeitherAsNotRight) {
  SenseCounts counts;
  EXPECT_TRUE(std::isnan(counts.accuracy()));
  for (auto verdict :
       {SenseVerdict::kRight, SenseVerdict::kNeither, SenseVerdict::kRight, SenseVerdict::kWrong}) {
    counts.add(verdict);
  }
  EXPECT_EQ(counts.total(), 4);
  EXPECT_DOUBLE_EQ(counts.accuracy(), 0.5);
}

TEST(SenseAttention, SplitsTheMassOfTheRowsThatTranslateTheWord) {
  std::vector<float> weights = {0.5f, 0.25f, 0.125f,  // the rest went to the end symbol
                                0.0f, 1.0f,  0.0f,    //
                                0.0f, 0.0f,  1.0f};
  SenseAttention attention;
  EXPECT_TRUE(std::isnan(attention.own()));
  attention.add({weights, 3}, 0, {0});
  EXPECT_DOUBLE_EQ(attention.own(), 0.5);
  EXPECT_DOUBLE_EQ(attention.rest(), 0.375);
  EXPECT_DOUBLE_EQ(attention.strongest_share(), 1);
  attention.add({weights, 3}, 0, {1, 2});  // a word of two words counts once
  EXPECT_EQ(attention.words, 2);
  EXPECT_DOUBLE_EQ(attention.own(), 0.25);
  EXPECT_DOUBLE_EQ(attention.rest(), (0.375 + 1) / 2);
  EXPECT_DOUBLE_EQ(attention.strongest_share(), 0.5);
}

TEST(SenseAttention, RefusesPlacesOutside) {
  std::vector<float> weights = {1, 0, 0, 1};
  SenseAttention attention;
  EXPECT_THROW(attention.add({weights, 2}, 2, {0}), Error);
  EXPECT_THROW(attention.add({weights, 2}, 0, {2}), Error);
  EXPECT_THROW(attention.add({weights, 2}, 0, {}), Error);
  EXPECT_EQ(attention.words, 0);
}

}  // namespace
}  // namespace heed
