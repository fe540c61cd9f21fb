#include "report/attention_svg.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "alignment/word_weights.h"
#include "report/page_template.h"
#include "util/error.h"
#include "util/text.h"

namespace heed {
namespace {

constexpr float kGamma = 0.7f;
// Even steps of lightness in OKLCH from paper to deep blue; the page's light theme has the same.
constexpr std::array<std::array<int, 3>, 7> kStops{{{0xf0, 0xf4, 0xf7},
                                                    {0xa2, 0xd4, 0xfa},
                                                    {0x64, 0xaf, 0xf1},
                                                    {0x3b, 0x88, 0xda},
                                                    {0x2a, 0x61, 0xb4},
                                                    {0x23, 0x3f, 0x81},
                                                    {0x1a, 0x23, 0x47}}};

constexpr double kCell = 28, kFont = 13, kMargin = 12, kGap = 8;
constexpr float kNumberFrom = 0.05f;  // smaller weights are drawn but not written out

// Text for XML 1.0, which admits no control characters.
std::string escape_xml(std::string_view text) {
  std::string admitted;
  for (size_t at = 0; at < text.size();) {
    DecodedChar c = decode_utf8(text, at);
    at += c.bytes;
    bool banned = c.code_point < 0x20 || c.code_point == 0xFFFE || c.code_point == 0xFFFF;
    append_utf8(admitted, banned ? U'\uFFFD' : c.code_point);
  }
  return escape_html(admitted);
}

// Estimated, as no font is at hand: wide scripts take a full em, the rest about 0.58.
double text_width(std::string_view text) {
  double ems = 0;
  for (size_t at = 0; at < text.size();) {
    DecodedChar c = decode_utf8(text, at);
    at += c.bytes;
    ems += c.code_point >= 0x1100 ? 1.0 : 0.58;
  }
  return ems * kFont;
}

double widest(const std::vector<std::string>& labels) {
  double width = 0;
  for (const std::string& label : labels) width = std::max(width, text_width(label));
  return width;
}

struct Layout {
  double left, top, width, height;  // where the cells begin; the size of the whole picture
};

Layout lay_out(const AttentionMatrix& matrix) {
  double left = kMargin + widest(matrix.rows) + kGap;
  double top = kMargin + widest(matrix.columns) + kGap;
  return {left, top, left + kCell * static_cast<double>(matrix.columns.size()) + kMargin,
          top + kCell * static_cast<double>(matrix.rows.size()) + kMargin};
}

std::string labels_svg(const AttentionMatrix& matrix, const Layout& layout) {
  std::string out;
  for (size_t i = 0; i < matrix.rows.size(); ++i) {
    double y = layout.top + kCell * (static_cast<double>(i) + 0.5);
    out +=
        fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" dy=\".35em\" text-anchor=\"end\">{}</text>\n",
                    layout.left - kGap, y, escape_xml(matrix.rows[i]));
  }
  for (size_t j = 0; j < matrix.columns.size(); ++j) {
    double x = layout.left + kCell * (static_cast<double>(j) + 0.5);
    out += fmt::format(
        "<text transform=\"translate({:.1f} {:.1f}) rotate(-90)\" dy=\".35em\">{}</text>\n", x,
        layout.top - kGap, escape_xml(matrix.columns[j]));
  }
  return out;
}

std::string cells_svg(const AttentionMatrix& matrix, const Layout& layout) {
  std::string cells, numbers;
  for (size_t at = 0; at < matrix.weights.size(); ++at) {
    float weight = std::clamp(matrix.weights[at], 0.0f, 1.0f);
    if (weight < 0.0005f) continue;  // the background shows through
    double x = layout.left + kCell * static_cast<double>(at % matrix.columns.size());
    double y = layout.top + kCell * static_cast<double>(at / matrix.columns.size());
    cells += fmt::format(
        "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.0f}\" height=\"{:.0f}\" fill=\"{}\"/>\n",
        x + .5, y + .5, kCell - 1, kCell - 1, attention_colour(weight));
    if (weight < kNumberFrom) continue;
    numbers +=
        fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" fill=\"{}\">{:.2f}</text>\n", x + kCell / 2,
                    y + kCell / 2, weight > 0.42f ? "#ffffff" : "#1d2327", weight);
  }
  return fmt::format("<g>\n{}</g>\n<g font-size=\"9.5\" text-anchor=\"middle\">\n", cells) +
         fmt::format("<g transform=\"translate(0 3.3)\">\n{}</g>\n</g>\n", numbers);
}

bool chosen(const AttentionMap& map, const AttentionSvgOptions& options) {
  return map.kind == options.kind && (options.layer == 0 || map.layer == options.layer) &&
         (options.head == 0 || map.head == options.head);
}

std::string describe(const AttentionSvgOptions& options) {
  std::string kind = map_name({options.kind, 1, 1, {}});
  kind.resize(kind.find(','));
  std::string layer = options.layer ? fmt::format("layer {}", options.layer) : "all layers";
  std::string head = options.head ? fmt::format("head {}", options.head) : "all heads";
  return fmt::format("{}, {}, {}", kind, layer, head);
}

}  // namespace

std::string attention_colour(float weight) {
  float place = std::pow(std::clamp(weight, 0.0f, 1.0f), kGamma) * (kStops.size() - 1);
  size_t stop = std::min(static_cast<size_t>(place), kStops.size() - 2);
  float part = place - static_cast<float>(stop);
  std::string colour = "#";
  for (size_t channel = 0; channel < 3; ++channel) {
    auto from = static_cast<float>(kStops[stop][channel]);
    auto to = static_cast<float>(kStops[stop + 1][channel]);
    colour += fmt::format("{:02x}", std::lround(from + (to - from) * part));
  }
  return colour;
}

AttentionMatrix attention_matrix(const AttentionSentence& sentence,
                                 const AttentionSvgOptions& options) {
  AttentionAxes axes = attention_axes(sentence, options.kind);
  AttentionMatrix matrix{axes.rows, axes.columns,
                         std::vector<float>(axes.rows.size() * axes.columns.size()), 0};
  for (const AttentionMap& map : sentence.maps) {
    if (!chosen(map, options)) continue;
    if (map.weights.size() != matrix.weights.size()) {
      fail("{}: expected {} x {} = {} weights, got {}", map_name(map), axes.rows.size(),
           axes.columns.size(), matrix.weights.size(), map.weights.size());
    }
    for (size_t i = 0; i < map.weights.size(); ++i) matrix.weights[i] += map.weights[i];
    ++matrix.maps;
  }
  if (matrix.maps == 0) {
    fail("the sentence holds no map of {}; it holds {} maps", describe(options),
         sentence.maps.size());
  }
  for (float& weight : matrix.weights) weight /= static_cast<float>(matrix.maps);
  AttentionWords rows = join_pieces(axes.rows), columns = join_pieces(axes.columns);
  return {rows.texts, columns.texts,
          merge_to_words(matrix.weights, rows.word_of_piece, columns.word_of_piece).weights,
          matrix.maps};
}

std::string render_attention_svg(const AttentionSentence& sentence,
                                 const AttentionSvgOptions& options) {
  AttentionMatrix matrix = attention_matrix(sentence, options);
  Layout layout = lay_out(matrix);
  std::string out = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0:.0f} {1:.0f}\" width=\"{0:.0f}\" "
      "height=\"{1:.0f}\" role=\"img\" font-family=\"system-ui, sans-serif\" font-size=\"{2:.0f}\" "
      "fill=\"#1d2327\">\n",
      layout.width, layout.height, kFont);
  out += fmt::format("<title>Attention ({})</title>\n<desc>{} → {}</desc>\n", describe(options),
                     escape_xml(sentence.source_text), escape_xml(sentence.target_text));
  out += "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n";
  out += fmt::format(
      "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.0f}\" height=\"{:.0f}\" fill=\"{}\"/>\n",
      layout.left, layout.top, kCell * static_cast<double>(matrix.columns.size()),
      kCell * static_cast<double>(matrix.rows.size()), attention_colour(0));
  out += labels_svg(matrix, layout);
  return out + cells_svg(matrix, layout) + "</svg>\n";
}

}  // namespace heed
