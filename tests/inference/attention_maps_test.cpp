#include "decoding/attention_maps.h"

#include <gtest/gtest.h>

#include "inference/compiled.h"

namespace heed {
namespace {

TEST(AttentionMapsTest, EveryLayerAndHeadHasAMapThatFitsItsSentence) {
  ModelConfig config = tiny::transformer_config();  // 2 layers, 2 heads
  auto model = tiny::random_model(config);
  auto maps =
      attention_maps(*tiny::compiled(*model), {{{4, 5, 6}, {7}}, {{8}, {9, 10, 4, 5}}}, {}, {});
  ASSERT_EQ(maps.size(), 2u);
  std::vector<std::pair<size_t, size_t>> lengths = {{4, 2}, {2, 5}};  // S and T with end symbols
  for (size_t i = 0; i < 2; ++i) {
    auto [source, target] = lengths[i];
    ASSERT_EQ(maps[i].size(), 12u);
    std::map<AttentionKind, size_t> sizes = {{AttentionKind::kCross, target * source},
                                             {AttentionKind::kEncoderSelf, source * source},
                                             {AttentionKind::kDecoderSelf, target * target}};
    for (size_t m = 0; m < 12; ++m) {
      EXPECT_EQ(maps[i][m].weights.size(), sizes.at(maps[i][m].kind));
      EXPECT_EQ(maps[i][m].layer, static_cast<int>(m % 4 / 2) + 1);
      EXPECT_EQ(maps[i][m].head, static_cast<int>(m % 2) + 1);
    }
  }
}

TEST(AttentionMapsTest, TheirMeanIsWhatAStepReports) {
  for (const auto& [name, config] : tiny::all_configs()) {
    SCOPED_TRACE(name);
    auto model = tiny::random_model(config);
    auto maps = attention_maps(*tiny::compiled(*model), {{{4, 5, 6}, {7, 8}}}, {}, {})[0];
    auto inference = tiny::compiled(*model);
    auto decoding = inference->begin(tiny::sources({{4, 5, 6}}), {.attention = true});
    std::vector<int64_t> inputs = {SpecialIds{}.begin, 7, 8};
    for (size_t t = 0; t < inputs.size(); ++t) {
      decoding->take({inputs[t]});
      std::vector<float> attention = decoding->attention().values;
      for (size_t s = 0; s < 4; ++s) {
        double sum = 0, count = 0;
        for (const AttentionMap& map : maps) {
          if (map.kind != AttentionKind::kCross) continue;
          sum += map.weights[t * 4 + s];
          ++count;
        }
        EXPECT_NEAR(attention[s], sum / count, 1e-5);
      }
    }
  }
}

}  // namespace
}  // namespace heed
