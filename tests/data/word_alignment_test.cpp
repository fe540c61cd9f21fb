#include "data/word_alignment.h"

#include <gtest/gtest.h>

#include "config/options.h"
#include "data/corpus.h"
#include "util/temp_folder.h"

namespace heed {
namespace {

// Letters as pieces, so that words have many: "▁", "a", "b".
Tokenizer letters() {
  TempFolder folder;
  TokenizerConfig config = default_config().tokenizer;
  config.type = "char";
  return train_tokenizer({folder.write("text", "abcdefghij\n")}, config);
}

TEST(WordAlignmentTest, EveryPieceOfLinkedWordsIsLinked) {
  Tokenizer tokenizer = letters();
  auto source = tokenizer.encode("ab c"), target = tokenizer.encode("d ef");
  ASSERT_EQ(tokenizer.pieces(source), (std::vector<std::string>{"▁", "a", "b", "▁", "c"}));
  ASSERT_EQ(tokenizer.pieces(target), (std::vector<std::string>{"▁", "d", "▁", "e", "f"}));
  auto shorter = tokenizer.encode("a");
  Batch batch =
      make_batch({shorter, source}, {shorter, target}, tokenizer.special(), tokenizer.special());
  Alignments alignments;
  alignments.add({{0, 1}});  // pair 0: the second row
  alignments.add({});        // pair 1: without links
  auto matrix = alignment_of(batch, alignments, {1, 0}, {tokenizer, tokenizer});
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

TEST(WordAlignmentTest, WordsThatTheTokenizerDroppedAreLeftOut) {
  Tokenizer tokenizer = letters();
  auto ids = tokenizer.encode("a");
  Batch batch = make_batch({ids}, {ids}, tokenizer.special(), tokenizer.special());
  Alignments alignments;
  alignments.add({{3, 0}, {0, 3}});
  for (float x : alignment_of(batch, alignments, {0}, {tokenizer, tokenizer})) EXPECT_EQ(x, 0);
}

}  // namespace
}  // namespace heed
