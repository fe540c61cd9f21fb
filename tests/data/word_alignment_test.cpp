#include "data/word_alignment.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "alignment/hostile_texts.h"
#include "config/options.h"
#include "data/batcher.h"
#include "data/corpus_of_files.h"
#include "util/temp_folder.h"

namespace heed {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;

// "char": letters as pieces, so that words have many: "▁", "a", "b". "bpe": words of several.
Tokenizer learn(const std::string& type, const std::string& text, int64_t vocab_size) {
  TempFolder folder;
  TokenizerConfig config = default_config().tokenizer;
  config.type = *config.type.find(type);
  config.vocab_size = vocab_size;
  config.normalization = "nmt_nfkc";  // makes the most of characters into others
  return train_tokenizer({folder.write("text", text)}, config);
}

// Knows plain letters alone.
Tokenizer learn_letters(const std::string& type) {
  return learn(type, "abcdefghijklmnopqrstuvwxyz das haus ist ein wort und da\n", 33);
}

// Knows every character of the hostile texts, so that they can be sampled.
Tokenizer learn_all(const std::string& type) {
  std::string text = "abcdefghijklmnopqrstuvwxyz\n";
  for (const std::string& line : kHostileTexts) text += line + "\n" + line + "\n";
  return learn(type, text, 90);
}

TEST(WordAlignmentTest, EveryPieceOfLinkedWordsIsLinked) {
  Tokenizer tokenizer = learn_letters("char");
  auto source = tokenizer.encode_spans("ab c"), target = tokenizer.encode_spans("d ef");
  ASSERT_THAT(tokenizer.pieces(source.ids), ElementsAre("▁", "a", "b", "▁", "c"));
  ASSERT_THAT(tokenizer.pieces(target.ids), ElementsAre("▁", "d", "▁", "e", "f"));
  auto shorter = tokenizer.encode("a");
  Batch batch = make_batch({shorter, source.ids}, {shorter, target.ids}, tokenizer.special(),
                           tokenizer.special());
  Alignments alignments;
  EXPECT_FALSE(alignments.add({{0, 1}}, words_of_pieces("ab c", source.spans),
                              words_of_pieces("d ef", target.spans)));
  EXPECT_FALSE(alignments.add({}, {0, 0}, {0, 0}));
  auto matrix = alignment_of(batch, {alignments[1], alignments[0]});
  ASSERT_EQ(matrix.size(), 2u * 6 * 6);  // with the end symbols
  for (size_t row = 0; row < 2; ++row) {
    for (size_t t = 0; t < 6; ++t) {
      for (size_t s = 0; s < 6; ++s) {
        bool linked = row == 1 && t >= 2 && t <= 4 && s <= 2;
        EXPECT_EQ(matrix[(row * 6 + t) * 6 + s], linked ? 1 : 0) << row << " " << t << " " << s;
      }
    }
  }
}

TEST(WordAlignmentTest, LinksToWordsWithoutAPieceAreLeftOutAndTold) {
  Alignments alignments;
  EXPECT_TRUE(alignments.add({{1, 0}, {0, 1}, {2, 0}}, {0, 2, 2}, {0}));
  ASSERT_EQ(alignments[0].links.size(), 1u);
  EXPECT_EQ(alignments[0].links[0].source, 2);
  EXPECT_THAT(alignments[0].source, ElementsAre(0, 2, 2));
  EXPECT_THAT(alignments[0].target, ElementsAre(0));
}

TEST(WordAlignmentTest, PiecesOfHostileTextsKnowTheirWords) {
  for (const char* type : {"char", "bpe", "unigram"}) {
    Tokenizer tokenizer = learn_letters(type);
    for (const std::string& text : kHostileTexts) {
      SCOPED_TRACE(std::string(type) + ": " + text);
      SpannedIds encoded = tokenizer.encode_spans(text);
      PieceWords words = words_of_pieces(text, encoded.spans);
      EXPECT_EQ(words_of_letters(tokenizer.encode_pieces(text), words), words_of_letters(text));
      EXPECT_TRUE(std::ranges::is_sorted(words));
      auto count = static_cast<int>(count_words(text));
      EXPECT_THAT(words, Each(testing::AllOf(testing::Ge(0), testing::Lt(count))));
      // The text that the pieces read as has words of its own.
      SpannedText decoded = tokenizer.decode_spans(encoded.ids);
      PieceWords own = words_of_pieces(decoded.text, decoded.spans);
      EXPECT_EQ(words_of_letters(tokenizer.pieces(encoded.ids), own),
                words_of_letters(decoded.text));
      EXPECT_THAT(own, Each(testing::Lt(static_cast<int>(count_words(decoded.text)))));
    }
  }
}

// Corpora of hostile pairs in which word i of the source is linked with word i of the target, as
// far as both go; each text is on either side.
class HostileCorpus : public ::testing::TestWithParam<const char*> {
 protected:
  HostileCorpus() : tokenizer_(learn_all(GetParam())) {
    std::string sources, targets, links;
    for (size_t i = 0; i < kHostileTexts.size(); ++i) {
      source_.push_back(kHostileTexts[i]);
      target_.push_back(kHostileTexts[(i + 5) % kHostileTexts.size()]);
      sources += source_.back() + "\n";
      targets += target_.back() + "\n";
      int64_t shared = std::min(count_words(source_.back()), count_words(target_.back()));
      for (int64_t word = 0; word < shared; ++word) links += fmt::format("{0}-{0} ", word);
      links += "\n";
    }
    TempFolder folder;
    corpus_ = read_corpus({{folder.write("source", sources)},
                           {folder.write("target", targets)},
                           {folder.write("links", links)}},
                          {tokenizer_, tokenizer_}, default_config().data);
  }

  // The batch's matrix of a pair links letters of the same word, and no others.
  void expect_links(const Batch& batch, size_t pair) const {
    SCOPED_TRACE(source_[pair] + " / " + target_[pair]);
    auto source = columns_of_letters(batch.source),
         target = columns_of_letters(batch.target_output);
    auto source_words = words_of_letters(source_[pair]),
         target_words = words_of_letters(target_[pair]);
    ASSERT_EQ(source.size(), source_words.size());
    ASSERT_EQ(target.size(), target_words.size());
    for (size_t t = 0; t < target.size(); ++t) {
      for (size_t s = 0; s < source.size(); ++s) {
        float linked = batch.alignment[target[t] * batch.source.columns + source[s]];
        EXPECT_EQ(linked, target_words[t] == source_words[s] ? 1 : 0) << t << " " << s;
      }
    }
  }

  Tokenizer tokenizer_;
  std::vector<std::string> source_, target_;
  Corpus corpus_;

 private:
  // The column of each plain letter of the matrix's only row.
  std::vector<int64_t> columns_of_letters(const IdMatrix& matrix) const {
    std::vector<int64_t> columns;
    for (int64_t i = 0; i + 1 < matrix.lengths[0]; ++i) {
      for (char c : tokenizer_.piece(static_cast<int32_t>(matrix.ids[i]))) {
        if (is_plain_letter(c)) columns.push_back(i);
      }
    }
    return columns;
  }
};
INSTANTIATE_TEST_SUITE_P(Types, HostileCorpus, ::testing::Values("bpe", "unigram"));

TEST_P(HostileCorpus, LinksLandOnTheirWords) {
  ASSERT_EQ(corpus_.size(), std::ssize(source_));
  for (size_t i = 0; i < source_.size(); ++i) {
    auto pair = static_cast<int64_t>(i);
    expect_links(gather_batch(corpus_, {pair}, {tokenizer_, tokenizer_}), i);
  }
}

TEST_P(HostileCorpus, LinksOfSampledPiecesLandOnTheirWords) {
  BatcherOptions options{.batch_tokens = 1, .seed = 3, .sampling_alpha = 0.3, .max_length = 1000};
  Batcher batcher(corpus_, {tokenizer_, tokenizer_}, options, {});
  int64_t resampled = 0;
  for (int64_t epoch = 0; epoch < 4; ++epoch) {
    for (const std::vector<int64_t>& pairs : plan_epoch(corpus_, options, epoch)) {
      ASSERT_EQ(pairs.size(), 1u);
      Batch batch = batcher.next().at(0);
      expect_links(batch, static_cast<size_t>(pairs[0]));
      resampled +=
          batch.source.ids != gather_batch(corpus_, pairs, {tokenizer_, tokenizer_}).source.ids;
    }
  }
  EXPECT_GT(resampled, corpus_.size());  // of 4 * size
}

}  // namespace
}  // namespace heed
