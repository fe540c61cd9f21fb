#include "decoding/translator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include "kernels/torch.h"

#include <set>

#include "model/tiny_model.h"
#include "util/log.h"
#include "util/temp_folder.h"

namespace heed {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

const std::string kData = std::string(HEED_SOURCE_DIR) + "/data/";

std::shared_ptr<Tokenizer> make_tokenizer() {
  TokenizerConfig config = default_config().tokenizer;
  config.type = "bpe";
  config.vocab_size = 300;
  config.max_training_lines = 500;
  return std::make_shared<Tokenizer>(train_tokenizer({kData + "train.en"}, config));
}

// A model with random weights is as good as any: what it says is always the same.
Bundle make_bundle() {
  set_log_quiet(true);
  auto both = make_tokenizer();
  Bundle bundle{default_config(), {both, both}, nullptr};
  ModelConfig config = tiny::recurrent_config();
  bundle.model = tiny::random_model(config, bundle.tokenizers.sizes());
  return bundle;
}

class TranslatorTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { bundle_ = new Bundle(make_bundle()); }
  static void TearDownTestSuite() {
    delete bundle_;
    bundle_ = nullptr;
  }

  static Translator translator(int64_t batch_size = 8) {
    SearchOptions options;
    options.beam_size = options.n_best = 3;
    options.max_length = 12;
    options.want_attention = true;
    return {*bundle_, bundle_->model, options, batch_size};
  }

  static std::vector<std::string> some_lines(size_t count) {
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

  static Bundle* bundle_;
};

Bundle* TranslatorTest::bundle_ = nullptr;

TEST_F(TranslatorTest, BlankLinesGiveOneEmptyTranslation) {
  Translator t = translator();
  auto found = t.translate({"", "  \t", "\u3000", "A dog.", "\u3000 \u00a0"});
  ASSERT_EQ(found.size(), 5u);
  for (size_t i : {0, 1, 2, 4}) {
    ASSERT_EQ(found[i].size(), 1u) << i;
    EXPECT_EQ(found[i][0].text, "");
    EXPECT_EQ(found[i][0].score, 0);
    EXPECT_THAT(found[i][0].source_pieces, IsEmpty());
  }
  EXPECT_EQ(found[3].size(), 3u);
}

TEST_F(TranslatorTest, ALineWithoutAPieceIsTranslatedToNothing) {
  auto found = translator().translate({"\u200b", "\u200b\u200b", "Yes."});
  EXPECT_EQ(found[0].size(), 1u);
  EXPECT_EQ(found[1].size(), 1u);
}

TEST_F(TranslatorTest, OrderAndBatchSizeChangeNothing) {
  auto lines = some_lines(24);
  std::vector<std::vector<Translation>> expected;
  for (const auto& line : lines) expected.push_back(translator().translate({line})[0]);
  std::set<std::string> texts;
  for (int64_t size : {1, 7, 64}) {
    auto found = translator(size).translate(lines);
    ASSERT_EQ(found.size(), lines.size());
    for (size_t i = 0; i < lines.size(); ++i) {
      ASSERT_EQ(found[i].size(), expected[i].size());
      for (size_t k = 0; k < found[i].size(); ++k) {
        EXPECT_EQ(found[i][k].text, expected[i][k].text) << lines[i];
        EXPECT_NEAR(found[i][k].score, expected[i][k].score, 1e-4);
      }
      texts.insert(found[i][0].text);
    }
  }
  EXPECT_GT(texts.size(), 10u);  // else a wrong order would not be seen
}

TEST_F(TranslatorTest, WorkersChangeNothingAtAll) {
  auto lines = some_lines(23);
  SearchOptions options;
  options.beam_size = options.n_best = 3;
  options.max_length = 12;
  std::vector<std::vector<Translation>> expected;
  for (int64_t workers : {1, 2, 3, 30}) {
    LineOptions line_options;
    line_options.workers = workers;
    Translator t(*bundle_, bundle_->model, options, 4, line_options);
    for (int repeat = 0; repeat < 2; ++repeat) {  // the crew is kept between calls
      auto found = t.translate(lines);
      if (expected.empty()) expected = found;
      ASSERT_EQ(found.size(), lines.size());
      for (size_t i = 0; i < lines.size(); ++i) {
        ASSERT_EQ(found[i].size(), expected[i].size());
        for (size_t k = 0; k < found[i].size(); ++k) {
          EXPECT_EQ(found[i][k].text, expected[i][k].text) << workers << ": " << lines[i];
          EXPECT_EQ(found[i][k].score, expected[i][k].score);
        }
      }
    }
  }
}

TEST_F(TranslatorTest, TranslationsTellTheirPiecesAndAttention) {
  auto best = translator().translate({"The dog is playing."})[0][0];
  auto source = bundle_->tokenizers.source->encode("The dog is playing.");
  ASSERT_EQ(best.source_pieces.size(), source.size() + 1);
  EXPECT_EQ(best.source_pieces.back(), "</s>");
  EXPECT_EQ(best.target_pieces.back(), "</s>");
  EXPECT_EQ(static_cast<int64_t>(best.target_pieces.size()), best.length);
  ASSERT_EQ(best.attention.size(), best.target_pieces.size());
  EXPECT_EQ(best.attention[0].size(), best.source_pieces.size());
}

TEST_F(TranslatorTest, OverLongLinesAreCutWithAWarning) {
  Bundle small{bundle_->config, bundle_->tokenizers, bundle_->model};
  small.config.data.max_length = 4;
  SearchOptions options;
  options.max_length = 12;
  options.want_attention = true;
  Translator t(small, small.model, options, 8);
  std::vector<std::vector<Translation>> found;
  std::string line = "The dog is playing with the cat.";
  auto pieces = small.tokenizers.source->encode(line).size();
  std::string log = log_of([&] { found = t.translate({"", line}); });
  EXPECT_THAT(log, HasSubstr(fmt::format("line 2: {} pieces, cut to 4 (data.max_length)", pieces)));
  EXPECT_EQ(found[1][0].source_pieces.size(), 5u);
  EXPECT_EQ(t.counts().cut, 1);
  std::vector<std::string> one = {line};
  t.begin_text("other.en");
  EXPECT_THAT(log_of([&] { t.translate(one); }), HasSubstr("other.en:1: "));
  LineOptions silent;
  silent.warns_of_cuts = false;
  Translator again(small, small.model, options, 8, silent);
  EXPECT_EQ(log_of([&] { again.translate(one); }), "");
}

TEST_F(TranslatorTest, ManyCutLinesAreCountedAtTheEnd) {
  Bundle small{bundle_->config, bundle_->tokenizers, bundle_->model};
  small.config.data.max_length = 1;
  SearchOptions options;
  options.max_length = 1;
  Translator t(small, small.model, options, 64);
  std::string log = log_of([&] {
    t.translate(std::vector<std::string>(15, "The dog is playing."));
    t.warn_of_limits();
  });
  EXPECT_THAT(log, HasSubstr("line 10: "));
  EXPECT_THAT(log, testing::Not(HasSubstr("line 11: ")));
  EXPECT_THAT(log, HasSubstr("15 lines in all were cut (data.max_length = 1)"));
  EXPECT_EQ(t.counts().cut, 15);
}

TEST_F(TranslatorTest, TranslationsCutAtTheLimitAreCounted) {
  Bundle endless{bundle_->config, bundle_->tokenizers,
                 tiny::random_model(tiny::recurrent_config(), bundle_->tokenizers.sizes())};
  torch::NoGradGuard no_gradient;
  endless.model->named_parameters()["vocabulary.output_bias"][SpecialIds{}.end].fill_(-1e9);
  SearchOptions options;
  options.max_length = 5;
  Translator t(endless, endless.model, options, 8);
  auto found = t.translate({"A dog.", "", "Two dogs."});
  EXPECT_FALSE(found[0][0].ended);
  EXPECT_EQ(t.counts().at_max_length, 2);
  EXPECT_THAT(log_of([&] { t.warn_of_limits(); }),
              HasSubstr("2 translations were cut at the length limit (decoding.max_length = 5)"));
  options.max_length = 0;
  options.max_length_ratio = 0.5;
  Translator by_ratio(endless, endless.model, options, 8);
  by_ratio.translate(std::vector<std::string>{"A dog."});
  EXPECT_EQ(by_ratio.counts().at_ratio, 1);
  EXPECT_THAT(log_of([&] { by_ratio.warn_of_limits(); }),
              HasSubstr("1 translations were cut at the length limit (decoding.max_length_ratio = "
                        "0.5)"));
  options.no_repeat_ngram = 1;
  options.min_length = 1000;
  options.max_length_ratio = 1000;
  Translator stuck(endless, endless.model, options, 8);
  stuck.translate(std::vector<std::string>{"A dog."});
  EXPECT_EQ(stuck.counts().stuck, 1);
}

TEST_F(TranslatorTest, AStreamHandsOverEveryLineInOrder) {
  auto lines = some_lines(40);
  TempFolder folder;
  std::string text;
  for (const auto& line : lines) text += line + "\n";
  LineReader input(folder.write("input", text));
  std::vector<std::string> seen, texts;
  int pauses = 0;
  auto sink = [&](const std::string& line, const std::vector<Translation>& translations) {
    seen.push_back(line);
    texts.push_back(translations.at(0).text);
  };
  Translator t = translator(2);  // 40 lines are more than a window of 16 batches
  t.stream(input, sink, [&] { ++pauses; });
  EXPECT_EQ(seen, lines);
  EXPECT_GE(pauses, 2);
  auto expected = translator().translate(lines);
  for (size_t i = 0; i < lines.size(); ++i) EXPECT_EQ(texts[i], expected[i][0].text);
}

TEST_F(TranslatorTest, AnEmptyStreamGivesNothing) {
  TempFolder folder;
  LineReader input(folder.write("input", ""));
  int calls = 0;
  translator().stream(
      input, [&](auto&, auto&) { ++calls; }, [&] { ++calls; });
  EXPECT_EQ(calls, 0);
}

// What stands in `file` beside the input's lines.
std::vector<std::string> stream_all(Translator& t, const std::string& input,
                                    const StreamOptions& options) {
  LineReader reader(input);
  std::vector<std::string> texts;
  t.stream(
      reader, [&](auto&, const auto& best) { texts.push_back(best[0].text); }, [] {}, options);
  return texts;
}

TEST_F(TranslatorTest, PrefixesAndPhrasesGoLineByLine) {
  TempFolder folder;
  StreamOptions options;
  std::string input = folder.write("input", "A dog.\n\nTwo dogs.\nYes.\n");
  options.files.prefix = folder.write("prefix", "The cat\nThe cat\n\nOne\n");
  options.files.constraints = folder.write("phrases", "\n\nthe book\tYes\n\n");
  Translator t = translator(2);
  auto texts = stream_all(t, input, options);
  ASSERT_EQ(texts.size(), 4u);
  EXPECT_THAT(texts[0], testing::StartsWith("The cat"));
  EXPECT_EQ(texts[1], "");  // blank in, blank out
  EXPECT_THAT(texts[2], testing::AllOf(HasSubstr("the book"), HasSubstr("Yes")));
  EXPECT_THAT(texts[3], testing::StartsWith("One"));
  EXPECT_EQ(t.counts().without_phrase, 0);
}

TEST_F(TranslatorTest, CharactersThatTheVocabularyDoesNotKnowAreNamed) {
  Translator t = translator();
  std::string log = log_of([&] {
    t.translate(std::vector<Request>{{"A dog.", "\u4f60\u597d", {}}});
  });
  EXPECT_THAT(log, HasSubstr("line 1: \"\u4f60\u597d\" has characters that the vocabulary"));
}

TEST_F(TranslatorTest, SentencesAreTranslatedOneByOneAndJoined) {
  SearchOptions options;
  options.max_length = 12;
  Translator whole(*bundle_, bundle_->model, options, 8);
  LineOptions lines;
  lines.split_sentences = true;
  Translator split(*bundle_, bundle_->model, options, 8, lines);
  auto one = whole.translate(std::vector<std::string>{"A dog is here. "})[0][0];
  auto other = whole.translate(std::vector<std::string>{"Is it yours?"})[0][0];
  auto both = split.translate(std::vector<std::string>{"A dog is here. Is it yours?", ""});
  EXPECT_EQ(both[0][0].text, one.text + " " + other.text);
  EXPECT_NEAR(both[0][0].log_probability, one.log_probability + other.log_probability, 1e-4);
  EXPECT_EQ(both[0][0].length, one.length + other.length);
  EXPECT_EQ(both[1][0].text, "");
}

TEST_F(TranslatorTest, LongLinesAreSplitWhereAskedFor) {
  Bundle small{bundle_->config, bundle_->tokenizers, bundle_->model};
  small.config.data.max_length = 8;
  LineOptions lines;
  lines.split_long = true;
  SearchOptions options;
  options.want_attention = true;
  Translator t(small, small.model, options, 8, lines);
  std::string line = "The dog is playing with the cat, and the child reads a book.";
  auto pieces = small.tokenizers.source->encode(line).size();
  auto found = t.translate(std::vector<std::string>{line, "Yes."});
  ASSERT_GT(pieces, 8u);
  EXPECT_EQ(found[0].size(), 1u);
  EXPECT_EQ(found[0][0].source_pieces.size(), pieces + 1);
  EXPECT_EQ(found[0][0].attention.size(), found[0][0].target_pieces.size());
  for (const auto& row : found[0][0].attention) EXPECT_EQ(row.size(), pieces + 1);
  EXPECT_EQ(t.counts().cut, 0);
}

TEST_F(TranslatorTest, SamplesDependOnTheLineNumber) {
  SearchOptions options;
  options.sampling = true;
  options.max_length = 12;
  std::vector<std::string> lines(20, "The dog is playing.");
  auto sampled = [&](int64_t batch_size) {
    Translator t(*bundle_, bundle_->model, options, batch_size);
    std::vector<std::string> texts;
    for (const auto& best : t.translate(lines)) texts.push_back(best[0].text);
    return texts;
  };
  auto texts = sampled(1);
  EXPECT_EQ(sampled(7), texts);
  EXPECT_EQ(sampled(64), texts);
  EXPECT_GT(std::set<std::string>(texts.begin(), texts.end()).size(), 10u);
}

TEST_F(TranslatorTest, MinimumBayesRiskChoosesAmongTheBeam) {
  SearchOptions options;
  options.beam_size = 8;
  options.max_length = 12;
  options.n_best = 8;
  Translator plain(*bundle_, bundle_->model, options, 8);
  auto all = plain.translate(std::vector<std::string>{"The dog is playing."})[0];
  options.n_best = 2;
  options.mbr = Utility::kChrf;
  Translator mbr(*bundle_, bundle_->model, options, 8);
  auto chosen = mbr.translate(std::vector<std::string>{"The dog is playing."})[0];
  ASSERT_EQ(chosen.size(), 2u);
  EXPECT_GE(chosen[0].utility, chosen[1].utility);
  EXPECT_GT(chosen[1].utility, 0);
  EXPECT_TRUE(
      std::ranges::any_of(all, [&](const Translation& one) { return one.text == chosen[0].text; }));
}

TEST_F(TranslatorTest, ScoresAreThoseOfTheSentencesAlone) {
  auto sources = some_lines(10), targets = read_lines(kData + "test.en");
  targets.resize(10);
  auto together = translator(7).score(sources, targets);
  ASSERT_EQ(together.size(), 10u);
  for (size_t i = 0; i < sources.size(); ++i) {
    auto alone = translator().score({sources[i]}, {targets[i]})[0];
    EXPECT_NEAR(together[i].score, alone.score, 1e-4);
    if (!sources[i].empty()) {
      EXPECT_LT(alone.score, -0.1);
    }
  }
  auto ids = bundle_->tokenizers.target->encode(targets[0]);
  EXPECT_NEAR(together[0].score, together[0].log_probability / static_cast<double>(ids.size() + 1),
              1e-9);
}

}  // namespace
}  // namespace heed
