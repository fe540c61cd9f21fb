// The rules for Western languages that mteval-v13a, sacreBLEU's zh tokeniser and Tercom share.
#pragma once

#include <string>
#include <string_view>

namespace heed {

enum class Side { kFirst, kSecond };

// Where a character that `first` accepts stands before one that `second` accepts, the one at kMark
// gets a space on both sides. From left to right; a character is in one pair at most. Used on bytes
// for ASCII rules: a byte of a longer UTF-8 sequence counts as "no digit", which leaves it whole.
template <Side kMark, typename Text, typename First, typename Second>
void space_pairs(const Text& in, Text& out, First first, Second second) {
  out.clear();
  size_t i = 0, copied = 0;
  while (i + 1 < in.size()) {
    // Marks are rare, so the test for them comes first.
    bool pair = kMark == Side::kFirst ? first(in[i]) && second(in[i + 1])
                                      : second(in[i + 1]) && first(in[i]);
    if (!pair) {
      ++i;
      continue;
    }
    out.append(in, copied, i - copied);
    if (kMark == Side::kFirst) out += ' ';
    out += in[i];
    out += ' ';
    out += in[i + 1];
    if (kMark == Side::kSecond) out += ' ';
    i += 2;
    copied = i;
  }
  out.append(in, copied);
}

// &quot; &amp; &lt; &gt;, one after the other.
void unescape_entities(std::string& text);

// ASCII punctuation but for . , - and ' gets a space on both sides.
void space_ascii_punctuation(std::string_view text, std::string& out);
// Period and comma apart unless a digit is on both sides; a dash behind a digit apart. Overwrites
// both strings; the result is in `text`.
void space_number_marks(std::string& text, std::string& scratch);

// Both of them: mteval-v13a's language-dependent part.
void space_western_tokens(std::string_view text, std::string& out);

}  // namespace heed
