#include "tokenizer/model_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "config/options.h"
#include "tokenizer/tokenizer.h"
#include "util/copy_bytes.h"
#include "util/error.h"
#include "util/text.h"

namespace heed {
namespace {

using testing::HasSubstr;

const std::string kText = std::string(HEED_SOURCE_DIR) + "/data/dev.de";

std::string model_with(const std::string& normalization) {
  TokenizerConfig config = default_config().tokenizer;
  config.vocab_size = 200;
  config.normalization = *config.normalization.find(normalization);
  return train_tokenizer({kText}, config).model_bytes();
}

// The error about `bytes`; empty where there is none.
std::string error_of(std::string_view bytes) {
  try {
    check_sentencepiece_model(bytes, "m.model");
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("m.model: "));
    return error.what();
  }
  return "";
}

std::string varint(uint64_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7) bytes += static_cast<char>(value | 0x80);
  return bytes + static_cast<char>(value);
}
std::string field(int number, std::string_view bytes) {
  return varint(number << 3 | 2) + varint(bytes.size()) + std::string(bytes);
}

// A model whose normaliser has these units, and these texts.
std::string model_of(std::vector<uint32_t> units, std::string_view texts) {
  auto size = static_cast<uint32_t>(units.size() * 4);
  std::string map(4 + size, '\0');
  std::memcpy(map.data(), &size, 4);
  copy_bytes(map.data() + 4, units.data(), size);
  return field(3, field(2, map + std::string(texts)));
}

constexpr uint32_t kLeaf = 1 << 8, kValue = 1U << 31;
uint32_t unit(uint32_t offset, uint32_t label) { return offset << 10 | label; }

// "a" -> the text at `value`: the root's children stand at 256 ^ label, those of "a" in 512.
std::vector<uint32_t> one_rule(uint32_t value) {
  std::vector<uint32_t> units(768, kValue);
  units[0] = unit(256, 0);
  units[256 ^ 'a'] = unit((256 ^ 'a') ^ 512, 'a') | kLeaf;
  units[512] = kValue | value;
  return units;
}

TEST(ModelCheckTest, ModelsOfEveryNormalizationPass) {
  for (const char* rules : {"nmt_nfkc", "nfkc", "nmt_nfkc_cf", "nfkc_cf", "identity"}) {
    EXPECT_EQ(error_of(model_with(rules)), "") << rules;
  }
}

TEST(ModelCheckTest, ARuleInItsTablePasses) {
  EXPECT_EQ(error_of(model_of(one_rule(0), std::string_view("b\0", 2))), "");
  EXPECT_EQ(error_of(field(3, "")), "");
}

TEST(ModelCheckTest, TablesThatPointOutsideAreRefused) {
  std::string_view texts("b\0", 2);
  EXPECT_THAT(error_of(model_of(one_rule(2), texts)), HasSubstr("points to byte 2 of 2"));
  auto units = one_rule(0);
  units[0] = unit(768, 0);
  EXPECT_THAT(error_of(model_of(units, texts)), HasSubstr("unit 0 points to unit 768 of 768"));
  units = one_rule(0);
  units[256 ^ 'a'] |= 1 << 9 | 0xFFFU << 10;  // offsets of 256 each
  EXPECT_THAT(error_of(model_of(units, texts)), HasSubstr("points to unit "));
  units.resize(700);
  EXPECT_THAT(error_of(model_of(units, texts)), HasSubstr("points to unit "));
  EXPECT_THAT(error_of(model_of({}, texts)), HasSubstr("no root"));
}

TEST(ModelCheckTest, TablesThatGoRoundAreRefused) {
  auto units = one_rule(0);
  units[512 ^ 'a'] = unit((512 ^ 'a') ^ 512, 'a') | kLeaf;  // "aaa...": its own child
  EXPECT_THAT(error_of(model_of(units, std::string_view("b\0", 2))), HasSubstr("leads back"));
}

TEST(ModelCheckTest, MoreRulesForATextThanSentencePieceHasRoomForAreRefused) {
  for (uint32_t rules : {32, 33}) {
    std::vector<uint32_t> units(256 * (rules + 2), kValue);
    units[0] = unit(256, 0);
    for (uint32_t i = 1; i <= rules; ++i) {
      uint32_t place = (256 * i) ^ 'a';
      units[place] = unit(place ^ (256 * (i + 1)), 'a') | kLeaf;
      units[256 * (i + 1)] = kValue | 0;
    }
    std::string error = error_of(model_of(units, std::string_view("b\0", 2)));
    EXPECT_EQ(error.empty(), rules == 32) << error;
  }
}

TEST(ModelCheckTest, TextsMustEndAndBeUtf8) {
  EXPECT_THAT(error_of(model_of(one_rule(0), "b")), HasSubstr("has no end"));
  EXPECT_THAT(error_of(model_of(one_rule(0), std::string_view("\xE4\0", 2))),
              HasSubstr("is not UTF-8"));
  EXPECT_THAT(error_of(field(1, field(1, "\xE4"))), HasSubstr("the piece \"\\xE4\" is not UTF-8"));
  EXPECT_THAT(error_of(field(3, field(2, "abc"))), HasSubstr("cut off"));
  EXPECT_THAT(error_of(field(5, field(2, std::string("\xFF\xFF\0\0a\0", 6)))),
              HasSubstr("a table of 65535 bytes in 2"));
}

TEST(ModelCheckTest, OtherBytesAreNoModel) {
  EXPECT_THAT(error_of("nonsense"), HasSubstr("not a SentencePiece model"));
  std::string whole = model_with("nmt_nfkc");
  for (size_t cut = 1; cut < whole.size(); cut += whole.size() / 50) {
    try {
      Tokenizer(whole.substr(0, cut), "m.model");  // an earlier end may be between two fields
    } catch (const Error&) {
    }
  }
}

// Each byte of the table changed: whatever passes can be used on any text.
TEST(ModelCheckTest, WhatPassesCanBeUsed) {
  std::string whole = model_with("nmt_nfkc");
  int refused = 0;
  for (size_t at = whole.size() / 10; at < whole.size(); at += 997) {
    std::string changed = whole;
    changed[at] = static_cast<char>(changed[at] ^ (1 << at % 8));
    try {
      Tokenizer tokenizer(changed, "m.model");
      tokenizer.encode("Ｔｈｅ ½ ﬁrst… \u200Cline ｶﾞ Å\u0301 \u1E9B\u0323");
    } catch (const Error&) {
      ++refused;
    }
  }
  EXPECT_GT(refused, 0);
}

}  // namespace
}  // namespace heed
