#include "report/attention_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "report/page_html.h"
#include "report/page_script.h"
#include "report/page_style.h"
#include "report/page_template.h"
#include "report/page_theme.h"
#include "util/error.h"

namespace heed {
namespace {

using Json = nlohmann::ordered_json;

constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr float kSlack = 1e-3f;  // rounding of low precision may leave [0, 1] by this much

int thousandths(float weight) {
  return static_cast<int>(std::lround(std::clamp(weight, 0.0f, 1.0f) * 1000));
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
      maps.push_back({{"kind", attention_kind_key(map.kind)},
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

std::string_view attention_kind_key(AttentionKind kind) {
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
  // The page's own parts are as they are in src/report/page; only the document's need escaping.
  return fill_page(kPageHtml, [&](std::string_view name) -> std::string {
    if (name == "theme") return std::string(kPageTheme);
    if (name == "style") return std::string(kPageStyle);
    if (name == "script") return std::string(kPageScript);
    if (name == "data") return embeddable(document_json(document, WeightForm::kPacked));
    return escape_html(document.title);
  });
}

}  // namespace heed
