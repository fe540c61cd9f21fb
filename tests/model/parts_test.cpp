#include "model/parts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "model/tiny_model.h"

namespace heed {
namespace {

using ::testing::UnorderedElementsAreArray;

TEST(PartsTest, NamesOfParametersTellTheirPart) {
  for (const char* name : {"encoder_0.self_attention.output.weight", "encoder_norm.bias",
                           "encoder.forward_0.input.weight"}) {
    EXPECT_EQ(part_of(name), "encoder") << name;
  }
  for (const char* name : {"decoder_1.self_attention.output.weight", "decoder_0.cross_norm.bias",
                           "decoder_norm.weight", "decoder.cell_0.input.weight"}) {
    EXPECT_EQ(part_of(name), "decoder") << name;
  }
  for (const char* name : {"decoder_1.cross_attention.key_value.bias", "decoder.attention.score"}) {
    EXPECT_EQ(part_of(name), "attention") << name;
  }
  for (const char* name :
       {"vocabulary.source.weight", "vocabulary.target.weight", "source_embedding.learned"}) {
    EXPECT_EQ(part_of(name), "embeddings") << name;
  }
  EXPECT_EQ(part_of("vocabulary.output_bias"), "output");
  EXPECT_TRUE(is_in("vocabulary.output_weight", {"encoder", "output"}));
  EXPECT_FALSE(is_in("vocabulary.output_weight", {"encoder"}));
}

// No kind of model has a part that a name could miss.
TEST(PartsTest, EveryModelHasAllParts) {
  for (const tiny::NamedConfig& config : tiny::all_configs()) {
    std::set<std::string_view> parts;
    for (const auto& item : tiny::random_model(config.config)->named_parameters()) {
      parts.insert(part_of(item.key()));
    }
    std::set<std::string_view> expected(kParts.begin(), kParts.end());
    bool plain =
        config.config.attention_score == "dot" || config.config.attention_score == "scaled_dot";
    if (config.config.architecture == "recurrent" && plain) parts.insert("attention");
    EXPECT_THAT(parts, UnorderedElementsAreArray(expected)) << config.name;
  }
}

}  // namespace
}  // namespace heed
