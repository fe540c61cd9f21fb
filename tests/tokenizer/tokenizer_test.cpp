#include "tokenizer/tokenizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sentencepiece_trainer.h>

#include <filesystem>
#include <map>
#include <set>
#include <thread>

#include "alignment/hostile_texts.h"
#include "config/options.h"
#include "util/error.h"
#include "util/file_content.h"
#include "util/line_reader.h"
#include "util/temp_folder.h"
#include "util/text.h"

namespace heed {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string kText = std::string(HEED_SOURCE_DIR) + "/data/dev.de";

Tokenizer learn(const std::string& type, int64_t vocab_size, const std::string& file = kText) {
  TokenizerConfig config = default_config().tokenizer;
  config.type = *config.type.find(type);
  config.vocab_size = vocab_size;
  config.normalization = "nmt_nfkc";  // makes the most of characters into others
  return train_tokenizer({file}, config);
}

// As many spans as pieces, one after the other, all of the text.
void expect_in_order(const std::vector<ByteSpan>& spans, size_t pieces, std::string_view text) {
  ASSERT_EQ(spans.size(), pieces);
  uint32_t end = 0;
  for (ByteSpan span : spans) {
    EXPECT_LE(end, span.begin);
    EXPECT_LE(span.begin, span.end);
    end = span.end;
  }
  EXPECT_LE(end, text.size());
}

// A piece of plain letters stands for bytes of the text that hold it.
void expect_letters_inside(const std::vector<std::string>& pieces,
                           const std::vector<ByteSpan>& spans, std::string_view text) {
  for (size_t i = 0; i < pieces.size(); ++i) {
    std::string letters = pieces[i].substr(pieces[i].starts_with(kWordMark) ? kWordMark.size() : 0);
    if (letters.empty() || !std::ranges::all_of(letters, is_plain_letter)) continue;
    auto bytes = text.substr(spans[i].begin, spans[i].end - spans[i].begin);
    EXPECT_THAT(std::string(bytes), HasSubstr(letters)) << i;
  }
}

class EveryType : public ::testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Types, EveryType, ::testing::Values("bpe", "unigram", "char"));

TEST_P(EveryType, SpecialIdsComeFirst) {
  Tokenizer tokenizer = learn(GetParam(), 200);
  EXPECT_EQ(tokenizer.special().pad, 0);
  EXPECT_EQ(tokenizer.special().unknown, 1);
  EXPECT_EQ(tokenizer.special().begin, 2);
  EXPECT_EQ(tokenizer.special().end, 3);
  EXPECT_EQ(tokenizer.piece(2), "<s>");
  EXPECT_EQ(tokenizer.piece(3), "</s>");
}

TEST_P(EveryType, RoundTrips) {
  Tokenizer tokenizer = learn(GetParam(), 200);
  for (const std::string& line : read_lines(kText)) {
    auto ids = tokenizer.encode(line);
    ASSERT_EQ(tokenizer.decode(ids), line);
    ASSERT_EQ(tokenizer.decode_pieces(tokenizer.pieces(ids)), line);
  }
  EXPECT_TRUE(tokenizer.encode("").empty());
  EXPECT_TRUE(tokenizer.encode("   ").empty());
}

TEST_P(EveryType, ControlSymbolsInTheTextAreText) {
  Tokenizer tokenizer = learn(GetParam(), 200);
  for (const char* text : {"</s>", "<s> a </s> b", "<pad>", "a<unk>b", "▁", "▁<s>▁"}) {
    auto ids = tokenizer.encode(text);
    for (int32_t control : {0, 2, 3}) EXPECT_THAT(ids, Not(Contains(control))) << text;
  }
}

TEST(TokenizerTest, HasAsManyPiecesAsAskedFor) {
  EXPECT_EQ(learn("bpe", 200).vocab_size(), 200);
  EXPECT_EQ(learn("unigram", 200).vocab_size(), 200);
  // A character vocabulary has the text's alphabet.
  EXPECT_LT(learn("char", 8000).vocab_size(), 120);
}

TEST(TokenizerTest, ACharacterVocabularyHasAllCharactersOrIsRefused) {
  ::testing::internal::CaptureStderr();
  int64_t size = learn("char", 8000).vocab_size();
  EXPECT_THAT(::testing::internal::GetCapturedStderr(),
              HasSubstr("learned " + std::to_string(size) + " char pieces from"));
  EXPECT_EQ(learn("char", size).vocab_size(), size);
  try {
    learn("char", size - 1);
    FAIL();
  } catch (const VocabularySizeError& error) {
    EXPECT_EQ(error.least, size);
    EXPECT_THAT(error.what(), AllOf(HasSubstr("vocab_size = " + std::to_string(size - 1)),
                                    HasSubstr("need " + std::to_string(size) + " pieces")));
  }
}

TEST(TokenizerTest, CharactersAreTheirOwnPieces) {
  Tokenizer tokenizer = learn("char", 8000);
  EXPECT_EQ(tokenizer.encode("Emma").size(), 5u);  // and the mark of a word's start
}

TEST(TokenizerTest, UnknownCharactersAreOneUnknownPiece) {
  Tokenizer tokenizer = learn("bpe", 200);
  EXPECT_THAT(tokenizer.encode("日本"), Contains(tokenizer.special().unknown));
}

TEST(TokenizerTest, FindsItsPieces) {
  Tokenizer tokenizer = learn("bpe", 200);
  for (int32_t id = 0; id < tokenizer.vocab_size(); ++id) {
    EXPECT_EQ(tokenizer.vocabulary().id(tokenizer.piece(id)), id);
  }
  EXPECT_EQ(tokenizer.vocabulary().id("no such piece"), std::nullopt);
}

TEST(TokenizerTest, PiecesOfUnknownCharactersAreTheCharacters) {
  Tokenizer tokenizer = learn("bpe", 200);
  EXPECT_EQ(tokenizer.encode_pieces("Laura"), tokenizer.pieces(tokenizer.encode("Laura")));
  EXPECT_EQ(join(tokenizer.encode_pieces("日本"), ""), "▁日本");
}

// Texts that normalisation changes, that the model cannot write, or that are no text.
std::vector<std::string> difficult_texts() {
  std::vector<std::string> texts = {"",
                                    " ",
                                    "\u2581",
                                    "Laura",
                                    "\xFF Laura \x80",
                                    "<s> a </s>",
                                    std::string("a\0b", 3),
                                    "\u0301",
                                    std::string(40, ' ') + "x",
                                    std::string(Tokenizer::kMaxBytes + 99, 'x'),
                                    std::string(Tokenizer::kMaxBytes - 1, ' ') + "\u00E4 Laura"};
  texts.insert(texts.end(), kHostileTexts.begin(), kHostileTexts.end());
  return texts;
}

TEST_P(EveryType, SpansAreBesideTheSamePieces) {
  Tokenizer tokenizer = learn(GetParam(), 200);
  for (const std::string& text : difficult_texts()) {
    SCOPED_TRACE(printable(text, 60));
    SpannedIds encoded = tokenizer.encode_spans(text);
    EXPECT_EQ(encoded.ids, tokenizer.encode(text));
    SpannedText decoded = tokenizer.decode_spans(encoded.ids);
    EXPECT_EQ(decoded.text, tokenizer.decode(encoded.ids));
    auto pieces = tokenizer.encode_pieces(text);
    SpannedText written = tokenizer.decode_piece_spans(pieces);
    EXPECT_EQ(written.text, tokenizer.decode_pieces(pieces));
    expect_in_order(encoded.spans, encoded.ids.size(), text);
    expect_in_order(decoded.spans, encoded.ids.size(), decoded.text);
    expect_in_order(written.spans, pieces.size(), written.text);
    expect_letters_inside(pieces, encoded.spans, text);
    expect_letters_inside(tokenizer.pieces(encoded.ids), decoded.spans, decoded.text);
  }
}

TEST_P(EveryType, AnyIdsReadAsATextWithSpans) {
  Tokenizer tokenizer = learn(GetParam(), 200);
  std::vector<int32_t> ids;
  for (int32_t id = 0; id < tokenizer.vocab_size(); ++id) ids.push_back(id);  // specials, too
  SpannedText decoded = tokenizer.decode_spans(ids);
  EXPECT_EQ(decoded.text, tokenizer.decode(ids));
  expect_in_order(decoded.spans, ids.size(), decoded.text);
  EXPECT_TRUE(tokenizer.decode_spans({}).spans.empty());
}

TokenizerConfig small(const std::string& type = "bpe") {
  TokenizerConfig config = default_config().tokenizer;
  config.type = *config.type.find(type);
  config.vocab_size = 500;
  return config;
}

TEST_P(EveryType, NeverSplitsWhatIsUserDefined) {
  TokenizerConfig config = small(GetParam());
  config.user_defined = {">>deu<<", "<sep>", "a,\"b\"", "Ｆｕｌｌ"};
  Tokenizer tokenizer = train_tokenizer({kText}, config);
  for (const std::string& piece : config.user_defined) {
    for (const std::string& text : {piece + " Laura", "Laura" + piece + "schläft", "x " + piece}) {
      EXPECT_THAT(tokenizer.encode_pieces(text), Contains(piece)) << text;
      EXPECT_THAT(tokenizer.pieces(tokenizer.encode(text)), Contains(piece)) << text;
      EXPECT_EQ(tokenizer.decode(tokenizer.encode(text)), text);
    }
  }
  auto tag = tokenizer.encode(">>deu<<"), rest = tokenizer.encode("Laura schläft.");
  tag.insert(tag.end(), rest.begin(), rest.end());
  EXPECT_EQ(tokenizer.encode(">>deu<< Laura schläft."), tag);
}

TEST_P(EveryType, ByteFallbackKnowsEveryCharacter) {
  TokenizerConfig config = small(GetParam());
  config.byte_fallback = true;
  Tokenizer tokenizer = train_tokenizer({kText}, config);
  for (const std::string& text : difficult_texts()) {
    SCOPED_TRACE(printable(text, 60));
    SpannedIds encoded = tokenizer.encode_spans(text);
    EXPECT_THAT(encoded.ids, Not(Contains(tokenizer.special().unknown)));
    expect_in_order(encoded.spans, encoded.ids.size(), text);
    SpannedText decoded = tokenizer.decode_spans(encoded.ids);
    EXPECT_EQ(decoded.text, tokenizer.decode(encoded.ids));
    expect_in_order(decoded.spans, encoded.ids.size(), decoded.text);
  }
  EXPECT_EQ(tokenizer.decode(tokenizer.encode("日本 \U0001F600")), "日本 \U0001F600");
  EXPECT_THAT(tokenizer.encode_pieces("日"), Contains("<0xE6>"));
  std::vector<std::string> pieces = {"<0x41>", "<0x0A>", "<0x42>"};
  EXPECT_EQ(tokenizer.decode_pieces(pieces), "A B") << "a text is one line";
  std::vector<int32_t> ids;
  for (const std::string& piece : pieces) ids.push_back(tokenizer.vocabulary().id(piece).value());
  EXPECT_EQ(tokenizer.decode(ids), "A B");
  EXPECT_EQ(tokenizer.decode_spans(ids).text, "A B");
}

TEST(TokenizerTest, SplitsDigitsWhereToldTo) {
  TokenizerConfig config = small();
  config.split_digits = true;
  TempFolder folder;
  std::string path = folder.write("text", "2024 2024 2024 2025 2025 Haus Haus Maus\n");
  config.vocab_size = 24;
  auto digits = [&] { return train_tokenizer({path}, config).encode("2024").size(); };
  EXPECT_GE(digits(), 4u);
  config.split_digits = false;
  EXPECT_LE(digits(), 3u);
}

// A model as others train it, with these ids for the special pieces; -1: there is none.
std::string foreign_model(const std::string& ids) {
  TempFolder folder;
  auto status = sentencepiece::SentencePieceTrainer::Train(
      "--model_type=bpe --vocab_size=200 --minloglevel=2 --input=" + kText +
      " --model_prefix=" + folder.file("m") + " " + ids);
  EXPECT_TRUE(status.ok()) << status.ToString();
  return read_file(folder.file("m.model"));
}

TEST(TokenizerTest, TakesModelsOfOthers) {
  SpecialIds usual = Tokenizer(foreign_model(""), "m").special();
  EXPECT_EQ(usual.unknown, 0);
  EXPECT_EQ(usual.begin, 1);
  EXPECT_EQ(usual.end, 2);
  EXPECT_EQ(usual.pad, 2);
  SpecialIds no_begin = Tokenizer(foreign_model("--bos_id=-1 --eos_id=1"), "m").special();
  EXPECT_EQ(no_begin.begin, 1);
  EXPECT_EQ(no_begin.end, 1);
  EXPECT_EQ(no_begin.pad, 1);
  EXPECT_THAT(message_of<Error>([] { Tokenizer(foreign_model("--eos_id=-1"), "m"); }),
              AllOf(HasSubstr("m: the SentencePiece model has no end"), HasSubstr("--eos_id")));
}

TEST(TokenizerTest, BytesMakeTheSameTokenizerAgain) {
  Tokenizer tokenizer = learn("bpe", 200);
  TempFolder folder;
  Tokenizer again = load_tokenizer(folder.write("m", tokenizer.model_bytes()));
  EXPECT_EQ(again.model_bytes(), tokenizer.model_bytes());
  EXPECT_EQ(again.encode("Laura schläft."), tokenizer.encode("Laura schläft."));
  EXPECT_EQ(learn("bpe", 200).model_bytes(), tokenizer.model_bytes());  // learning is repeatable
}

TEST(TokenizerTest, AnAbsurdLineIsCut) {
  Tokenizer tokenizer = learn("bpe", 200);
  std::string word(1 << 20, 'x'), cut(1 << 16, 'x');
  EXPECT_EQ(tokenizer.encode(word), tokenizer.encode(cut));
}

TEST(TokenizerTest, NamesTheLargestVocabulary) {
  TempFolder folder;
  std::string path = folder.write("text", "ab ab abc\nabd\n");
  std::string message = message_of<Error>([&] { learn("bpe", 500, path); });
  EXPECT_THAT(message, AllOf(HasSubstr("[tokenizer] vocab_size = 500"), HasSubstr(path),
                             HasSubstr("allows at most "), HasSubstr("set vocab_size = ")));
  int64_t limit = std::stoll(message.substr(message.find("at most ") + 8));
  EXPECT_EQ(learn("bpe", limit, path).vocab_size(), limit);
  EXPECT_THAT(message_of<Error>([&] { learn("bpe", limit + 1, path); }),
              HasSubstr("at most " + std::to_string(limit) + " pieces"));
  EXPECT_THAT(message_of<Error>([&] { learn("unigram", 500, path); }), HasSubstr("at most "));
}

TEST(TokenizerTest, RefusesATextThatIsTooSmallForAnyVocabulary) {
  TempFolder folder;
  std::string path = folder.write("text", "1\n");
  for (const char* type : {"bpe", "unigram"}) {
    std::string message = message_of<Error>([&] { learn(type, 8, path); });
    EXPECT_THAT(message, AllOf(HasSubstr(path), HasSubstr("allows at most "),
                               HasSubstr("the least vocab_size is 8"), HasSubstr("more text")));
    EXPECT_THAT(message, Not(HasSubstr("or less")));
  }
}

// SentencePiece passes over lines with this character.
const std::string kReserved = "\u2585";

TEST_P(EveryType, LinesWithAReservedCharacterAreLearnedFrom) {
  TempFolder folder;
  std::string text;
  for (int i = 0; i < 40; ++i) text += i % 2 == 0 ? "Laura lacht\n" : "Emma" + kReserved + "Ж\n";
  std::string path = folder.write("text", text);
  ::testing::internal::CaptureStderr();
  Tokenizer tokenizer = learn(GetParam(), 16, path);
  EXPECT_THAT(::testing::internal::GetCapturedStderr(),
              AllOf(HasSubstr("warning: " + path + ": 20 of 40 lines hold " + kReserved),
                    HasSubstr("user_defined"), HasSubstr("from 40 lines\n")));
  EXPECT_THAT(tokenizer.encode("Emma Ж"), Not(Contains(tokenizer.special().unknown)));
  EXPECT_THAT(tokenizer.encode(kReserved), Contains(tokenizer.special().unknown));
}

TEST_P(EveryType, AReservedCharacterThatIsNamedHasAPiece) {
  TempFolder folder;
  std::string path = folder.write("text", "ab cd" + kReserved + "ef\n" + kReserved + "\nab cd\n");
  TokenizerConfig config = default_config().tokenizer;
  config.type = *config.type.find(GetParam());
  config.vocab_size = 12;
  config.user_defined = {kReserved};
  ::testing::internal::CaptureStderr();
  Tokenizer tokenizer = train_tokenizer({path}, config);
  EXPECT_THAT(::testing::internal::GetCapturedStderr(), Not(HasSubstr("warning")));
  EXPECT_THAT(tokenizer.encode_pieces("ab" + kReserved), Contains(kReserved));
}

TEST_P(EveryType, ATextOfReservedCharactersAloneIsNone) {
  TempFolder folder;
  std::string path = folder.write("text", kReserved + "\n" + kReserved + " " + kReserved + "\n");
  ::testing::internal::CaptureStderr();
  EXPECT_THAT(message_of<Error>([&] { learn(GetParam(), 8, path); }),
              HasSubstr(path + ": no text to learn a vocabulary from (2 lines"));
  EXPECT_THAT(::testing::internal::GetCapturedStderr(), HasSubstr("2 of 2 lines hold"));
}

TEST(TokenizerTest, TabsAreToldWhereTheyAreNoSpaces) {
  TempFolder folder;
  TokenizerConfig config = default_config().tokenizer;
  config.type = "char";
  std::string path = folder.write("text", "ab\tcd\nab cd\n");
  for (const char* rules : {"identity", "nfkc", "nmt_nfkc", "nmt_nfkc_cf"}) {
    config.normalization = *config.normalization.find(rules);
    ::testing::internal::CaptureStderr();
    Tokenizer tokenizer = train_tokenizer({path}, config);
    auto ids = tokenizer.encode("ab\tcd");
    bool unknown = std::ranges::count(ids, tokenizer.special().unknown) > 0;
    std::string said = ::testing::internal::GetCapturedStderr();
    EXPECT_EQ(said.find("1 of 2 lines hold a TAB") != std::string::npos, unknown) << rules;
    EXPECT_EQ(tokenizer.vocab_size(), 9) << rules;
  }
}

TEST_P(EveryType, RefusesATextOfWhichNormalisationLeavesNothing) {
  TempFolder folder;
  std::string path = folder.write("text", "\u200B\n\uFFFD\uFFFD\n");
  EXPECT_THAT(message_of<Error>([&] { learn(GetParam(), 8, path); }),
              AllOf(HasSubstr(path), HasSubstr("normalization = nmt_nfkc leaves nothing"),
                    HasSubstr("2 lines")));
}

TEST(TokenizerTest, TellsOfRepairedLinesOfEachFile) {
  TempFolder folder;
  std::string one = folder.write("one", "ab\xFF\nab\n"),
              two = folder.write("two", "ab\nab\n\xFF\n");
  TokenizerConfig config = default_config().tokenizer;
  config.type = "char";
  ::testing::internal::CaptureStderr();
  train_tokenizer({one, two}, config);
  std::string said = ::testing::internal::GetCapturedStderr();
  const std::string words = ": replaced invalid UTF-8 or NUL bytes in 1 lines, the first is line ";
  EXPECT_THAT(said, AllOf(HasSubstr(one + words + "1\n"), HasSubstr(two + words + "3\n")));
}

TEST(TokenizerTest, RefusesTextWithoutWords) {
  TempFolder folder;
  std::string path = folder.write("text", "\n  \n");
  EXPECT_THAT(message_of<Error>([&] { learn("bpe", 50, path); }),
              AllOf(HasSubstr(path), HasSubstr("no text"), HasSubstr("2 lines")));
}

TEST(TokenizerTest, RefusesWhatIsNoModel) {
  EXPECT_THAT(message_of<Error>([] { Tokenizer("nonsense", "the.model"); }),
              AllOf(HasSubstr("the.model: not a SentencePiece model"), HasSubstr("8 bytes")));
  EXPECT_THAT(message_of<Error>([] { Tokenizer("", "empty.model"); }),
              HasSubstr("empty.model: not a SentencePiece model"));
  TempFolder folder;
  std::string missing = folder.file("missing");
  EXPECT_THAT(message_of<Error>([&] { load_tokenizer(missing); }),
              AllOf(HasSubstr(missing), HasSubstr("No such file")));
}

// The pieces of `own` that hold no 'a', in another order, with a tag and a word of its own.
Tokenizer listed(const Tokenizer& own) {
  std::vector<std::string> pieces = {"</s>", "<unk>", ">>deu<<"};
  for (int32_t id = static_cast<int32_t>(own.vocab_size()) - 1; id > 3; --id) {
    if (own.piece(id).find('a') == std::string::npos) pieces.push_back(own.piece(id));
  }
  pieces.push_back("\u65E5\u672C");
  return {own.model_bytes(), "the.model", listed_vocabulary(pieces, "the.vocabulary")};
}

TEST(ListedTokenizerTest, PiecesAreSentencePiecesAndIdsTheLists) {
  Tokenizer own = learn("bpe", 200), tokenizer = listed(own);
  EXPECT_TRUE(tokenizer.is_listed());
  EXPECT_EQ(tokenizer.special().end, 0);
  EXPECT_EQ(tokenizer.special().begin, -1);
  EXPECT_EQ(tokenizer.special().pad, 0);
  for (const std::string& line : read_lines(kText)) {
    auto ids = tokenizer.encode(line);
    auto pieces = own.encode_pieces(line);
    EXPECT_EQ(tokenizer.encode_pieces(line), pieces);
    ASSERT_EQ(ids.size(), pieces.size());
    for (size_t i = 0; i < ids.size(); ++i) {
      bool has = pieces[i].find('a') == std::string::npos;
      ASSERT_EQ(tokenizer.piece(ids[i]), has ? pieces[i] : "<unk>");
    }
    EXPECT_EQ(tokenizer.decode_pieces(pieces), line);
    EXPECT_EQ(tokenizer.encode_spans(line).ids, ids);
    EXPECT_EQ(tokenizer.encode_spans(line).spans, own.encode_spans(line).spans);
  }
}

TEST(ListedTokenizerTest, PiecesThatSentencePieceDoesNotKnowAreLookedUp) {
  Tokenizer tokenizer = listed(learn("char", 200));
  auto ids = tokenizer.encode("m \u65E5\u672C");
  EXPECT_EQ(tokenizer.piece(ids.back()), "\u65E5\u672C");
}

TEST(ListedTokenizerTest, ATagIsOnePiece) {
  Tokenizer tokenizer = listed(learn("bpe", 200));
  SpannedIds tagged = tokenizer.encode_spans(">>deu<< Lief er?"),
             plain = tokenizer.encode_spans("Lief er?");
  ASSERT_EQ(tagged.ids.size(), plain.ids.size() + 1);
  EXPECT_EQ(tagged.ids[0], 2);
  EXPECT_EQ(tagged.spans[0], (ByteSpan{0, 7}));
  for (size_t i = 0; i < plain.ids.size(); ++i) EXPECT_EQ(tagged.ids[i + 1], plain.ids[i]);
  expect_in_order(tagged.spans, tagged.ids.size(), ">>deu<< Lief er?");
  EXPECT_EQ(tokenizer.encode_pieces(">>deu<< Lief er?")[0], ">>deu<<");
  EXPECT_EQ(tokenizer.decode(tagged.ids), ">>deu<< Lief er?");
  // Without a place in the list, or behind other text, it is text.
  EXPECT_THAT(tokenizer.encode(">>fra<< Lief"), Contains(1));
  EXPECT_THAT(tokenizer.encode("Lief >>deu<<"), Not(Contains(2)));
  EXPECT_EQ(tokenizer.encode(">>deu<<"), (std::vector<int32_t>{2}));
}

TEST(ListedTokenizerTest, SpansAreBesideTheSamePieces) {
  Tokenizer tokenizer = listed(learn("unigram", 200));
  for (const std::string& text : difficult_texts()) {
    SCOPED_TRACE(printable(text, 60));
    SpannedIds encoded = tokenizer.encode_spans(text);
    EXPECT_EQ(encoded.ids, tokenizer.encode(text));
    SpannedText decoded = tokenizer.decode_spans(encoded.ids);
    EXPECT_EQ(decoded.text, tokenizer.decode(encoded.ids));
    expect_in_order(encoded.spans, encoded.ids.size(), text);
    expect_in_order(decoded.spans, encoded.ids.size(), decoded.text);
  }
  std::vector<int32_t> all;
  for (int32_t id = 0; id < tokenizer.vocab_size(); ++id) all.push_back(id);
  EXPECT_EQ(tokenizer.decode_spans(all).text, tokenizer.decode(all));
}

TEST(ListedTokenizerTest, TheChecksumIsOfBoth) {
  Tokenizer own = learn("bpe", 200), tokenizer = listed(own);
  EXPECT_EQ(own.checksum(), checksum(own.model_bytes()));
  EXPECT_NE(tokenizer.checksum(), own.checksum());
  EXPECT_EQ(tokenizer.checksum(), listed(learn("bpe", 200)).checksum());
}

// What is said of a vocabulary of 3,000 lines that `most` may be looked at of.
std::string learned_from_sample(int64_t most, uint64_t seed) {
  TokenizerConfig config = default_config().tokenizer;
  config.type = "char";
  config.max_training_lines = most;
  int64_t line = 0;
  auto next = [&](std::string& text) {
    text = line < 1000 ? "abc" : line < 2000 ? "def" : "ghi";
    return line++ < 3000;
  };
  ::testing::internal::CaptureStderr();
  Tokenizer tokenizer = train_tokenizer({next, "the text", seed}, config);
  EXPECT_THAT(tokenizer.encode("adg"), Not(Contains(1)));  // of every part of the text
  return ::testing::internal::GetCapturedStderr();
}

TEST(TokenizerTest, LearnsFromASampleOfTheWholeText) {
  EXPECT_THAT(learned_from_sample(3000, 1), HasSubstr("from 3,000 lines\n"));
  std::string said = learned_from_sample(1000, 1);
  EXPECT_THAT(said, HasSubstr(" lines of 3,000\n"));
  int64_t used = std::stoll(said.substr(said.find("from ") + 5));
  EXPECT_GT(used, 400);
  EXPECT_LE(used, 1000);
  EXPECT_EQ(learned_from_sample(1000, 1), said);
  EXPECT_NE(learned_from_sample(1000, 2), said);
}

const char* const kSampled = "Laura schläft heute.";

std::vector<std::vector<int32_t>> samples(const Tokenizer& tokenizer, uint32_t seed) {
  std::vector<std::vector<int32_t>> found;
  seed_sampling(seed);
  // SentencePiece seeds a thread's generator at its first use.
  std::thread([&] {
    for (int i = 0; i < 20; ++i) {
      SpannedIds sampled = tokenizer.sample(kSampled, 0.3);
      expect_in_order(sampled.spans, sampled.ids.size(), kSampled);
      expect_letters_inside(tokenizer.pieces(sampled.ids), sampled.spans, kSampled);
      found.push_back(std::move(sampled.ids));
    }
  }).join();
  return found;
}

TEST(TokenizerTest, SamplesAreSplitsOfTheTextAndRepeatable) {
  for (const char* type : {"bpe", "unigram"}) {
    Tokenizer tokenizer = learn(type, 200);
    auto found = samples(tokenizer, 7);
    for (const auto& ids : found) EXPECT_EQ(tokenizer.decode(ids), kSampled);
    EXPECT_GT(std::set(found.begin(), found.end()).size(), 1u) << type;
    EXPECT_EQ(samples(tokenizer, 7), found) << type;
    EXPECT_NE(samples(tokenizer, 8), found) << type;
  }
}

// Texts in sixteen languages, with the signs that normalisation likes to rewrite.
std::vector<std::string> script_files() {
  std::vector<std::string> files;
  std::filesystem::path folder(HEED_SOURCE_DIR "/tests/tokenizer/scripts");
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    files.push_back(entry.path().string());
  }
  std::ranges::sort(files);
  return files;
}

// Of each text's lines, those that come back as they were.
int64_t round_trips(const std::string& normalization, const std::string& file, int64_t& lines) {
  TokenizerConfig config = default_config().tokenizer;
  config.type = "char";
  config.normalization = *config.normalization.find(normalization);
  Tokenizer tokenizer = train_tokenizer({file}, config);
  int64_t same = 0;
  for (const std::string& line : read_lines(file)) {
    ++lines;
    if (tokenizer.decode(tokenizer.encode(line)) == line) ++same;
  }
  return same;
}

// What docs/reliability.md says of the kinds of normalisation, and why identity is the default.
TEST(TokenizerTest, TextsOfAllScriptsComeBackByDefault) {
  std::vector<std::string> files = script_files();
  ASSERT_EQ(files.size(), 16U);
  std::map<std::string, int64_t> same;
  int64_t lines = 0;
  for (const std::string& file : files) {
    for (const char* rules : {"identity", "nfkc", "nmt_nfkc"}) {
      int64_t of_file = 0;
      int64_t found = round_trips(rules, file, of_file);
      same[rules] += found;
      if (rules == default_config().tokenizer.normalization.name()) {
        EXPECT_EQ(found, of_file) << file;
        lines += of_file;
      }
    }
  }
  EXPECT_EQ(same["identity"], lines);
  EXPECT_LT(same["nfkc"], lines);
  EXPECT_LT(same["nmt_nfkc"], same["nfkc"]);
  RecordProperty("lines", static_cast<int>(lines));
  RecordProperty("nfkc", static_cast<int>(same["nfkc"]));
  RecordProperty("nmt_nfkc", static_cast<int>(same["nmt_nfkc"]));
}

TEST(TokenizerTest, TheDirectionOfTheLimitIsNamed) {
  TempFolder folder;
  std::string text;
  for (char32_t c = 0x4E00; c < 0x4E00 + 600; ++c) append_utf8(text, c);
  std::string path = folder.write("characters", text + "\n");
  std::string message = message_of<Error>([&] { learn("bpe", 400, path); });
  EXPECT_THAT(message, AllOf(HasSubstr("vocab_size = 400"), HasSubstr("need 605 pieces"),
                             HasSubstr("set vocab_size = 605 or more")));
  EXPECT_EQ(learn("bpe", 605, path).vocab_size(), 605);
}

}  // namespace
}  // namespace heed
