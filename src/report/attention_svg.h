// One attention matrix as a stand-alone SVG picture, for a paper or a web page.
#pragma once

#include <string>
#include <vector>

#include "report/attention_page.h"

namespace heed {

struct AttentionSvgOptions {
  AttentionKind kind = AttentionKind::kCross;
  int layer = 0;  // from 1; 0 averages over all layers
  int head = 0;   // from 1; 0 averages over all heads
};

// A matrix with its labels, ready to draw.
struct AttentionMatrix {
  std::vector<std::string> rows, columns;
  std::vector<float> weights;  // [rows, columns]
  int maps = 0;                // how many maps the average is over
};

// The average of the maps that the options choose, by words. Throws Error where the
// sentence holds no such map.
AttentionMatrix attention_matrix(const AttentionSentence& sentence,
                                 const AttentionSvgOptions& options);

std::string render_attention_svg(const AttentionSentence& sentence,
                                 const AttentionSvgOptions& options = {});

// "#rrggbb" for a weight in [0, 1]: one hue, darker for more, so that it reads without colour
// vision. The scale rises as the weight to the power 0.7, which keeps small weights visible.
std::string attention_colour(float weight);

}  // namespace heed
