#include "evaluation/script.h"

#include <gtest/gtest.h>

namespace heed {
namespace {

TEST(IsUnspaced, ByMostOfTheLetters) {
  for (const char* text : {"你好。", "これは本です", "สวัสดีครับ", "សួស្តី", "မင်္ဂလာပါ", "ສະບາຍດີ",
                           "我用Linux操作系统写程序。"}) {
    EXPECT_TRUE(is_unspaced(text)) << text;
  }
  for (const char* text : {"", "...", "12 。", "Hello.", "안녕하세요 여러분", "Привет", "سلام",
                           "हैलो", "The word 你好 is Chinese."}) {
    EXPECT_FALSE(is_unspaced(text)) << text;
  }
}

TEST(TokenizerFor, ChineseJapaneseThaiAndWordsBetweenSpaces) {
  EXPECT_EQ(tokenizer_for({"我们今天去公园。", "他买了三本书。"}), "zh");
  EXPECT_EQ(tokenizer_for({"我用 Linux 系统写程序。", "", "好的"}), "zh");
  EXPECT_EQ(tokenizer_for({"今日は公園に行きます。", "彼は本を三冊買った。"}), "char");
  EXPECT_EQ(tokenizer_for({"วันนี้เราไปสวนสาธารณะ", "เขาซื้อหนังสือสามเล่ม"}), "char");
  EXPECT_EQ(tokenizer_for({"Today we go to the park."}), "13a");
  EXPECT_EQ(tokenizer_for({"오늘 우리는 공원에 갑니다."}), "13a");
  EXPECT_EQ(tokenizer_for({"امروز به پارک می‌رویم."}), "13a");
  EXPECT_EQ(tokenizer_for({}), "13a");
  EXPECT_EQ(tokenizer_for({"", "..."}), "13a");
}

TEST(TokenizerFor, ChineseWordsThatAToolHasParted) {
  EXPECT_EQ(tokenizer_for({"我们 今天 去 公园 。", "他 买 了 三 本 书 。"}), "13a");
}

}  // namespace
}  // namespace heed
