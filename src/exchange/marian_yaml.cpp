#include "exchange/marian_yaml.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "util/error.h"
#include "util/text.h"

namespace heed {
namespace {

// Lines without their ends; the last one need not have one.
class Lines {
 public:
  explicit Lines(std::string_view text) : rest_(text) {}
  bool next(std::string_view& line) {
    if (rest_.empty()) return false;
    size_t end = std::min(rest_.find('\n'), rest_.size());
    line = rest_.substr(0, end);
    rest_.remove_prefix(std::min(rest_.size(), end + 1));
    if (line.ends_with('\r')) line.remove_suffix(1);
    ++number_;
    return true;
  }
  int64_t number() const { return number_; }

 private:
  std::string_view rest_;
  int64_t number_ = 0;
};

std::optional<char32_t> hexadecimal(std::string_view digits) {
  char32_t value = 0;
  if (digits.empty()) return std::nullopt;
  for (char digit : digits) {
    size_t at = std::string_view("0123456789abcdef").find(digit | 0x20);
    if (at == std::string_view::npos) return std::nullopt;
    value = value << 4 | static_cast<char32_t>(at);
  }
  return value;
}

// YAML 1.2.2, section 5.7: the character of an escape, and how many characters it takes behind the
// backslash.
struct Escaped {
  char32_t character;
  size_t length;
};
std::optional<Escaped> escaped(std::string_view rest) {
  if (rest.empty()) return std::nullopt;
  for (auto [mark, digits] : {std::pair('x', 2), std::pair('u', 4), std::pair('U', 8)}) {
    if (rest[0] != mark) continue;
    auto count = static_cast<size_t>(digits);
    auto value = hexadecimal(rest.substr(1, count));
    if (rest.size() < 1 + count || !value || *value > 0x10FFFF) return std::nullopt;
    return Escaped{*value, 1 + count};
  }
  constexpr std::string_view kMarks = "0abt\tnvfre \"/\\N_LP";
  constexpr char32_t kCharacters[] = {0,    7,   8,   '\t', '\t', '\n', '\v', '\f',   '\r',
                                      0x1B, ' ', '"', '/',  '\\', 0x85, 0xA0, 0x2028, 0x2029};
  size_t at = kMarks.find(rest[0]);
  if (at == std::string_view::npos) return std::nullopt;
  return Escaped{kCharacters[at], 1};
}

// A scalar's text at the beginning of `text`, which is cut off there: plain ones reach to its end.
// Nothing for quotes that do not end and escapes that are none.
std::optional<std::string> take_scalar(std::string_view& text) {
  if (!text.starts_with('"') && !text.starts_with('\'')) {
    std::string plain(trim(text));
    text = {};
    return plain;
  }
  char quote = text[0];
  std::string value;
  for (size_t at = 1; at < text.size(); ++at) {
    char c = text[at];
    bool doubled = quote == '\'' && text.substr(at).starts_with("''");
    if (c == quote && !doubled) {
      text.remove_prefix(at + 1);
      return value;
    }
    if (doubled) ++at;
    if (quote == '\'' || c != '\\') {
      value += c;
      continue;
    }
    auto found = escaped(text.substr(at + 1));
    if (!found) return std::nullopt;
    append_utf8(value, found->character);
    at += found->length;
  }
  return std::nullopt;
}

std::optional<std::string> scalar(std::string_view text) {
  text = trim(text);
  auto value = take_scalar(text);
  return trim(text).empty() ? value : std::nullopt;
}

// `[a, "b"]`, or one value.
std::optional<std::vector<std::string>> values_of(std::string_view text) {
  text = trim(text);
  if (text.empty()) return std::vector<std::string>{};
  std::vector<std::string> values;
  bool is_list = text.starts_with('[') && text.ends_with(']');
  auto parts = is_list ? split(text.substr(1, text.size() - 2), ',')
                       : std::vector<std::string>{std::string(text)};
  for (const std::string& part : parts) {
    auto value = scalar(part);
    if (!value) return std::nullopt;
    if (!is_list || !value->empty()) values.push_back(*value);
  }
  return values;
}

// The piece and what stands behind its colon; nothing where the line is no entry.
struct Entry {
  std::string piece;
  std::string_view id;
};
std::optional<Entry> entry_of(std::string_view line) {
  if (line.starts_with('"') || line.starts_with('\'')) {
    auto piece = take_scalar(line);
    line = trim(line);
    if (!piece || !line.starts_with(':')) return std::nullopt;
    return Entry{*piece, line.substr(1)};
  }
  size_t colon = line.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return std::nullopt;
  return Entry{std::string(line.substr(0, colon)), line.substr(colon + 1)};
}

std::vector<std::string> in_order(std::map<int64_t, std::string> pieces, const std::string& where) {
  std::vector<std::string> ordered;
  for (auto& [id, piece] : pieces) {
    if (id != std::ssize(ordered)) {
      fail("{}: no piece has id {}, and one has {}", where, ordered.size(), id);
    }
    ordered.push_back(std::move(piece));
  }
  return ordered;
}

}  // namespace

MarianOptions::MarianOptions(std::string_view text, const std::string& where) : where_(where) {
  Lines lines(text);
  std::string key;  // that items belong to
  for (std::string_view line; lines.next(line);) {
    std::string_view content = trim(line);
    if (content.empty() || content.starts_with('#') || content == "---") continue;
    bool nested = line.starts_with(' ');
    auto broken = [&] {
      fail("{}:{}: \"{}\" is no option: expected `key: value`", where, lines.number(),
           printable(content, 80));
    };
    if (content == "-" || content.starts_with("- ")) {
      auto value = scalar(content.substr(1));
      if (!value || key.empty()) broken();
      values_[key].push_back(*value);
      continue;
    }
    if (nested) continue;
    size_t colon = content.find(':');
    if (colon == 0 || colon == std::string_view::npos) broken();
    auto values = values_of(content.substr(colon + 1));
    if (!values) broken();
    key = std::string(trim(content.substr(0, colon)));
    values_[key] = std::move(*values);
  }
}

std::string MarianOptions::text(const std::string& key, const std::string& otherwise) const {
  auto found = values_.find(key);
  return found == values_.end() || found->second.empty() ? otherwise : found->second[0];
}

std::vector<std::string> MarianOptions::list(const std::string& key) const {
  auto found = values_.find(key);
  return found == values_.end() ? std::vector<std::string>{} : found->second;
}

double MarianOptions::number(const std::string& key, double otherwise) const {
  if (!has(key)) return otherwise;
  std::string value = text(key, "");
  auto number = parse_real(value);
  if (!number) fail("{}: {}: {} is no number", where_, key, printable(value, 40));
  return *number;
}

std::vector<std::string> read_marian_vocabulary(std::string_view text, const std::string& where) {
  Lines lines(text);
  std::map<int64_t, std::string> pieces;
  std::optional<std::string> waiting;  // of a `? piece` line
  for (std::string_view line; lines.next(line);) {
    if (trim(line).empty()) continue;
    std::optional<Entry> entry;
    if (!waiting && line.starts_with("? ")) {
      waiting = scalar(line.substr(2));
      if (waiting) continue;
    } else if (waiting && line.starts_with(": ")) {
      entry = Entry{*std::exchange(waiting, std::nullopt), line.substr(2)};
    } else if (!waiting) {
      entry = entry_of(line);
    }
    auto id = entry ? parse_int(trim(entry->id)) : std::nullopt;
    if (!id || *id < 0) {
      fail("{}:{}: \"{}\" is no entry: expected `piece: id`", where, lines.number(),
           printable(line, 80));
    }
    if (!pieces.emplace(*id, entry->piece).second) {
      fail("{}:{}: id {} comes twice", where, lines.number(), *id);
    }
  }
  if (waiting) fail("{}: the piece \"{}\" has no id", where, printable(*waiting, 80));
  return in_order(std::move(pieces), where);
}

}  // namespace heed
