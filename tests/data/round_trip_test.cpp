#include "data/round_trip.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/options.h"
#include "util/temp_folder.h"

namespace heed {
namespace {

using testing::HasSubstr;

Tokenizer learn(const std::string& text, const TokenizerConfig& config) {
  TempFolder folder;
  return train_tokenizer({folder.write("text", text)}, config);
}

TokenizerConfig config_of(const std::string& normalization) {
  TokenizerConfig config = default_config().tokenizer;
  config.type = "char";
  config.vocab_size = 60;
  config.normalization = *config.normalization.find(normalization);
  return config;
}

RoundTrip trip_of(const Tokenizer& tokenizer, const std::vector<std::string>& lines) {
  RoundTrip trip;
  for (size_t i = 0; i < lines.size(); ++i) {
    trip.add(tokenizer, lines[i], tokenizer.encode(lines[i]), "dev.fa",
             static_cast<int64_t>(i) + 1);
  }
  return trip;
}

std::string warning(const RoundTrip& trip, const TokenizerConfig& config) {
  testing::internal::CaptureStderr();
  warn_of_changes(trip, "training targets", config);
  return testing::internal::GetCapturedStderr();
}

const std::string kFractions = "a cup, ½ a cup… a\u200Cb\n";

TEST(RoundTripTest, WhatComesBackIsNoChange) {
  TokenizerConfig config = config_of("identity");
  Tokenizer tokenizer = learn(kFractions, config);
  RoundTrip trip = trip_of(tokenizer, {"a cup", "½ cup…", "a\u200Cb", "  a   cup ", ""});
  EXPECT_EQ(trip.texts, 5);
  EXPECT_EQ(trip.changed, 0);
  EXPECT_EQ(warning(trip, config), "");
}

TEST(RoundTripTest, NormalisationIsCountedShownAndCanBeSet) {
  TokenizerConfig config = config_of("nmt_nfkc");
  Tokenizer tokenizer = learn(kFractions + "1/2⁄ .\n", config);
  RoundTrip trip = trip_of(tokenizer, {"a cup", "a ½ cup", "a…", "a\u200Cb", "b…"});
  EXPECT_EQ(trip.changed, 4);
  EXPECT_EQ(trip.unknown, 0);
  ASSERT_EQ(trip.first.size(), RoundTrip::kShown);
  EXPECT_EQ(trip.first[0].where, "dev.fa:2");
  EXPECT_EQ(trip.first[0].before, "½ cup");
  EXPECT_EQ(trip.first[0].after, "1⁄2 cup");
  EXPECT_EQ(trip.first[2].before, "\\xE2\\x80\\x8Cb");
  EXPECT_THAT(warning(trip, config),
              testing::AllOf(HasSubstr("4 of 5 training targets"), HasSubstr("dev.fa:3 \"…\""),
                             HasSubstr("normalization = nmt_nfkc"), HasSubstr("identity")));
  config.target_model = "given.model";
  EXPECT_THAT(warning(trip, config), HasSubstr("heed tokenize train --normalization identity"));
}

TEST(RoundTripTest, PartsAddUpToTheWhole) {
  Tokenizer tokenizer = learn("ab cd\n", config_of("identity"));
  std::vector<std::string> lines = {"ab", "a x b", "x", "cd", "y", "xy"};
  RoundTrip sum;
  for (int i = 0; i < 6; ++i) {
    RoundTrip part;
    part.add(tokenizer, lines[i], tokenizer.encode(lines[i]), "dev.fa", i + 1);
    sum.add(part);
  }
  RoundTrip whole = trip_of(tokenizer, lines);
  EXPECT_EQ(sum.texts, 6);
  EXPECT_EQ(sum.changed, whole.changed);
  EXPECT_EQ(sum.unknown, 4);
  ASSERT_EQ(sum.first.size(), RoundTrip::kShown);
  EXPECT_EQ(sum.first[2].where, "dev.fa:5");
}

TEST(RoundTripTest, CharactersWithoutAPieceAreCounted) {
  TokenizerConfig config = config_of("identity");
  Tokenizer tokenizer = learn("ab cd\n", config);
  RoundTrip trip = trip_of(tokenizer, {"ab", "a x b"});
  EXPECT_EQ(trip.changed, 1);
  EXPECT_EQ(trip.unknown, 1);
  EXPECT_THAT(warning(trip, config), HasSubstr("1 have characters without a piece"));
}

}  // namespace
}  // namespace heed
