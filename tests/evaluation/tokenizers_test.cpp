#include "evaluation/tokenizers.h"

#include <gmock/gmock.h>

#include "evaluation/golden.h"
#include "evaluation/segment_text.h"
#include "util/error.h"
#include "util/text.h"

namespace heed {
namespace {

// The line's tokens.
std::vector<std::string> tokenize(const SegmentTokenizer& tokenizer, std::string_view line) {
  std::string spaced;
  tokenizer(line, spaced);
  std::vector<std::string_view> words;
  split_on_spaces(spaced, words);
  return {words.begin(), words.end()};
}

using testing::ElementsAre;

TEST(Tokenizers, EqualSacrebleuOnGoldenLines) {
  auto data = golden::load("tokens.json");
  auto lines = data.at("lines").get<std::vector<std::string>>();
  ASSERT_EQ(data.at("tokens").size(), tokenizer_names().size());
  for (const auto& [name, expected] : data.at("tokens").items()) {
    SegmentTokenizer tokenizer = make_tokenizer(name);
    ASSERT_EQ(expected.size(), lines.size());
    for (size_t i = 0; i < lines.size(); ++i) {
      EXPECT_EQ(join(tokenize(tokenizer, strip_end(lines[i])), " "), expected[i].get<std::string>())
          << name << ", line " << i << ": " << lines[i];
    }
  }
}

TEST(Tokenizers, ThirteenA) {
  auto words = [](const char* line) { return tokenize(make_tokenizer("13a"), line); };
  EXPECT_THAT(words("It's $5.20, no?"), ElementsAre("It's", "$", "5.20", ",", "no", "?"));
  EXPECT_THAT(words("1990-1995"), ElementsAre("1990", "-", "1995"));
  EXPECT_THAT(words("a-b"), ElementsAre("a-b"));
  EXPECT_THAT(words("5."), ElementsAre("5", "."));
  EXPECT_THAT(words("&amp;lt;"), ElementsAre("<"));
}

TEST(Tokenizers, International) {
  auto words = [](const char* line) { return tokenize(make_tokenizer("intl"), line); };
  EXPECT_THAT(words("(5,20 €» ٣٫١٤؟ no"), ElementsAre("(5,20", "€", "»", "٣٫١٤", "؟", "no"));
  EXPECT_THAT(words("in 2023."), ElementsAre("in", "2023."));
  EXPECT_THAT(words("a (5."), ElementsAre("a", "(", "5."));
}

TEST(Tokenizers, ChineseTakesCurlyQuotesButNotExtensionB) {
  auto words = [](const char* line) { return tokenize(make_tokenizer("zh"), line); };
  EXPECT_THAT(words("GDP增长“5.3%”"), ElementsAre("GDP", "增", "长", "“", "5.3", "%", "”"));
  EXPECT_THAT(words("𠀀𠮟"), ElementsAre("𠀀𠮟"));
}

TEST(Tokenizers, PiecesComeFromTheCaller) {
  SegmentTokenizer tokenizer = make_piece_tokenizer([](std::string_view line) {
    return std::vector<std::string>{"▁" + std::string(line.substr(0, 2)),
                                    std::string(line.substr(2))};
  });
  EXPECT_THAT(tokenize(tokenizer, "hello"), ElementsAre("▁he", "llo"));
}

TEST(Tokenizers, UnknownNameSaysWhichThereAre) {
  try {
    make_tokenizer("13b");
    FAIL();
  } catch (const UsageError& error) {
    EXPECT_STREQ(error.what(),
                 "tokenize = 13b: unknown tokeniser (did you mean 13a?); choose one of 13a, intl, "
                 "char, zh, none");
  }
}

}  // namespace
}  // namespace heed
