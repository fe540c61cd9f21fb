// Attention to look at: what a model attended to, as data and as one self-contained HTML page.
//
// Letters: T target pieces, S source pieces. A map is [rows, columns], row-major; each row says how
// one piece spread its attention over the columns.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "alignment/words.h"
#include "report/attention_words.h"

namespace heed {

// What the rows and the columns of a map are.
//   kCross        [T, S]  target pieces over source pieces
//   kEncoderSelf  [S, S]  source pieces over source pieces
//   kDecoderSelf  [T, T]  target pieces over the decoder's input, the target shifted by one: column
//                         0 is the start symbol "<s>", column j the target piece j - 1
enum class AttentionKind { kCross, kEncoderSelf, kDecoderSelf };

struct AttentionMap {
  AttentionKind kind = AttentionKind::kCross;
  int layer = 1;               // from 1
  int head = 1;                // from 1; a recurrent decoder has layer 1, head 1
  std::vector<float> weights;  // [rows, columns], each in [0, 1]
};

struct AttentionSentence {
  std::string source_text, target_text;
  // SentencePiece pieces: "▁" marks the start of a word; "</s>" may end either side.
  std::vector<std::string> source_pieces, target_pieces;
  std::vector<AttentionMap> maps;
  // The word of each piece in its text, for measures by word; see alignment/words.h. Pages do not
  // need them.
  PieceWords source_words = {}, target_words = {};
};

struct AttentionDocument {
  std::string title;
  // Shown under the title, e.g. {"model", "transformer, 3 layers, 4 heads"}.
  std::vector<std::pair<std::string, std::string>> facts;
  // BCP 47 tags such as "en", for the browser's fonts and for screen readers; empty if unknown.
  std::string source_language, target_language;
  std::vector<AttentionSentence> sentences;
};

// "cross", "encoder_self" or "decoder_self": the kind in JSON.
std::string_view attention_kind_key(AttentionKind kind);

// "cross-attention, layer 2, head 3".
std::string map_name(const AttentionMap& map);

// Throws Error where a map does not fit its sentence, naming the map and both sizes, or where a
// weight is not a number in [0, 1].
void check_attention(const AttentionDocument& document);

// The labels of a map's rows and columns. The pieces of an axis are its labels until merged.
struct AttentionAxes {
  std::vector<std::string> rows, columns;
};
AttentionAxes attention_axes(const AttentionSentence& sentence, AttentionKind kind);

// The whole document as JSON for other programs. Weights are rows of numbers with three decimals:
//   {"format": "heed-attention-1", "title", "facts": [[key, value]...],
//    "sentences": [{"source": {"language", "text", "pieces", "words", "word_of_piece"},
//                   "target": {the same},
//                   "maps": [{"kind": "cross" | "encoder_self" | "decoder_self", "layer", "head",
//                             "weights": [[...]...]}...]}...]}
std::string render_attention_json(const AttentionDocument& document);

// One HTML file that needs nothing else. It carries the same JSON, in which the weights of a map
// are one string (see pack_weights), so that a hundred sentences with 24 heads stay a few
// megabytes.
std::string render_attention_html(const AttentionDocument& document);

// Thousandths, row-major, in the 64 characters A-Z a-z 0-9 - _: up to 47 is one character; above,
// two: 48 + (thousandths - 48) / 64, then (thousandths - 48) % 64.
std::string pack_weights(const std::vector<float>& weights);

}  // namespace heed
