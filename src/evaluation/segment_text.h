// The text rules that sacreBLEU inherits from Python's str, on UTF-8.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace heed {

// python_space_bytes() for characters beyond ASCII.
int wide_space_bytes(std::string_view text, size_t at);

// Bytes of the white-space character that starts at text[at], 0 where none does. Python's
// str.isspace: Unicode's White_Space property and U+001C to U+001F.
inline int python_space_bytes(std::string_view text, size_t at) {
  auto byte = static_cast<unsigned char>(text[at]);
  if (byte <= ' ') return byte == ' ' || (byte >= 0x09 && byte <= 0x0D) || byte >= 0x1C;
  // Every white-space character beyond ASCII starts with one of these four bytes.
  bool wide = byte == 0xC2 || (byte >= 0xE1 && byte <= 0xE3);
  return wide ? wide_space_bytes(text, at) : 0;
}

// str.rstrip() and str.strip(). sacreBLEU's command line applies the first to every line it reads,
// so a program that reads files should too before it scores them.
std::string_view strip_end(std::string_view text);
std::string_view strip_both(std::string_view text);

// str.split(): the words between white space, as views into `text`; `words` is overwritten.
void split_on_spaces(std::string_view text, std::vector<std::string_view>& words);

// str.lower(): Unicode's full mapping, final sigma included; no language's own rules.
std::string to_lower(std::string_view text);

}  // namespace heed
