#include "data/encoded_block.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "util/error.h"

namespace heed {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<EncodedBlock> blocks() {
  EncodedPair pair{.fate = Fate::kKept,
                   .source = {1, 2, 3},
                   .target = {70000},
                   .links = {{0, 1, true}, {2, 0, false}},
                   .source_words = {0, 0, 1},
                   .target_words = {-1}};
  EncodedPair dropped{};
  dropped.fate = Fate::kRatio;
  dropped.source = {5};
  EncodedBlock block{.pairs = {pair, dropped},
                     .source_repairs = {.lines = 2, .first = 7},
                     .target_repairs = {.lines = 1, .first = 9},
                     .round_trip = {}};
  block.round_trip.texts = 40;
  block.round_trip.changed = 1;
  block.round_trip.first = {{"a.en:4", "\u00b4", ""}};
  return {block, {}};
}

TEST(EncodedBlock, ComesBackFromBytes) {
  auto back = blocks_from(to_bytes(blocks()));
  ASSERT_EQ(back.size(), 2);
  const EncodedBlock& block = back[0];
  ASSERT_EQ(block.pairs.size(), 2);
  EXPECT_EQ(block.pairs[0].fate, Fate::kKept);
  EXPECT_THAT(block.pairs[0].source, ElementsAre(1, 2, 3));
  EXPECT_THAT(block.pairs[0].target, ElementsAre(70000));
  EXPECT_THAT(block.pairs[0].links, ElementsAre(Link{0, 1, true}, Link{2, 0, false}));
  EXPECT_THAT(block.pairs[0].source_words, ElementsAre(0, 0, 1));
  EXPECT_THAT(block.pairs[0].target_words, ElementsAre(-1));
  EXPECT_EQ(block.pairs[1].fate, Fate::kRatio);
  EXPECT_THAT(block.pairs[1].target, IsEmpty());
  EXPECT_EQ(block.source_repairs.first, 7);
  EXPECT_EQ(block.target_repairs.lines, 1);
  EXPECT_EQ(block.round_trip.texts, 40);
  ASSERT_EQ(block.round_trip.first.size(), 1);
  EXPECT_EQ(block.round_trip.first[0].where, "a.en:4");
  EXPECT_EQ(block.round_trip.first[0].before, "\u00b4");
  EXPECT_THAT(back[1].pairs, IsEmpty());
}

TEST(EncodedBlock, OtherBytesAreRefused) {
  std::string bytes = to_bytes(blocks());
  for (size_t length = 0; length < bytes.size(); ++length) {
    EXPECT_THROW(blocks_from(bytes.substr(0, length)), Error) << length;
  }
  EXPECT_THROW(blocks_from(bytes + "x"), Error);
  EXPECT_THAT(blocks_from(to_bytes({})), IsEmpty());
}

}  // namespace
}  // namespace heed
