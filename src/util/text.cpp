#include "util/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>

namespace heed {
namespace {

constexpr char32_t kReplacement = 0xFFFD;

// Length of the sequence that a lead byte announces; 0 for a byte that cannot lead.
int sequence_length(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead < 0xE0) return 2;
  if (lead >= 0xE0 && lead < 0xF0) return 3;
  if (lead >= 0xF0 && lead < 0xF5) return 4;
  return 0;
}

bool in_range(char32_t code_point, int length) {
  if (length == 3) return code_point >= 0x800 && (code_point < 0xD800 || code_point > 0xDFFF);
  if (length == 4) return code_point >= 0x10000 && code_point <= 0x10FFFF;
  return true;
}

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

// Damerau-Levenshtein distance (optimal string alignment).
size_t edit_distance(std::u32string_view a, std::u32string_view b) {
  std::vector<std::vector<size_t>> cost(a.size() + 1, std::vector<size_t>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); ++i) cost[i][0] = i;
  for (size_t j = 0; j <= b.size(); ++j) cost[0][j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    for (size_t j = 1; j <= b.size(); ++j) {
      size_t replace = cost[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      cost[i][j] = std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, replace});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
      }
    }
  }
  return cost[a.size()][b.size()];
}

// Whether the next eight bytes are ASCII without NULs: what most of most texts is made of.
bool starts_with_plain_eight(std::string_view text) {
  uint64_t bytes;
  if (text.size() < sizeof bytes) return false;
  std::memcpy(&bytes, text.data(), sizeof bytes);
  constexpr uint64_t kOnes = 0x0101010101010101, kHighs = kOnes << 7;
  bool has_zero = ((bytes - kOnes) & ~bytes & kHighs) != 0;
  return (bytes & kHighs) == 0 && !has_zero;
}

}  // namespace

std::optional<char> byte_of_piece(std::string_view piece) {
  if (piece.size() != 6 || !piece.starts_with("<0x") || piece[5] != '>') return std::nullopt;
  int value = 0;
  for (char digit : piece.substr(3, 2)) {
    value *= 16;
    if (digit >= '0' && digit <= '9') {
      value += digit - '0';
    } else if (digit >= 'A' && digit <= 'F') {
      value += digit - 'A' + 10;
    } else {
      return std::nullopt;
    }
  }
  return static_cast<char>(value);
}

DecodedChar decode_utf8(std::string_view text, size_t at) {
  auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  int length = sequence_length(byte(at));
  if (length == 1) return {byte(at), 1, true};
  if (length == 0 || at + length > text.size()) return {kReplacement, 1, false};
  char32_t code_point = byte(at) & (0xFF >> (length + 1));
  for (int i = 1; i < length; ++i) {
    if ((byte(at + i) & 0xC0) != 0x80) return {kReplacement, 1, false};
    code_point = (code_point << 6) | (byte(at + i) & 0x3F);
  }
  if (!in_range(code_point, length)) return {kReplacement, 1, false};
  return {code_point, length, true};
}

void append_utf8(std::string& out, char32_t c) {
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xC0 | (c >> 6));
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    out += static_cast<char>(0xE0 | (c >> 12));
    out += static_cast<char>(0x80 | ((c >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | (c >> 18));
    out += static_cast<char>(0x80 | ((c >> 12) & 0x3F));
    out += static_cast<char>(0x80 | ((c >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  }
}

std::u32string to_utf32(std::string_view text) {
  std::u32string out;
  out.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    DecodedChar c = decode_utf8(text, at);
    out += c.code_point;
    at += c.bytes;
  }
  return out;
}

std::string to_utf8(std::u32string_view text) {
  std::string out;
  out.reserve(text.size());
  for (char32_t c : text) append_utf8(out, c);
  return out;
}

size_t utf8_length(std::string_view text) {
  size_t count = 0;
  for (size_t at = 0; at < text.size(); ++count) at += decode_utf8(text, at).bytes;
  return count;
}

bool needs_repair(std::string_view text) {
  for (size_t at = 0; at < text.size();) {
    if (starts_with_plain_eight(text.substr(at))) {
      at += 8;
      continue;
    }
    DecodedChar c = decode_utf8(text, at);
    if (!c.valid || c.code_point == 0) return true;
    at += c.bytes;
  }
  return false;
}

std::string repair_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    DecodedChar c = decode_utf8(text, at);
    append_utf8(out, c.code_point == 0 ? kReplacement : c.code_point);
    at += c.bytes;
  }
  return out;
}

std::string_view truncate_utf8(std::string_view text, size_t bytes) {
  if (text.size() <= bytes) return text;
  size_t end = bytes;
  while (end > 0 && is_continuation(text[end])) --end;
  // No character has more than three bytes after its first: what goes on longer is not UTF-8.
  return text.substr(0, bytes - end > 3 ? bytes : end);
}

std::string printable(std::string_view text, size_t bytes) {
  std::string out;
  for (size_t at = 0; at < text.size();) {
    DecodedChar c = decode_utf8(text, at);
    if (out.size() >= bytes) return out + "...";
    for (int i = 0; i < c.bytes; ++i) {
      if (c.valid && !is_control(c.code_point) && !is_invisible(c.code_point)) {
        out += text[at + i];
      } else {
        out += fmt::format("\\x{:02X}", static_cast<unsigned char>(text[at + i]));
      }
    }
    at += c.bytes;
  }
  return out;
}

std::optional<std::string> find_text_fault(std::string_view text) {
  for (size_t at = 0; at < text.size();) {
    DecodedChar c = decode_utf8(text, at);
    if (!c.valid) {
      return fmt::format("byte {} ({}) is not UTF-8", at + 1, printable(text.substr(at, 1)));
    }
    if (c.code_point != '\t' && is_control(c.code_point) && c.bytes == 1) {
      return fmt::format("byte {} ({}) is a control character", at + 1,
                         printable(text.substr(at, 1)));
    }
    at += c.bytes;
  }
  return std::nullopt;
}

bool is_space(char32_t c) {
  if (c <= 0x20) return c == 0x20 || (c >= 0x09 && c <= 0x0D);
  return c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 ||
         c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

bool is_ascii_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

bool is_control(char32_t c) { return c < 0x20 || (c >= 0x7F && c < 0xA0); }

bool is_invisible(char32_t c) {
  return (c != ' ' && is_space(c)) || c == 0xAD || (c >= 0x200B && c <= 0x200F) ||
         (c >= 0x202A && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF;
}

bool is_blank(std::string_view text) {
  for (size_t at = 0; at < text.size();) {
    DecodedChar c = decode_utf8(text, at);
    if (!is_space(c.code_point)) return false;
    at += c.bytes;
  }
  return true;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_ascii_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_ascii_space(text.back())) text.remove_suffix(1);
  return text;
}

std::string lower_ascii(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  size_t at = text.find(from);
  if (at == std::string::npos) return;
  std::string out;
  size_t copied = 0;
  for (; at != std::string::npos; at = text.find(from, copied)) {
    out.append(text, copied, at - copied).append(to);
    copied = at + from.size();
  }
  out.append(text, copied);
  text = std::move(out);
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  size_t start = 0;
  for (size_t end; (end = text.find(separator, start)) != std::string_view::npos; start = end + 1) {
    parts.emplace_back(text.substr(start, end - start));
  }
  parts.emplace_back(text.substr(start));
  return parts;
}

std::vector<std::string> split_words(std::string_view text) {
  std::vector<std::string> words;
  size_t at = 0;
  while (at < text.size()) {
    while (at < text.size() && is_ascii_space(text[at])) ++at;
    size_t start = at;
    while (at < text.size() && !is_ascii_space(text[at])) ++at;
    if (at > start) words.emplace_back(text.substr(start, at - start));
  }
  return words;
}

std::string join(const std::vector<std::string>& parts, std::string_view separator) {
  std::string out;
  for (size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) out += separator;
    out += parts[i];
  }
  return out;
}

std::optional<int64_t> parse_int(std::string_view text) {
  int64_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<double> parse_real(std::string_view text) {
  double value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (!std::isfinite(value)) return std::nullopt;
  return value;
}

std::string nearest_name(std::string_view name, const std::vector<std::string>& names) {
  std::u32string wanted = to_utf32(name);
  std::string best;
  size_t best_distance = std::max<size_t>(2, wanted.size() / 3) + 1;
  for (const std::string& candidate : names) {
    std::u32string other = to_utf32(candidate);
    // At least the difference in length; this also bounds the work for an absurdly long name.
    if (std::max(wanted.size(), other.size()) - std::min(wanted.size(), other.size()) >=
        best_distance) {
      continue;
    }
    size_t distance = edit_distance(wanted, other);
    if (distance < best_distance) {
      best_distance = distance;
      best = candidate;
    }
  }
  return best;
}

std::string with_commas(int64_t value) {
  std::string digits = std::to_string(value);
  int first = value < 0 ? 1 : 0;
  for (int at = static_cast<int>(digits.size()) - 3; at > first; at -= 3) digits.insert(at, 1, ',');
  return digits;
}

std::string format_duration(double seconds) {
  if (seconds < 9.95) return fmt::format("{:.1f}s", seconds);
  auto whole = static_cast<int64_t>(std::llround(seconds));
  if (whole < 60) return fmt::format("{}s", whole);
  if (whole < 3600) return fmt::format("{}m{:02}s", whole / 60, whole % 60);
  return fmt::format("{}h{:02}m", whole / 3600, whole % 3600 / 60);
}

}  // namespace heed
