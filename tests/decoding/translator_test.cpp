#include "decoding/translator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include "model/torch.h"

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
    options.beam_size = 3;
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
  EXPECT_EQ(t.counts().lines, 5);
  EXPECT_EQ(t.counts().blank, 4);
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

TEST_F(TranslatorTest, TranslationsTellTheirPiecesAndAttention) {
  auto best = translator().translate({"The dog is playing."})[0][0];
  auto source = bundle_->tokenizers.source->encode("The dog is playing.");
  ASSERT_EQ(best.source_pieces.size(), source.size() + 1);
  EXPECT_EQ(best.source_pieces.back(), "</s>");
  EXPECT_EQ(best.target_pieces.back() == "</s>", best.ended);
  ASSERT_EQ(best.attention.size(), best.target_pieces.size());
  EXPECT_EQ(best.attention[0].size(), best.source_pieces.size());
}

TEST_F(TranslatorTest, OverLongLinesAreCutWithAWarning) {
  Bundle small{bundle_->config, bundle_->tokenizers, bundle_->model};
  small.config.data.max_length = 4;
  SearchOptions options;
  options.max_length = 12;
  Translator t(small, small.model, options, 8);
  std::vector<std::vector<Translation>> found;
  std::string line = "The dog is playing with the cat.";
  auto pieces = small.tokenizers.source->encode(line).size();
  std::string log = log_of([&] { found = t.translate({"", line}); });
  EXPECT_THAT(log, HasSubstr(fmt::format("line 2: {} pieces, cut to 4 (data.max_length)", pieces)));
  EXPECT_EQ(found[1][0].source_pieces.size(), 5u);
  EXPECT_EQ(t.counts().cut, 1);
  EXPECT_EQ(t.counts().source_pieces, 4);
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
  EXPECT_THAT(log, HasSubstr("15 lines in all were cut to 1 pieces (data.max_length)"));
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
  EXPECT_EQ(t.counts().unended, 2);
  EXPECT_EQ(t.counts().target_pieces, 10);
  EXPECT_THAT(log_of([&] { t.warn_of_limits(); }),
              HasSubstr("2 translations were cut at the length limit"));
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

TEST(HardAlignmentTest, WordsTakeTheMassOfTheirPieces) {
  Translation translation;
  translation.source_pieces = {"▁a", "b", "▁c", "</s>"};
  translation.target_pieces = {"▁x", "▁y", "z", "▁w", "</s>"};
  translation.attention = {{0.30F, 0.30F, 0.35F, 0.05F},  // x: a+b 0.6, c 0.35
                           {0.40F, 0.00F, 0.50F, 0.10F},  // y and z: a+b 0.7, c 0.6
                           {0.30F, 0.00F, 0.10F, 0.60F},
                           {0.05F, 0.05F, 0.10F, 0.80F},  // w: the end is no word
                           {0.00F, 1.00F, 0.00F, 0.00F}};
  EXPECT_EQ(hard_alignment(translation), "0-0 0-1 0-2");
  translation.attention[0] = {0.1F, 0.1F, 0.3F, 0.5F};
  EXPECT_EQ(hard_alignment(translation), "1-0 0-1 0-2");
}

TEST(HardAlignmentTest, AnUnendedTranslationHasNoEndRow) {
  Translation translation;
  translation.source_pieces = {"▁a", "▁b", "</s>"};
  translation.target_pieces = {"▁x", "▁y"};
  translation.attention = {{0.1F, 0.8F, 0.1F}, {0.5F, 0.4F, 0.1F}};
  EXPECT_EQ(hard_alignment(translation), "1-0 0-1");
}

TEST(HardAlignmentTest, WithoutWordsThereIsNoPair) {
  EXPECT_EQ(hard_alignment({}), "");
  Translation translation;
  translation.source_pieces = {"▁a", "</s>"};
  translation.target_pieces = {"</s>"};
  translation.attention = {{0.5F, 0.5F}};
  EXPECT_EQ(hard_alignment(translation), "");
}

}  // namespace
}  // namespace heed
