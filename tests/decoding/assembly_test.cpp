#include "decoding/assembly.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "config/options.h"
#include "util/temp_folder.h"

namespace heed {
namespace {

using testing::StartsWith;

std::shared_ptr<Tokenizer> with_bytes() {
  TempFolder folder;
  TokenizerConfig config = default_config().tokenizer;
  config.type = "char";
  config.vocab_size = 300;
  config.byte_fallback = true;
  return std::make_shared<Tokenizer>(
      train_tokenizer({folder.write("text", "ab cd ef gh\nabcdefgh\n")}, config));
}

class DraftTest : public testing::Test {
 protected:
  std::string text_of(const std::vector<int32_t>& ids) const {
    return Assembly(tokenizers_, options_, lines_)
        .translation({.ids = ids, .attention = {}}, {})
        .text;
  }
  Draft draft_of(const std::vector<int32_t>& ids, size_t settled) const {
    return Assembly(tokenizers_, options_, lines_).draft({ids, settled});
  }
  std::vector<int32_t> first(const std::vector<int32_t>& ids, size_t count) const {
    return {ids.begin(), ids.begin() + static_cast<std::ptrdiff_t>(count)};
  }

  Tokenizers tokenizers_{with_bytes(), with_bytes()};
  SearchOptions options_;
  LineOptions lines_;
};

TEST_F(DraftTest, TellsWhatStaysFromWhatMayNot) {
  std::vector<int32_t> ids = tokenizers_.target->encode("ab cd");
  Draft draft = draft_of(ids, 3);
  EXPECT_EQ(draft.settled, "ab");
  EXPECT_EQ(draft.likely, " cd");
}

TEST_F(DraftTest, CharactersOfSeveralBytesComeWhole) {
  std::vector<int32_t> ids = tokenizers_.target->encode("aé😀b");
  ASSERT_EQ(text_of(ids), "aé😀b");
  for (size_t count = 0; count <= ids.size(); ++count) {
    Draft draft = draft_of(first(ids, count), count);
    EXPECT_THAT(text_of(ids), StartsWith(draft.settled + draft.likely));
  }
}

TEST_F(DraftTest, WhateverComesTheTextBeginsWithWhatIsSettled) {
  std::mt19937 generator(1);
  auto pieces = static_cast<uint32_t>(tokenizers_.target->vocab_size());
  for (int trial = 0; trial < 3000; ++trial) {
    std::vector<int32_t> ids;
    for (int i = 0; i < 8; ++i) {
      uint32_t drawn = 4 + generator() % (pieces - 4);
      ids.push_back(generator() % 8 == 0 ? 1 : static_cast<int32_t>(drawn));
    }
    size_t length = 1 + generator() % 8, settled = generator() % (length + 1);
    Draft draft = draft_of(first(ids, length), settled);
    ASSERT_THAT(text_of(ids), StartsWith(draft.settled));
  }
}

// An unknown piece becomes a word of the source, and which one is known at the end.
TEST_F(DraftTest, UnknownPiecesThatWillBeReplacedAreNotShown) {
  std::vector<int32_t> ids = tokenizers_.target->encode("ab cd");
  ids[3] = tokenizers_.target->special().unknown;
  EXPECT_NE(draft_of(ids, 5).settled, "ab");
  lines_.replace_unknown = true;
  EXPECT_EQ(draft_of(ids, 5).settled, "ab");
  EXPECT_EQ(draft_of(ids, 5).likely, "");
}

}  // namespace
}  // namespace heed
