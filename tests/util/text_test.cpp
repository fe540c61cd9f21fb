#include "util/text.h"

#include <gtest/gtest.h>

#include <limits>

namespace heed {
namespace {

using Strings = std::vector<std::string>;

struct Utf8Case {
  std::string bytes;
  char32_t code_point;
};

TEST(DecodeUtf8, ReadsTheFirstAndLastCharacterOfEachLength) {
  const Utf8Case cases[] = {
      {std::string(1, '\0'), 0},
      {"\x7F", 0x7F},
      {"\xC2\x80", 0x80},
      {"\xDF\xBF", 0x7FF},
      {"\xE0\xA0\x80", 0x800},
      {"\xED\x9F\xBF", 0xD7FF},
      {"\xEE\x80\x80", 0xE000},
      {"\xEF\xBF\xBF", 0xFFFF},
      {"\xF0\x90\x80\x80", 0x10000},
      {"\xF4\x8F\xBF\xBF", 0x10FFFF},
  };
  for (const Utf8Case& c : cases) {
    DecodedChar decoded = decode_utf8(c.bytes, 0);
    EXPECT_TRUE(decoded.valid) << std::hex << static_cast<uint32_t>(c.code_point);
    EXPECT_EQ(decoded.code_point, c.code_point);
    EXPECT_EQ(decoded.bytes, static_cast<int>(c.bytes.size()));
    std::string encoded;
    append_utf8(encoded, c.code_point);
    EXPECT_EQ(encoded, c.bytes);
  }
}

TEST(DecodeUtf8, RefusesOverlongsSurrogatesAndTooLargeOnes) {
  for (const char* bytes : {"\xC0\x80", "\xC1\xBF", "\xE0\x80\x80", "\xE0\x9F\xBF",
                            "\xF0\x80\x80\x80", "\xF0\x8F\xBF\xBF", "\xED\xA0\x80", "\xED\xBF\xBF",
                            "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFE", "\xFF", "\x80"}) {
    DecodedChar decoded = decode_utf8(bytes, 0);
    EXPECT_FALSE(decoded.valid) << printable(bytes);
    EXPECT_EQ(decoded.code_point, char32_t{0xFFFD});
    EXPECT_EQ(decoded.bytes, 1);
  }
}

TEST(DecodeUtf8, RefusesASequenceThatEndsEarly) {
  EXPECT_FALSE(decode_utf8("\xC3", 0).valid);
  EXPECT_FALSE(decode_utf8("\xE2\x82", 0).valid);
  EXPECT_FALSE(decode_utf8("\xF0\x9F\x98", 0).valid);
  EXPECT_FALSE(decode_utf8("\xE2\x82g", 0).valid);
  EXPECT_TRUE(decode_utf8("a\xE2\x82\xAC", 1).valid);
}

TEST(Utf32, GoesThereAndBack) {
  std::string text = "aß€😀";
  EXPECT_EQ(to_utf32(text), U"aß€😀");
  EXPECT_EQ(to_utf8(to_utf32(text)), text);
  EXPECT_EQ(to_utf32("a\xFF\xFE"), U"a\uFFFD\uFFFD");
  EXPECT_EQ(to_utf32(""), U"");
}

TEST(Utf8Length, CountsCharacters) {
  EXPECT_EQ(utf8_length(""), 0u);
  EXPECT_EQ(utf8_length("aß€😀"), 4u);
  EXPECT_EQ(utf8_length("a\xFF\xE2\x82"), 4u);
}

TEST(RepairUtf8, ReplacesInvalidBytesAndNulsOneEach) {
  std::string nul("a\0b", 3);
  EXPECT_TRUE(needs_repair(nul));
  EXPECT_EQ(repair_utf8(nul), "a\uFFFDb");
  EXPECT_TRUE(needs_repair("\xE2\x82"));
  EXPECT_EQ(repair_utf8("\xE2\x82"), "\uFFFD\uFFFD");
  EXPECT_EQ(repair_utf8("\xED\xA0\x80!"), "\uFFFD\uFFFD\uFFFD!");
  EXPECT_FALSE(needs_repair("aß€😀\t\x01\u2028"));
  EXPECT_EQ(repair_utf8("aß€😀"), "aß€😀");
}

TEST(RepairUtf8, SeesBadBytesAtEveryPlace) {
  for (size_t at = 0; at < 20; ++at) {
    for (char bad : {'\0', '\xFF', '\x80'}) {
      std::string text = "twenty plain letters";
      EXPECT_FALSE(needs_repair(text));
      text[at] = bad;
      EXPECT_TRUE(needs_repair(text)) << at;
    }
  }
}

TEST(TruncateUtf8, CutsBetweenCharacters) {
  EXPECT_EQ(truncate_utf8("aß€", 6), "aß€");
  EXPECT_EQ(truncate_utf8("aß€", 5), "aß");
  EXPECT_EQ(truncate_utf8("aß€", 4), "aß");
  EXPECT_EQ(truncate_utf8("aß€", 3), "aß");
  EXPECT_EQ(truncate_utf8("aß€", 2), "a");
  EXPECT_EQ(truncate_utf8("aß€", 0), "");
  EXPECT_EQ(truncate_utf8("😀x", 3), "");
}

TEST(TruncateUtf8, KeepsItsLengthWhereTheBytesAreNoUtf8) {
  EXPECT_EQ(truncate_utf8(std::string(100, '\x80'), 50).size(), 50u);
}

TEST(Printable, EscapesWhatATerminalWouldObey) {
  EXPECT_EQ(printable("aß€"), "aß€");
  EXPECT_EQ(printable(std::string_view("\0\x1B[31m\x7F\t", 8)), "\\x00\\x1B[31m\\x7F\\x09");
  EXPECT_EQ(printable("\xFF\xC2\x9B"), "\\xFF\\xC2\\x9B");
}

TEST(Printable, ShowsWhatIsInvisible) {
  EXPECT_EQ(printable("a b\u00A0c"), "a b\\xC2\\xA0c");
  EXPECT_EQ(printable("\u202E\u200B\uFEFF"), "\\xE2\\x80\\xAE\\xE2\\x80\\x8B\\xEF\\xBB\\xBF");
}

TEST(Printable, CutsLongText) {
  EXPECT_EQ(printable("abcdef", 6), "abcdef");
  EXPECT_EQ(printable("abcdef", 5), "abcde...");
  EXPECT_EQ(printable(std::string(1000000, 'x'), 80).size(), 83u);
}

TEST(FindTextFault, NamesTheByteAndItsPlace) {
  EXPECT_EQ(find_text_fault("aß\t\u0085\u2028"), std::nullopt);
  EXPECT_EQ(find_text_fault("ß\x01"), "byte 3 (\\x01) is a control character");
  EXPECT_EQ(find_text_fault(std::string_view("\0", 1)), "byte 1 (\\x00) is a control character");
  EXPECT_EQ(find_text_fault("ab\xE4"), "byte 3 (\\xE4) is not UTF-8");
}

TEST(IsSpace, FollowsUnicodesWhiteSpace) {
  for (char32_t c : U"\t\n\v\f\r \u0085\u00A0\u1680\u2000\u200A\u2028\u2029\u202F\u205F\u3000") {
    if (c == 0) continue;  // the literal's own end
    EXPECT_TRUE(is_space(c)) << std::hex << static_cast<uint32_t>(c);
  }
  for (char32_t c :
       {0x00, 0x08, 0x0E, 0x1C, 0x1F, 0x21, 0x84, 0x180E, 0x1FFF, 0x200B, 0x2060, 0x3001, 0xFEFF}) {
    EXPECT_FALSE(is_space(c)) << std::hex << static_cast<uint32_t>(c);
  }
}

TEST(IsBlank, KnowsWideSpaces) {
  EXPECT_TRUE(is_blank(""));
  EXPECT_TRUE(is_blank(" \t\u3000\u2028"));
  EXPECT_FALSE(is_blank(" \u3000."));
  EXPECT_FALSE(is_blank("\xFF"));
}

TEST(Trim, TakesAsciiSpaceAlone) {
  EXPECT_EQ(trim(" \t\r\n\v\fa b \n"), "a b");
  EXPECT_EQ(trim("\u3000a"), "\u3000a");
  EXPECT_EQ(trim("   "), "");
}

TEST(LowerAscii, LeavesOtherLettersAlone) { EXPECT_EQ(lower_ascii("AZ[a\u00c4"), "az[a\u00c4"); }

TEST(ReplaceAll, ReplacesEverywhere) {
  std::string text = "aaa&b&";
  replace_all(text, "aa", "a");
  replace_all(text, "&", "&&");
  replace_all(text, "c", "d");
  EXPECT_EQ(text, "aa&&b&&");
}

TEST(ByteOfPiece, KnowsTwoLargeDigits) {
  EXPECT_EQ(byte_of_piece("<0xE2>"), '\xE2');
  for (const char* other : {"", "<0xe2>", "<0xE>", "<0xE2", "<0xE2>>", "0xE2"}) {
    EXPECT_FALSE(byte_of_piece(other)) << other;
  }
}

TEST(Split, KeepsEmptyParts) {
  EXPECT_EQ(split("a,,b,", ','), (Strings{"a", "", "b", ""}));
  EXPECT_EQ(split("", ','), Strings{""});
}

TEST(SplitWords, DropsEmptyParts) {
  EXPECT_EQ(split_words("  a\tb \n c"), (Strings{"a", "b", "c"}));
  EXPECT_EQ(split_words("a\u3000b"), Strings{"a\u3000b"});
  EXPECT_EQ(split_words(" "), Strings{});
}

TEST(Join, PutsTheSeparatorBetween) {
  EXPECT_EQ(join({"a", "", "b"}, ", "), "a, , b");
  EXPECT_EQ(join({}, ", "), "");
}

TEST(ParseInt, TakesWholeNumbersAlone) {
  EXPECT_EQ(parse_int("0"), 0);
  EXPECT_EQ(parse_int("-12"), -12);
  EXPECT_EQ(parse_int("9223372036854775807"), std::numeric_limits<int64_t>::max());
  EXPECT_EQ(parse_int("-9223372036854775808"), std::numeric_limits<int64_t>::min());
  for (const char* text : {"", " 1", "1 ", "+1", "1.0", "1e3", "0x10", "12abc", "1,000", "-", "nan",
                           "9223372036854775808", "-9223372036854775809", "١"}) {
    EXPECT_EQ(parse_int(text), std::nullopt) << text;
  }
}

TEST(ParseReal, TakesFiniteDecimalsAlone) {
  EXPECT_EQ(parse_real("0.5"), 0.5);
  EXPECT_EQ(parse_real("-5e-4"), -5e-4);
  EXPECT_EQ(parse_real(".5"), 0.5);
  EXPECT_EQ(parse_real("3"), 3.0);
  for (const char* text : {"", " 1", "0,5", "nan", "NaN", "inf", "-infinity", "1e999", "0x1p3",
                           "12abc", "1.2.3", "+1", "1e", "."}) {
    EXPECT_EQ(parse_real(text), std::nullopt) << text;
  }
}

TEST(NearestName, FindsWhatWasMeant) {
  const Strings names = {"learning_rate", "label_smoothing", "seed", "layers", "heads"};
  EXPECT_EQ(nearest_name("learning_rte", names), "learning_rate");
  EXPECT_EQ(nearest_name("learnign_rate", names), "learning_rate");
  EXPECT_EQ(nearest_name("sead", names), "seed");
  EXPECT_EQ(nearest_name("s\u0435\u0435d", names), "seed");  // two Cyrillic letters, two edits
  EXPECT_EQ(nearest_name("seed", names), "seed");
  // A swap is one edit, so that "heads" is nearer than what takes two.
  EXPECT_EQ(nearest_name("hedas", {"hedaxx", "heads"}), "heads");
}

TEST(NearestName, FindsNothingWhereNothingIsNear) {
  EXPECT_EQ(nearest_name("temperature", {"seed", "layers"}), "");
  EXPECT_EQ(nearest_name("", {"seed", "layers"}), "");
  EXPECT_EQ(nearest_name("seed", {}), "");
  EXPECT_EQ(nearest_name(std::string(5000000, 'x'), {"seed", "layers"}), "");
}

TEST(WithCommas, GroupsByThree) {
  EXPECT_EQ(with_commas(0), "0");
  EXPECT_EQ(with_commas(999), "999");
  EXPECT_EQ(with_commas(1000), "1,000");
  EXPECT_EQ(with_commas(12345678), "12,345,678");
  EXPECT_EQ(with_commas(-999), "-999");
  EXPECT_EQ(with_commas(-123456), "-123,456");
  EXPECT_EQ(with_commas(std::numeric_limits<int64_t>::min()), "-9,223,372,036,854,775,808");
}

TEST(FormatDuration, ChoosesTwoUnits) {
  EXPECT_EQ(format_duration(0), "0.0s");
  EXPECT_EQ(format_duration(9.3), "9.3s");
  EXPECT_EQ(format_duration(59.4), "59s");
  EXPECT_EQ(format_duration(59.6), "1m00s");
  EXPECT_EQ(format_duration(83), "1m23s");
  EXPECT_EQ(format_duration(3599.7), "1h00m");
  EXPECT_EQ(format_duration(3723.4), "1h02m");
  EXPECT_EQ(format_duration(360000), "100h00m");
}

TEST(FormatDuration, RoundsUpAcrossAUnit) { EXPECT_EQ(format_duration(9.97), "10s"); }

}  // namespace
}  // namespace heed
