#include "server/markup_tokens.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>
#include <optional>
#include <utility>

#include "util/text.h"

namespace heed {
namespace {

// Elements that end a line of text; any other name stands in one.
constexpr auto kBlocks = std::to_array<std::string_view>(
    {"address",    "article", "aside",    "audio",   "blockquote", "body",     "br",
     "button",     "canvas",  "caption",  "center",  "col",        "colgroup", "dd",
     "details",    "dialog",  "dir",      "div",     "dl",         "dt",       "fieldset",
     "figcaption", "figure",  "footer",   "form",    "frame",      "frameset", "h1",
     "h2",         "h3",      "h4",       "h5",      "h6",         "head",     "header",
     "hgroup",     "hr",      "html",     "iframe",  "legend",     "li",       "link",
     "main",       "map",     "menu",     "meta",    "nav",        "noframes", "noscript",
     "object",     "ol",      "optgroup", "option",  "p",          "param",    "picture",
     "pre",        "script",  "search",   "section", "select",     "source",   "style",
     "summary",    "svg",     "table",    "tbody",   "td",         "template", "textarea",
     "tfoot",      "th",      "thead",    "title",   "tr",         "track",    "ul",
     "video",      "xmp"});
// Elements without content and end.
constexpr auto kVoid = std::to_array<std::string_view>(
    {"area", "base", "basefont", "br", "col", "embed", "frame", "hr", "img", "input", "keygen",
     "link", "meta", "param", "source", "track", "wbr"});
// Elements whose content is text, whatever looks like a tag in it.
constexpr auto kRaw = std::to_array<std::string_view>(
    {"script", "style", "textarea", "xmp", "iframe", "noembed", "noframes"});
// Elements whose content is not for translation.
constexpr auto kUntranslated = std::to_array<std::string_view>(
    {"pre", "code", "kbd", "samp", "var", "svg", "math", "template"});

// HTML's names of characters: those of HTML 4 that text has need of.
constexpr auto kEntities = std::to_array<std::pair<std::string_view, char32_t>>(
    {{"amp", U'&'},      {"lt", U'<'},       {"gt", U'>'},       {"quot", U'"'},
     {"apos", U'\''},    {"nbsp", 0xA0},     {"iexcl", 0xA1},    {"cent", 0xA2},
     {"pound", 0xA3},    {"yen", 0xA5},      {"sect", 0xA7},     {"copy", 0xA9},
     {"laquo", 0xAB},    {"shy", 0xAD},      {"reg", 0xAE},      {"deg", 0xB0},
     {"plusmn", 0xB1},   {"sup2", 0xB2},     {"sup3", 0xB3},     {"acute", 0xB4},
     {"micro", 0xB5},    {"para", 0xB6},     {"middot", 0xB7},   {"raquo", 0xBB},
     {"frac12", 0xBD},   {"frac14", 0xBC},   {"frac34", 0xBE},   {"iquest", 0xBF},
     {"Agrave", 0xC0},   {"Aacute", 0xC1},   {"Acirc", 0xC2},    {"Atilde", 0xC3},
     {"Auml", 0xC4},     {"Aring", 0xC5},    {"AElig", 0xC6},    {"Ccedil", 0xC7},
     {"Egrave", 0xC8},   {"Eacute", 0xC9},   {"Ecirc", 0xCA},    {"Euml", 0xCB},
     {"Igrave", 0xCC},   {"Iacute", 0xCD},   {"Icirc", 0xCE},    {"Iuml", 0xCF},
     {"ETH", 0xD0},      {"Ntilde", 0xD1},   {"Ograve", 0xD2},   {"Oacute", 0xD3},
     {"Ocirc", 0xD4},    {"Otilde", 0xD5},   {"Ouml", 0xD6},     {"times", 0xD7},
     {"Oslash", 0xD8},   {"Ugrave", 0xD9},   {"Uacute", 0xDA},   {"Ucirc", 0xDB},
     {"Uuml", 0xDC},     {"Yacute", 0xDD},   {"THORN", 0xDE},    {"szlig", 0xDF},
     {"agrave", 0xE0},   {"aacute", 0xE1},   {"acirc", 0xE2},    {"atilde", 0xE3},
     {"auml", 0xE4},     {"aring", 0xE5},    {"aelig", 0xE6},    {"ccedil", 0xE7},
     {"egrave", 0xE8},   {"eacute", 0xE9},   {"ecirc", 0xEA},    {"euml", 0xEB},
     {"igrave", 0xEC},   {"iacute", 0xED},   {"icirc", 0xEE},    {"iuml", 0xEF},
     {"eth", 0xF0},      {"ntilde", 0xF1},   {"ograve", 0xF2},   {"oacute", 0xF3},
     {"ocirc", 0xF4},    {"otilde", 0xF5},   {"ouml", 0xF6},     {"divide", 0xF7},
     {"oslash", 0xF8},   {"ugrave", 0xF9},   {"uacute", 0xFA},   {"ucirc", 0xFB},
     {"uuml", 0xFC},     {"yacute", 0xFD},   {"thorn", 0xFE},    {"yuml", 0xFF},
     {"OElig", 0x152},   {"oelig", 0x153},   {"Scaron", 0x160},  {"scaron", 0x161},
     {"ensp", 0x2002},   {"emsp", 0x2003},   {"thinsp", 0x2009}, {"zwnj", 0x200C},
     {"zwj", 0x200D},    {"ndash", 0x2013},  {"mdash", 0x2014},  {"lsquo", 0x2018},
     {"rsquo", 0x2019},  {"sbquo", 0x201A},  {"ldquo", 0x201C},  {"rdquo", 0x201D},
     {"bdquo", 0x201E},  {"dagger", 0x2020}, {"bull", 0x2022},   {"hellip", 0x2026},
     {"permil", 0x2030}, {"lsaquo", 0x2039}, {"rsaquo", 0x203A}, {"euro", 0x20AC},
     {"trade", 0x2122},  {"larr", 0x2190},   {"rarr", 0x2192},   {"minus", 0x2212},
     {"ne", 0x2260},     {"le", 0x2264},     {"ge", 0x2265}});

constexpr size_t kLongestEntity = 34;  // bytes, & and ; included

template <typename List>
bool holds(const List& list, std::string_view name) {
  return std::ranges::find(list, name) != list.end();
}

bool is_name_char(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_' || c == ':';
}

char lower(char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); }

// Where `word` (lower case) begins in `text` in any case, from `from` on.
size_t find_lower(std::string_view text, std::string_view word, size_t from) {
  for (size_t at = from; at + word.size() <= text.size(); ++at) {
    if (std::ranges::equal(text.substr(at, word.size()), word, {}, lower)) return at;
  }
  return std::string_view::npos;
}

// Whether a tag begins at the front of `text`, which begins with <.
bool begins_tag(std::string_view text) {
  size_t at = text.starts_with("</") ? 2 : 1;
  return at < text.size() && std::isalpha(static_cast<unsigned char>(text[at])) != 0;
}

std::string name_of(std::string_view tag) {
  std::string name;
  for (size_t at = tag.starts_with("</") ? 2 : 1; at < tag.size() && is_name_char(tag[at]); ++at) {
    name += lower(tag[at]);
  }
  return name;
}

bool asks_for_no_translation(std::string_view tag) {
  for (std::string_view sign :
       {"translate=\"no\"", "translate='no'", "translate=no", "notranslate"}) {
    if (find_lower(tag, sign, 0) != std::string_view::npos) return true;
  }
  return false;
}

// Comments, declarations, processing instructions: their length, 0 where there is none. One without
// an end goes to the end of the text.
size_t declaration_length(std::string_view text) {
  if (!text.starts_with("<!") && !text.starts_with("<?")) return 0;
  bool comment = text.starts_with("<!--");
  size_t end = comment ? text.find("-->", 4) : text.find('>');
  if (end == std::string_view::npos) return text.size();
  return end + (comment ? 3 : 1);
}

// Takes the tokens off the front of a text.
class Reader {
 public:
  explicit Reader(std::string_view html) : html_(html), rest_(html), looked_(html.size()) {
    size_t last = html.rfind('>');
    last_end_ = html.data() + (last == std::string_view::npos ? 0 : last);
  }

  std::vector<MarkupToken> read() {
    while (!rest_.empty()) {
      if (rest_[0] != '<') {
        take_text(std::min(rest_.find('<'), rest_.size()));
      } else if (size_t declaration = declaration_length(rest_)) {
        tokens_.push_back({MarkupKind::kObject, take(declaration)});
      } else if (!can_end(rest_) && (begins_tag(rest_) || rest_ == "</")) {
        // The text breaks off in a tag: what is left of it is no text.
        tokens_.push_back({MarkupKind::kObject, take(rest_.size())});
      } else if (size_t tag = can_end(rest_) ? tag_length(rest_) : 0) {
        take_tag(tag);
      } else {
        take_text(std::min(rest_.find('<', 1), rest_.size()));
      }
    }
    return std::move(tokens_);
  }

 private:
  // Whether a > follows. Else looking for it, again and again, would take for ever.
  bool can_end(std::string_view text) const { return text.data() < last_end_; }

  // The length of a tag at the front of `text`, which holds a >; 0 where there is none. A quote
  // that is never closed is none.
  size_t tag_length(std::string_view text) {
    if (!begins_tag(text)) return 0;
    auto* looked = looked_.data() + (text.data() - html_.data());
    char quote = 0;
    for (size_t at = 1; at < text.size(); ++at) {
      // One that came here in the same way, from a tag before, found no end.
      uint8_t way = quote == 0 ? 1 : quote == '"' ? 2 : 4;
      if ((looked[at] & way) != 0) break;
      looked[at] |= way;
      char c = text[at];
      if (quote != 0) {
        if (c == quote) quote = 0;
      } else if ((c == '"' || c == '\'') && text[at - 1] == '=') {
        quote = c;
      } else if (c == '>') {
        return at + 1;
      }
    }
    return text.find('>') + 1;
  }

  std::string_view take(size_t length) {
    std::string_view taken = rest_.substr(0, length);
    rest_.remove_prefix(length);
    return taken;
  }

  void take_text(size_t length) {
    std::string_view text = take(length);
    bool goes_on = !tokens_.empty() && tokens_.back().kind == MarkupKind::kText;
    if (goes_on) {
      std::string_view& last = tokens_.back().raw;
      last = {last.data(), last.size() + text.size()};
    } else {
      tokens_.push_back({MarkupKind::kText, text});
    }
  }

  void take_tag(size_t length) {
    std::string_view tag = rest_.substr(0, length);
    std::string name = name_of(tag);
    bool block = holds(kBlocks, name), closing = tag.starts_with("</");
    bool empty = holds(kVoid, name) || (tag.ends_with("/>") && !block);
    bool left_alone =
        !closing && !empty &&
        (holds(kRaw, name) || holds(kUntranslated, name) || asks_for_no_translation(tag));
    if (left_alone) {
      take_element(length, name, block);
    } else if (block || empty) {
      tokens_.push_back({block ? MarkupKind::kBlock : MarkupKind::kObject, take(length), name});
    } else {
      tokens_.push_back({closing ? MarkupKind::kClose : MarkupKind::kOpen, take(length), name});
    }
  }

  // An element with all that is in it; to the end of the text where it is never closed.
  void take_element(size_t open, const std::string& name, bool block) {
    bool raw = holds(kRaw, name);
    size_t at = open, end = rest_.size(), depth = 1;
    while (depth > 0) {
      at = find_lower(rest_, raw ? "</" + name : "<", at);
      if (at == std::string_view::npos) break;
      size_t tag = can_end(rest_.substr(at)) ? tag_length(rest_.substr(at)) : 0;
      std::string_view found = rest_.substr(at, tag);
      if (tag > 0 && name_of(found) == name && !found.ends_with("/>")) {
        if (!found.starts_with("</")) {
          ++depth;
        } else if (--depth == 0) {
          end = at;
          at += tag;
          break;
        }
      }
      at += std::max<size_t>(tag, 1);
    }
    std::string_view content = rest_.substr(open, end - open);
    size_t length = depth == 0 ? at : rest_.size();
    tokens_.push_back(
        {block ? MarkupKind::kBlock : MarkupKind::kObject, take(length), name, content});
  }

  std::string_view html_, rest_;
  std::vector<uint8_t> looked_;  // at each byte, the ways in which tag_length() has come there
  const char* last_end_;         // the text's last >
  std::vector<MarkupToken> tokens_;
};

// The character that an entity, without & and ;, stands for.
std::optional<char32_t> character_of(std::string_view entity) {
  if (!entity.starts_with('#')) {
    auto found =
        std::ranges::find(kEntities, entity, &std::pair<std::string_view, char32_t>::first);
    if (found == kEntities.end()) return std::nullopt;
    return found->second;
  }
  entity.remove_prefix(1);
  bool hex = entity.starts_with('x') || entity.starts_with('X');
  if (hex) entity.remove_prefix(1);
  char32_t number = 0;
  for (char c : entity) {
    int digit = std::isdigit(static_cast<unsigned char>(c)) != 0 ? c - '0' : lower(c) - 'a' + 10;
    if (std::isxdigit(static_cast<unsigned char>(c)) == 0 || (!hex && digit > 9))
      return std::nullopt;
    number = number * (hex ? 16 : 10) + static_cast<char32_t>(digit);
    if (number > 0x10FFFF) return std::nullopt;
  }
  bool surrogate = number >= 0xD800 && number <= 0xDFFF;
  if (entity.empty() || number == 0 || surrogate) return std::nullopt;
  return number;
}

}  // namespace

std::vector<MarkupToken> markup_tokens(std::string_view html) { return Reader(html).read(); }

std::string visible_text(std::string_view html) {
  std::string text;
  for (const MarkupToken& token : markup_tokens(html)) {
    if (token.kind == MarkupKind::kText) text += decode_entities(token.raw);
    if (token.kind == MarkupKind::kBlock) text += '\n';
  }
  return text;
}

std::string decode_entities(std::string_view text) {
  std::string out;
  for (size_t at = 0; at < text.size();) {
    size_t end =
        text[at] == '&' ? text.substr(at, kLongestEntity).find(';') : std::string_view::npos;
    auto character =
        end == std::string_view::npos ? std::nullopt : character_of(text.substr(at + 1, end - 1));
    if (character) {
      append_utf8(out, *character);
      at += end + 1;
    } else {
      out += text[at++];
    }
  }
  return out;
}

std::string encode_entities(std::string_view text) {
  std::string out;
  for (size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '&') {
      // A name that is not known here may be known to the reader.
      size_t end = text.substr(at, kLongestEntity).find(';');
      std::string_view name = end == std::string_view::npos ? "" : text.substr(at + 1, end - 1);
      bool unknown =
          !name.empty() && std::ranges::all_of(name, is_name_char) && !character_of(name);
      out += unknown ? "&" : "&amp;";
    } else if (text[at] == '<') {
      out += "&lt;";
    } else if (text[at] == '>') {
      out += "&gt;";
    } else if (text.substr(at, 2) == "\xC2\xA0") {
      out += "&nbsp;";
      ++at;
    } else {
      out += text[at];
    }
  }
  return out;
}

}  // namespace heed
