#include "report/attention_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>

#include "util/error.h"
#include "util/text.h"

namespace heed {
namespace {

using Json = nlohmann::ordered_json;

// The page is an .html file whose first and last lines make it a C++ raw string.
constexpr std::string_view kTemplate =
#include "report/attention_page.html"
    ;

constexpr std::string_view kWordMark = "▁";
constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr float kSlack = 1e-3f;  // rounding of low precision may leave [0, 1] by this much

int thousandths(float weight) {
  return static_cast<int>(std::lround(std::clamp(weight, 0.0f, 1.0f) * 1000));
}

bool is_control_piece(std::string_view piece) {
  return piece == "</s>" || piece == "<s>" || piece == "<pad>";
}

// The byte of a byte piece such as "<0xE2>".
std::optional<char> byte_of(std::string_view piece) {
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

struct CodeRange {
  char32_t first, last;
};

template <size_t N>
bool in_ranges(char32_t c, const std::array<CodeRange, N>& ranges) {
  return std::any_of(ranges.begin(), ranges.end(),
                     [c](CodeRange range) { return c >= range.first && c <= range.last; });
}

// Scripts written without spaces between words.
bool starts_unspaced(std::string_view piece) {
  static constexpr std::array<CodeRange, 9> kRanges{{{0x0E00, 0x0EFF},      // Thai, Lao
                                                     {0x1000, 0x109F},      // Burmese
                                                     {0x1780, 0x17FF},      // Khmer
                                                     {0x3040, 0x30FF},      // kana
                                                     {0x31F0, 0x31FF},      // kana
                                                     {0x3400, 0x4DBF},      // Han
                                                     {0x4E00, 0x9FFF},      // Han
                                                     {0xF900, 0xFAFF},      // Han
                                                     {0x20000, 0x3FFFF}}};  // Han
  return !piece.empty() && in_ranges(decode_utf8(piece, 0).code_point, kRanges);
}

std::string surface(std::string_view piece) {
  if (auto byte = byte_of(piece)) return std::string(1, *byte);
  std::string text;
  bool at_start = true;
  while (!piece.empty()) {
    if (piece.starts_with(kWordMark)) {
      if (!at_start) text += ' ';
      piece.remove_prefix(kWordMark.size());
    } else {
      text += piece.front();
      piece.remove_prefix(1);
    }
    at_start = false;
  }
  return text;
}

bool is_punctuation(char32_t c) {
  if (c < 0x80) return c > 0x20 && std::ispunct(static_cast<int>(c));
  // Latin-1, Armenian, Arabic, danda, dashes and quotes, CJK, full width.
  static constexpr std::array<CodeRange, 13> kRanges{{{0x00A1, 0x00A7},
                                                      {0x00AB, 0x00AB},
                                                      {0x00B6, 0x00B7},
                                                      {0x00BB, 0x00BB},
                                                      {0x00BF, 0x00BF},
                                                      {0x0589, 0x058A},
                                                      {0x060C, 0x061F},
                                                      {0x06D4, 0x06D4},
                                                      {0x0964, 0x0965},
                                                      {0x2010, 0x205E},
                                                      {0x3001, 0x3011},
                                                      {0xFF01, 0xFF0F},
                                                      {0xFF1A, 0xFF20}}};
  return in_ranges(c, kRanges);
}

// Without a letter or digit: punctuation, or a lone word mark.
bool is_bare(std::string_view piece) {
  std::u32string text = to_utf32(surface(piece));
  return !byte_of(piece) && std::all_of(text.begin(), text.end(), is_punctuation);
}

// Whether a space stands before the piece, or a control piece on either side.
bool opens_chunk(const std::vector<std::string>& pieces, size_t at) {
  return pieces[at].starts_with(kWordMark) || is_control_piece(pieces[at]) ||
         is_control_piece(pieces[at - 1]);
}

// Where words open among the pieces between two spaces.
std::vector<size_t> openings_in_chunk(const std::vector<std::string>& pieces, size_t begin,
                                      size_t end) {
  std::vector<size_t> openings{begin};
  auto open = [&](size_t at) {  // a lone word mark is no word: it belongs to what follows
    bool empty = true;
    for (size_t i = openings.back(); i < at; ++i) empty = empty && surface(pieces[i]).empty();
    if (!empty) openings.push_back(at);
  };
  size_t core = begin, tail = end;
  while (core < end && is_bare(pieces[core])) ++core;
  while (tail > core && is_bare(pieces[tail - 1])) --tail;
  for (size_t at = core; at < tail; ++at) {
    if (at == core || starts_unspaced(pieces[at])) open(at);
  }
  if (core < tail && tail < end) open(tail);
  return openings;
}

std::string_view kind_key(AttentionKind kind) {
  switch (kind) {
    case AttentionKind::kCross:
      return "cross";
    case AttentionKind::kEncoderSelf:
      return "encoder_self";
    case AttentionKind::kDecoderSelf:
      return "decoder_self";
  }
  return "";
}

enum class WeightForm { kNumbers, kPacked };

Json weights_json(const AttentionMap& map, size_t columns, WeightForm form) {
  if (form == WeightForm::kPacked) return pack_weights(map.weights);
  Json rows = Json::array();
  for (size_t at = 0; at < map.weights.size(); at += columns) {
    Json row = Json::array();
    for (size_t column = 0; column < columns; ++column) {
      row.push_back(thousandths(map.weights[at + column]) / 1000.0);
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

Json side_json(const std::string& language, const std::string& text,
               const std::vector<std::string>& pieces) {
  AttentionWords words = join_pieces(pieces);
  return {{"language", language},
          {"text", text},
          {"pieces", pieces},
          {"words", words.texts},
          {"word_of_piece", words.word_of_piece}};
}

Json document_json(const AttentionDocument& document, WeightForm form) {
  check_attention(document);
  Json sentences = Json::array();
  for (const AttentionSentence& sentence : document.sentences) {
    Json maps = Json::array();
    for (const AttentionMap& map : sentence.maps) {
      size_t columns = attention_axes(sentence, map.kind).columns.size();
      maps.push_back({{"kind", kind_key(map.kind)},
                      {"layer", map.layer},
                      {"head", map.head},
                      {"weights", weights_json(map, columns, form)}});
    }
    sentences.push_back({{"source", side_json(document.source_language, sentence.source_text,
                                              sentence.source_pieces)},
                         {"target", side_json(document.target_language, sentence.target_text,
                                              sentence.target_pieces)},
                         {"maps", std::move(maps)}});
  }
  Json facts = Json::array();
  for (const auto& [key, value] : document.facts) facts.push_back(Json::array({key, value}));
  return {{"format", "heed-attention-1"},
          {"title", document.title},
          {"facts", std::move(facts)},
          {"sentences", std::move(sentences)}};
}

// JSON that may stand anywhere in HTML and in JavaScript: none of the replaced characters has a
// meaning in JSON, so they occur only inside its strings.
std::string embeddable(const Json& json) {
  std::string text = json.dump(-1, ' ', false, Json::error_handler_t::replace);
  std::string out;
  out.reserve(text.size() + text.size() / 64);
  for (size_t at = 0; at < text.size(); ++at) {
    std::string_view rest = std::string_view(text).substr(at, 3);
    if (rest == "\u2028" || rest == "\u2029") {
      out += rest == "\u2028" ? "\\u2028" : "\\u2029";
      at += 2;
    } else if (text[at] == '<' || text[at] == '>' || text[at] == '&') {
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(text[at]));
    } else {
      out += text[at];
    }
  }
  return out;
}

std::string escape_html(std::string_view text) {
  std::string out;
  for (char c : text) {
    switch (c) {
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '&':
        out += "&amp;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

void check_map(const AttentionSentence& sentence, const AttentionMap& map, size_t number) {
  AttentionAxes axes = attention_axes(sentence, map.kind);
  size_t rows = axes.rows.size(), columns = axes.columns.size();
  if (map.weights.size() != rows * columns) {
    fail("sentence {}, {}: expected {} x {} = {} weights, got {}", number, map_name(map), rows,
         columns, rows * columns, map.weights.size());
  }
  for (size_t i = 0; i < map.weights.size(); ++i) {
    float weight = map.weights[i];
    if (weight >= -kSlack && weight <= 1 + kSlack) continue;  // false for NaN too
    fail("sentence {}, {}: the weight at row {}, column {} is {}; expected a number from 0 to 1",
         number, map_name(map), i / columns + 1, i % columns + 1, weight);
  }
}

}  // namespace

std::string map_name(const AttentionMap& map) {
  std::string_view kind = map.kind == AttentionKind::kCross         ? "cross-attention"
                          : map.kind == AttentionKind::kEncoderSelf ? "encoder self-attention"
                                                                    : "decoder self-attention";
  return fmt::format("{}, layer {}, head {}", kind, map.layer, map.head);
}

void check_attention(const AttentionDocument& document) {
  for (size_t i = 0; i < document.sentences.size(); ++i) {
    for (const AttentionMap& map : document.sentences[i].maps) {
      check_map(document.sentences[i], map, i + 1);
    }
  }
}

AttentionAxes attention_axes(const AttentionSentence& sentence, AttentionKind kind) {
  const auto& source = sentence.source_pieces;
  const auto& target = sentence.target_pieces;
  if (kind == AttentionKind::kCross) return {target, source};
  if (kind == AttentionKind::kEncoderSelf) return {source, source};
  std::vector<std::string> input;
  if (!target.empty()) {
    input.push_back("<s>");
    input.insert(input.end(), target.begin(), target.end() - 1);
  }
  return {target, input};
}

AttentionWords join_pieces(const std::vector<std::string>& pieces) {
  AttentionWords words;
  for (size_t begin = 0; begin < pieces.size();) {
    size_t end = begin + 1;
    while (end < pieces.size() && !opens_chunk(pieces, end)) ++end;
    std::vector<size_t> openings = openings_in_chunk(pieces, begin, end);
    for (size_t at = begin; at < end; ++at) {
      if (std::find(openings.begin(), openings.end(), at) != openings.end()) {
        words.texts.emplace_back();
      }
      words.texts.back() += surface(pieces[at]);
      words.word_of_piece.push_back(static_cast<int>(words.texts.size()) - 1);
    }
    begin = end;
  }
  for (std::string& text : words.texts) {
    text = text.empty() ? std::string(kWordMark) : repair_utf8(text);
  }
  return words;
}

std::vector<float> merge_to_words(const std::vector<float>& weights, const AttentionWords& rows,
                                  const AttentionWords& columns) {
  size_t row_pieces = rows.word_of_piece.size(), column_pieces = columns.word_of_piece.size();
  if (weights.size() != row_pieces * column_pieces) {
    fail("merging to words: expected {} x {} = {} weights, got {}", row_pieces, column_pieces,
         row_pieces * column_pieces, weights.size());
  }
  std::vector<float> merged(rows.texts.size() * columns.texts.size());
  std::vector<int> pieces_of_word(rows.texts.size());
  for (int word : rows.word_of_piece) ++pieces_of_word[word];
  for (size_t i = 0; i < row_pieces; ++i) {
    int word = rows.word_of_piece[i];
    for (size_t j = 0; j < column_pieces; ++j) {
      merged[word * columns.texts.size() + columns.word_of_piece[j]] +=
          weights[i * column_pieces + j] / static_cast<float>(pieces_of_word[word]);
    }
  }
  return merged;
}

std::string pack_weights(const std::vector<float>& weights) {
  std::string packed;
  packed.reserve(weights.size() + weights.size() / 4);
  for (float weight : weights) {
    int value = thousandths(weight);
    if (value < 48) {
      packed += kDigits[value];
    } else {
      packed += kDigits[48 + (value - 48) / 64];
      packed += kDigits[(value - 48) % 64];
    }
  }
  return packed;
}

std::string render_attention_json(const AttentionDocument& document) {
  return document_json(document, WeightForm::kNumbers)
             .dump(-1, ' ', false, Json::error_handler_t::replace) +
         "\n";
}

std::string render_attention_html(const AttentionDocument& document) {
  std::string page;
  std::string_view rest = kTemplate;
  while (true) {
    size_t open = rest.find("{{");
    page += rest.substr(0, open);
    if (open == std::string_view::npos) return page;
    size_t close = rest.find("}}", open);
    std::string_view name = rest.substr(open + 2, close - open - 2);
    page += name == "title" ? escape_html(repair_utf8(document.title))
                            : embeddable(document_json(document, WeightForm::kPacked));
    rest.remove_prefix(close + 2);
  }
}

}  // namespace heed
