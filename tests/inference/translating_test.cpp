// Lines through the engine with a real vocabulary and a model of random weights: what it says is
// always the same, which is as good as any.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include "config/config.h"
#include "kernels/torch.h"

#include <set>

#include "alignment/hostile_texts.h"
#include "decoding/alignment.h"
#include "decoding/scorer.h"
#include "decoding/stream.h"
#include "inference/compiled.h"
#include "model/weights.h"
#include "util/file_content.h"
#include "util/line_reader.h"
#include "util/log.h"
#include "util/paths.h"
#include "util/temp_folder.h"

namespace heed {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using Lines = std::vector<std::string>;

const std::string kData = std::string(HEED_SOURCE_DIR) + "/data/";

std::shared_ptr<Tokenizer> make_tokenizer() {
  TokenizerConfig config = default_config().tokenizer;
  config.type = "bpe";
  config.vocab_size = 300;
  config.normalization = "nmt_nfkc";  // makes the most of characters into others
  config.max_training_lines = 500;
  return std::make_shared<Tokenizer>(train_tokenizer({kData + "train.en"}, config));
}

std::shared_ptr<Seq2Seq> random_model(const Tokenizers& tokenizers) {
  return tiny::random_model(tiny::recurrent_config(), sizes_of(tokenizers));
}

LoadedModel make_model() {
  set_log_quiet(true);
  auto both = make_tokenizer();
  Tokenizers tokenizers{both, both};
  return {default_config(), tokenizers, tiny::compiled(*random_model(tokenizers))};
}

class TranslatingTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { model_ = new LoadedModel(make_model()); }
  static void TearDownTestSuite() {
    delete model_;
    model_ = nullptr;
  }

  // Three translations of at most 12 pieces, with attention.
  static EngineOptions three_best(int64_t batch_size = 8) {
    EngineOptions options;
    options.search.beam_size = options.search.n_best = 3;
    options.search.max_length = 12;
    options.search.want_attention = true;
    options.batch_size = batch_size;
    return options;
  }
  static EngineOptions at_most(int64_t length) {
    EngineOptions options;
    options.search.max_length = length;
    options.batch_size = 8;
    return options;
  }
  static LoadedModel with_max_length(int64_t length) {
    LoadedModel model = *model_;
    model.config.data.max_length = length;
    return model;
  }

  static std::vector<Translated> translate(const LoadedModel& model, const EngineOptions& options,
                                           const Lines& lines) {
    std::vector<Request> requests;
    for (const std::string& line : lines) {
      requests.push_back(
          {.text = line, .prefix = {}, .phrases = {}, .number = requests.size() + 1});
    }
    return Engine(model, options).translate(requests);
  }
  static std::vector<Translated> translate(const EngineOptions& options, const Lines& lines) {
    return translate(*model_, options, lines);
  }
  static Translation best(const EngineOptions& options, const std::string& line) {
    return translate(options, {line})[0].translations[0];
  }

  static Lines some_lines(size_t count) {
    auto lines = read_lines(kData + "dev.en");
    lines.resize(count);
    lines[3] = "";
    lines[7] = "Yes.";
    return lines;
  }

  // Every word that the log says while `action` runs.
  static std::string log_of(const std::function<void()>& action) {
    TempFolder folder;
    set_log_file(folder.file("log"));
    action();
    set_log_file("");
    return file_exists(folder.file("log")) ? read_file(folder.file("log")) : "";
  }
  static std::string log_of(const std::string& name, const LoadedModel& model,
                            const EngineOptions& options, const Lines& lines) {
    return log_of([&] {
      Engine engine(model, options);
      NoteLog notes(name);
      translate_lines(engine, lines, &notes);
      notes.warn_of_totals(model.config.data, options.search);
    });
  }

  static LoadedModel* model_;
};

LoadedModel* TranslatingTest::model_ = nullptr;

void expect_same(const std::vector<Translation>& found, const std::vector<Translation>& expected,
                 double error) {
  ASSERT_EQ(found.size(), expected.size());
  for (size_t k = 0; k < found.size(); ++k) {
    EXPECT_EQ(found[k].text, expected[k].text);
    EXPECT_NEAR(found[k].score, expected[k].score, error);
  }
}

TEST_F(TranslatingTest, BlankLinesGiveOneEmptyTranslation) {
  auto found = translate(three_best(), {"", "  \t", "\u3000", "A dog.", "\u3000 \u00a0"});
  ASSERT_EQ(found.size(), 5u);
  for (size_t i : {0, 1, 2, 4}) {
    ASSERT_EQ(found[i].translations.size(), 1u) << i;
    EXPECT_EQ(found[i].translations[0].text, "");
    EXPECT_EQ(found[i].translations[0].score, 0);
    EXPECT_THAT(found[i].translations[0].source_pieces, IsEmpty());
  }
  EXPECT_EQ(found[3].translations.size(), 3u);
}

TEST_F(TranslatingTest, ALineWithoutAPieceIsTranslatedToNothing) {
  auto found = translate(three_best(), {"\u200b", "\u200b\u200b", "Yes."});
  EXPECT_EQ(found[0].translations.size(), 1u);
  EXPECT_EQ(found[1].translations.size(), 1u);
}

TEST_F(TranslatingTest, OrderAndBatchSizeChangeNothing) {
  auto lines = some_lines(24);
  std::vector<std::vector<Translation>> expected;
  for (const auto& line : lines) {
    expected.push_back(translate(three_best(), {line})[0].translations);
  }
  std::set<std::string> texts;
  for (int64_t size : {1, 7, 64}) {
    auto found = translate(three_best(size), lines);
    ASSERT_EQ(found.size(), lines.size());
    for (size_t i = 0; i < lines.size(); ++i) {
      SCOPED_TRACE(lines[i]);
      expect_same(found[i].translations, expected[i], 1e-4);
      texts.insert(found[i].translations[0].text);
    }
  }
  EXPECT_GT(texts.size(), 10u);  // else a wrong order would not be seen
}

TEST_F(TranslatingTest, WorkersChangeNothingAtAll) {
  auto lines = some_lines(23);
  std::vector<Translated> expected;
  for (int64_t workers : {1, 2, 3, 30}) {
    EngineOptions options = three_best(4);
    options.workers = workers;
    auto found = translate(options, lines);
    if (expected.empty()) expected = found;
    ASSERT_EQ(found.size(), lines.size());
    for (size_t i = 0; i < lines.size(); ++i) {
      SCOPED_TRACE(lines[i]);
      expect_same(found[i].translations, expected[i].translations, 0);
    }
  }
}

TEST_F(TranslatingTest, TranslationsTellTheirPiecesAndAttention) {
  Translation found = best(three_best(), "The dog is playing.");
  auto source = model_->tokenizers.source->encode("The dog is playing.");
  ASSERT_EQ(found.source_pieces.size(), source.size() + 1);
  EXPECT_EQ(found.source_pieces.back(), "</s>");
  EXPECT_EQ(found.target_pieces.back(), "</s>");
  EXPECT_EQ(std::ssize(found.target_pieces), found.length);
  ASSERT_EQ(found.attention.size(), found.target_pieces.size());
  EXPECT_EQ(found.attention[0].size(), found.source_pieces.size());
}

TEST_F(TranslatingTest, OverLongLinesAreCutWithAWarning) {
  LoadedModel small = with_max_length(4);
  std::string line = "The dog is playing with the cat.";
  auto pieces = small.tokenizers.source->encode(line).size();
  std::string cut = fmt::format("{} pieces, cut to 4 (data.max_length)", pieces);
  auto found = translate(small, three_best(), {"", line});
  EXPECT_THAT(found[0].notes.cuts, IsEmpty());
  EXPECT_THAT(found[1].notes.cuts, testing::ElementsAre(cut));
  EXPECT_EQ(found[1].translations[0].source_pieces.size(), 5u);
  EXPECT_THAT(log_of("", small, at_most(12), {"", line}), HasSubstr("line 2: " + cut));
  EXPECT_THAT(log_of("other.en", small, at_most(12), {line}), HasSubstr("other.en:1: " + cut));
}

TEST_F(TranslatingTest, ManyCutLinesAreCountedAtTheEnd) {
  std::string log = log_of("", with_max_length(1), at_most(1), Lines(15, "The dog is playing."));
  EXPECT_THAT(log, HasSubstr("line 10: "));
  EXPECT_THAT(log, testing::Not(HasSubstr("line 11: ")));
  EXPECT_THAT(log, HasSubstr("15 lines in all were cut (data.max_length = 1)"));
}

TEST_F(TranslatingTest, TranslationsCutAtTheLimitAreCounted) {
  auto never_ends = random_model(model_->tokenizers);
  {
    torch::NoGradGuard no_gradient;
    never_ends->named_parameters()["vocabulary.output_bias"][SpecialIds{}.end].fill_(-1e9);
  }
  LoadedModel endless{model_->config, model_->tokenizers, tiny::compiled(*never_ends)};
  EXPECT_FALSE(translate(endless, at_most(5), {"A dog."})[0].translations[0].ended);
  EXPECT_THAT(log_of("", endless, at_most(5), {"A dog.", "", "Two dogs."}),
              HasSubstr("2 translations were cut at the length limit (decoding.max_length = 5)"));
  EngineOptions options = at_most(0);
  options.search.max_length_ratio = 0.5;
  EXPECT_THAT(log_of("", endless, options, {"A dog."}),
              HasSubstr("1 translations were cut at the length limit (decoding.max_length_ratio = "
                        "0.5)"));
  options.search.no_repeat_ngram = 1;
  options.search.min_length = 1000;
  options.search.max_length_ratio = 1000;
  EXPECT_THAT(log_of("", endless, options, {"A dog."}),
              HasSubstr("1 translations were cut where no further piece was possible"));
}

// What a stream of the file gives; `pauses` counts how often it was said that all is handed over.
Lines stream_all(Engine& engine, const std::string& input, const StreamOptions& options,
                 int* pauses = nullptr, Lines* seen = nullptr) {
  LineReader reader(input);
  Lines texts;
  NoteLog notes(input);
  translate_stream(
      engine, reader, options,
      [&](const std::string& line, const std::vector<Translation>& translations) {
        if (seen) seen->push_back(line);
        texts.push_back(translations.at(0).text);
      },
      [&] {
        if (pauses) ++*pauses;
      },
      notes);
  return texts;
}

TEST_F(TranslatingTest, AStreamHandsOverEveryLineInOrder) {
  auto lines = some_lines(80);
  TempFolder folder;
  std::string text;
  for (const auto& line : lines) text += line + "\n";
  Engine engine(*model_, three_best(2));  // 80 lines are more than are in flight at once
  ASSERT_LT(engine.window(), lines.size());
  Lines seen, texts = stream_all(engine, folder.write("input", text), {}, nullptr, &seen);
  EXPECT_EQ(seen, lines);
  auto expected = translate(three_best(), lines);
  ASSERT_EQ(texts.size(), lines.size());
  for (size_t i = 0; i < lines.size(); ++i) {
    EXPECT_EQ(texts[i], expected[i].translations[0].text);
  }
}

TEST_F(TranslatingTest, AnEmptyStreamGivesNothing) {
  TempFolder folder;
  Engine engine(*model_, three_best());
  EXPECT_THAT(stream_all(engine, folder.write("input", ""), {}), IsEmpty());
}

TEST_F(TranslatingTest, PrefixesAndPhrasesGoLineByLine) {
  TempFolder folder;
  StreamOptions options;
  std::string input = folder.write("input", "A dog.\n\nTwo dogs.\nYes.\n");
  options.files.prefix = folder.write("prefix", "The cat\nThe cat\n\nOne\n");
  options.files.constraints = folder.write("phrases", "\n\nthe book\tYes\n\n");
  Engine engine(*model_, three_best(2));
  auto texts = stream_all(engine, input, options);
  ASSERT_EQ(texts.size(), 4u);
  EXPECT_THAT(texts[0], testing::StartsWith("The cat"));
  EXPECT_EQ(texts[1], "");  // blank in, blank out
  EXPECT_THAT(texts[2], testing::AllOf(HasSubstr("the book"), HasSubstr("Yes")));
  EXPECT_THAT(texts[3], testing::StartsWith("One"));
}

TEST_F(TranslatingTest, CharactersThatTheVocabularyDoesNotKnowAreNamed) {
  Engine engine(*model_, three_best());
  auto found = engine.translate({{.text = "A dog.", .prefix = "\u4f60\u597d"}});
  EXPECT_THAT(
      found[0].notes.of_prefix,
      testing::ElementsAre(HasSubstr("\"\u4f60\u597d\" has characters that the vocabulary")));
}

TEST_F(TranslatingTest, WarningsOfDemandsNameTheirFilesAndShowWhatIsThere) {
  TempFolder folder;
  std::string input = folder.write("input", "A dog.\nA dog.\n");
  StreamOptions options;
  options.files.prefix = folder.write("prefix", "\n\u4f60\n");
  options.files.constraints = folder.write("phrases", "a\x1B\u4f60\tb\n\n");
  Engine engine(*model_, at_most(12));
  std::string log = log_of([&] {
    LineReader reader(input);
    NoteLog notes(input, options.files);
    translate_stream(
        engine, reader, options, [](const std::string&, const auto&) {}, [] {}, notes);
  });
  EXPECT_THAT(log, HasSubstr(options.files.constraints + ":1: \"a\\x1B\u4f60\" has characters"));
  EXPECT_THAT(log, HasSubstr(options.files.prefix + ":2: \"\u4f60\" has characters"));
}

// Time and memory of a search grow with what is demanded.
TEST_F(TranslatingTest, DemandsBeyondEveryTranslationAreRefused) {
  LoadedModel small = with_max_length(4);  // at most 4 * 2 + 10 pieces
  Engine engine(small, at_most(12));
  std::string words = "dog", most;
  for (int i = 0; i < 200; ++i) words += " dog";
  EXPECT_THAT(message_of<DemandError>([&] { engine.submit({.text = "A dog.", .prefix = words}); }),
              testing::AllOf(HasSubstr("a prefix of "), HasSubstr("longest translation has 18 ")));
  EXPECT_THAT(message_of<DemandError>([&] {
                engine.submit({.text = "A.", .phrases = {"a", words}});
              }),
              HasSubstr("a prefix and phrases of "));
  EXPECT_NO_THROW(engine.translate({{.text = "A dog.", .prefix = "A", .phrases = {"dog"}}}));
  EXPECT_NO_THROW(engine.translate({{.text = "", .prefix = words}}));  // blank in, blank out

  TempFolder folder;
  std::string input = folder.write("input", "A dog.\nA dog.\nA dog.\n");
  StreamOptions options;
  options.files.constraints = folder.write("phrases", "\n" + words + "\n\n");
  LineReader reader(input);
  NoteLog notes(input, options.files);
  int handed_over = 0;
  auto sink = [&](const std::string&, const auto&) { ++handed_over; };
  EXPECT_THAT(message_of<Error>([&] {
                translate_stream(
                    engine, reader, options, sink, [] {}, notes);
              }),
              HasSubstr(options.files.constraints + ":2: a prefix and phrases of "));
  EXPECT_EQ(handed_over, 1);
}

TEST_F(TranslatingTest, SentencesAreTranslatedOneByOneAndJoined) {
  Translation one = best(at_most(12), "A dog is here. "), other = best(at_most(12), "Is it yours?");
  EngineOptions split = at_most(12);
  split.lines.split_sentences = true;
  auto both = translate(split, {"A dog is here. Is it yours?", ""});
  const Translation& joined = both[0].translations[0];
  EXPECT_EQ(joined.text, one.text + " " + other.text);
  EXPECT_NEAR(joined.log_probability, one.log_probability + other.log_probability, 1e-4);
  EXPECT_EQ(joined.length, one.length + other.length);
  EXPECT_EQ(both[1].translations[0].text, "");
}

TEST_F(TranslatingTest, SentencesOfChineseAreJoinedAsTheyWere) {
  TempFolder folder;
  TokenizerConfig config = default_config().tokenizer;
  config.type = "char";
  auto both = std::make_shared<Tokenizer>(
      train_tokenizer({folder.write("zh", "你好。再见。我们去公园！他买了书。\n")}, config));
  Tokenizers tokenizers{both, both};
  LoadedModel model{default_config(), tokenizers, tiny::compiled(*random_model(tokenizers))};
  EngineOptions split = at_most(6);
  split.lines.split_sentences = true;
  auto found = translate(model, split, {"你好。再见。", "你好。 再见。", "你好。", "再见。"});
  auto text = [&](size_t i) { return found[i].translations[0].text; };
  EXPECT_EQ(text(0), text(2) + text(3));
  EXPECT_EQ(text(1), text(2) + " " + text(3));
}

TEST_F(TranslatingTest, ADemandChangesNoDigitOfItsNeighbours) {
  std::vector<Request> plain;
  for (const std::string& line : some_lines(8)) {
    plain.push_back({.text = line, .prefix = {}, .phrases = {}, .number = plain.size() + 1});
  }
  std::vector<Request> demanding = plain;
  demanding[0].prefix = "The";
  demanding[5].phrases = {"dog"};
  for (auto options : {three_best(), three_best(2)}) {
    auto expected = Engine(*model_, options).translate(plain);
    auto found = Engine(*model_, options).translate(demanding);
    for (size_t i : {1, 2, 3, 4, 6, 7}) {
      SCOPED_TRACE(i);
      expect_same(found[i].translations, expected[i].translations, 0);
    }
  }
}

TEST_F(TranslatingTest, LongLinesAreSplitWhereAskedFor) {
  EngineOptions options = at_most(0);
  options.lines.split_long = true;
  options.search.want_attention = true;
  std::string line = "The dog is playing with the cat, and the child reads a book.";
  auto pieces = model_->tokenizers.source->encode(line).size();
  ASSERT_GT(pieces, 8u);
  auto found = translate(with_max_length(8), options, {line, "Yes."});
  ASSERT_EQ(found[0].translations.size(), 1u);
  const Translation& whole = found[0].translations[0];
  EXPECT_EQ(whole.source_pieces.size(), pieces + 1);
  EXPECT_EQ(whole.attention.size(), whole.target_pieces.size());
  for (const auto& row : whole.attention) EXPECT_EQ(row.size(), pieces + 1);
  EXPECT_THAT(found[0].notes.cuts, IsEmpty());
}

// Words of hostile text are those of the raw line, whether in one part or in several.
TEST_F(TranslatingTest, PiecesOfHostileTextsKnowTheirWords) {
  EngineOptions whole = at_most(12), in_parts = at_most(12);
  whole.search.want_attention = in_parts.search.want_attention = true;
  in_parts.lines.split_sentences = in_parts.lines.split_long = true;
  for (const std::string& text : kHostileTexts) {
    std::string line = text + ". " + text + "!";
    SCOPED_TRACE(line);
    for (const Translation& best :
         {translate(whole, {line})[0].translations[0],
          translate(with_max_length(5), in_parts, {line})[0].translations[0]}) {
      EXPECT_EQ(words_of_letters(best.source_pieces, best.source_words), words_of_letters(line));
      EXPECT_EQ(words_of_letters(best.target_pieces, best.target_words),
                words_of_letters(best.text));
      ASSERT_EQ(best.source_words.size(), best.source_pieces.size());
      ASSERT_EQ(best.target_words.size(), best.target_pieces.size());
      for (const Link& link : hard_alignment(best, AlignmentUnit::kWord)) {
        EXPECT_LT(link.source, count_words(line));
        EXPECT_LT(link.target, count_words(best.text));
      }
    }
  }
}

TEST_F(TranslatingTest, SamplesDependOnTheLineNumber) {
  Lines lines(20, "The dog is playing.");
  auto sampled = [&](int64_t batch_size) {
    EngineOptions options = at_most(12);
    options.search.sampling_top_p = 1;
    options.batch_size = batch_size;
    Lines texts;
    for (const Translated& one : translate(options, lines)) {
      texts.push_back(one.translations[0].text);
    }
    return texts;
  };
  auto texts = sampled(1);
  EXPECT_EQ(sampled(7), texts);
  EXPECT_EQ(sampled(64), texts);
  EXPECT_GT(std::set<std::string>(texts.begin(), texts.end()).size(), 10u);
}

TEST_F(TranslatingTest, MinimumBayesRiskChoosesAmongTheBeam) {
  EngineOptions options = at_most(12);
  options.search.beam_size = options.search.n_best = 8;
  auto all = translate(options, {"The dog is playing."})[0].translations;
  options.search.n_best = 2;
  options.search.mbr = "chrf";
  auto chosen = translate(options, {"The dog is playing."})[0].translations;
  ASSERT_EQ(chosen.size(), 2u);
  EXPECT_GE(chosen[0].utility, chosen[1].utility);
  EXPECT_GT(chosen[1].utility, 0);
  EXPECT_TRUE(
      std::ranges::any_of(all, [&](const Translation& one) { return one.text == chosen[0].text; }));
}

TEST_F(TranslatingTest, ScoresAreThoseOfTheSentencesAlone) {
  auto sources = some_lines(10), targets = read_lines(kData + "test.en");
  targets.resize(10);
  NoteLog notes("");
  EngineOptions options = three_best(7);
  options.workers = 2;
  auto together = score_lines(*model_, options, sources, targets, notes);
  ASSERT_EQ(together.size(), 10u);
  for (size_t i = 0; i < sources.size(); ++i) {
    auto alone = score_lines(*model_, options, {sources[i]}, {targets[i]}, notes)[0];
    EXPECT_NEAR(together[i].score, alone.score, 1e-4);
    if (!sources[i].empty()) {
      EXPECT_LT(alone.score, -0.1);
    }
  }
  auto ids = model_->tokenizers.target->encode(targets[0]);
  EXPECT_NEAR(together[0].score, together[0].log_probability / static_cast<double>(ids.size() + 1),
              1e-9);
}

// `score` of an output is the score that was printed with it.
TEST_F(TranslatingTest, WhatIsTranslatedScoresAsItWasFound) {
  Lines lines = some_lines(20), texts;
  std::vector<Translation> found;
  for (const Translated& one : translate(three_best(), lines)) {
    found.push_back(one.translations[0]);
    texts.push_back(found.back().text);
  }
  NoteLog notes("");
  auto scored = score_lines(*model_, three_best(), lines, texts, notes);
  int compared = 0;
  for (size_t i = 0; i < lines.size(); ++i) {
    // Another way to write the text in pieces has another score.
    auto pieces = model_->tokenizers.target->encode_pieces(texts[i]);
    pieces.push_back("</s>");
    if (pieces != found[i].target_pieces) continue;
    ++compared;
    EXPECT_NEAR(scored[i].score, found[i].score, 1e-4);
  }
  EXPECT_GT(compared, 0);
}

}  // namespace
}  // namespace heed
