#include "config/presets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "config/ini.h"
#include "config/options.h"
#include "util/atomic_file.h"
#include "util/error.h"
#include "util/file_content.h"
#include "util/paths.h"

namespace heed {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

Config open_config() {
  Config config = default_config();
  config.data.train_source = {"a"};
  config.data.train_target = {"b"};
  config.data.dev_source = "c";
  config.data.dev_target = "d";
  config.output.folder = "e";
  config.open = preset_options();
  return config;
}

TEST(Presets, AreChosenByTheNumberOfPairs) {
  for (auto [pairs, name] : {std::pair<int64_t, const char*>{0, "small"},
                             {9'999, "small"},
                             {10'000, "medium"},
                             {99'999, "medium"},
                             {100'000, "large"},
                             {1'000'000'000'000, "large"}}) {
    EXPECT_EQ(preset_for(pairs).name, name) << pairs;
  }
}

TEST(Presets, HoldValuesThatTheirOptionsTake) {
  for (const Preset& preset : preset_table()) {
    Config config = open_config();
    EXPECT_EQ(apply_preset(preset, config), preset_options());
    EXPECT_TRUE(config.open.empty());
    EXPECT_NO_THROW(check_config(config));
    for (const std::string& name : preset_options()) {
      size_t dot = name.find('.');
      const Option* option = find_option(name.substr(0, dot), name.substr(dot + 1));
      ASSERT_NE(option, nullptr) << name;
      EXPECT_EQ(option->get(config), preset_value(preset, name)) << name;
    }
  }
}

TEST(Presets, LeaveAloneWhatIsNotOpen) {
  Config config = open_config();
  config.training.learning_rate = 0.5;
  std::erase(config.open, "training.learning_rate");
  auto chosen = apply_preset(preset_for(1), config);
  EXPECT_EQ(config.training.learning_rate, 0.5);
  EXPECT_THAT(chosen, Not(Contains("training.learning_rate")));
  EXPECT_EQ(config.tokenizer.vocab_size,
            std::stoll(preset_value(preset_for(1), "tokenizer.vocab_size")));
}

TEST(Presets, GiveWayToWhatIsGiven) {
  Config config = open_config();
  config.evaluation.beam_size = 0;
  config.tokenizer.type = "char";
  config.output.keep_best = 2;
  std::erase(config.open, "output.keep_best");
  apply_preset(preset_for(1), config);
  EXPECT_EQ(config.training.stopping_metric.name(), "loss");
  EXPECT_EQ(config.tokenizer.sampling_alpha, 0);
  EXPECT_LE(config.training.average_checkpoints, 2);
  EXPECT_NO_THROW(check_config(config));

  config = open_config();
  config.training.average_checkpoints = 8;
  std::erase(config.open, "training.average_checkpoints");
  apply_preset(preset_for(1), config);
  EXPECT_EQ(config.output.keep_best, 8);
  EXPECT_NO_THROW(check_config(config));
}

TEST(Presets, AreNamedWithTheirValues) {
  Config config = default_config();
  config.model.layers = 7;
  EXPECT_EQ(describe_keys(config, {"model.layers", "training.seed"}), "layers = 7, seed = 1");
  EXPECT_THROW(preset_value(preset_for(1), "data.dev"), Error);
}

// Compares with the committed file, or rewrites that where HEED_UPDATE_GOLDEN is 1.
TEST(Presets, HaveFilesThatSayTheSame) {
  for (const Preset& preset : preset_table()) {
    std::string path = HEED_SOURCE_DIR "/configs/" + preset.name + "-data.ini";
    const char* update = std::getenv("HEED_UPDATE_GOLDEN");
    if (update != nullptr && std::string(update) == "1") {
      write_file_atomically(path, render_preset_ini(preset));
    }
    ASSERT_TRUE(file_exists(path)) << path;
    EXPECT_EQ(read_file(path), render_preset_ini(preset))
        << path << ": HEED_UPDATE_GOLDEN=1 ctest -R config.Presets writes it anew";
    Config read = load_config(path, {}), chosen = open_config();
    apply_preset(preset, chosen);
    for (const std::string& name : preset_options()) {
      size_t dot = name.find('.');
      const Option* option = find_option(name.substr(0, dot), name.substr(dot + 1));
      EXPECT_EQ(option->get(read), option->get(chosen)) << path << ": " << name;
    }
    EXPECT_NO_THROW(check_config(read));
  }
}

TEST(Presets, AreShownBelowTheOptions) {
  for (const std::string& text : {render_presets_markdown(), render_presets_text()}) {
    for (const Preset& preset : preset_table()) EXPECT_THAT(text, HasSubstr(preset.range));
    for (const std::string& name : preset_options()) EXPECT_THAT(text, HasSubstr(name));
  }
}

}  // namespace
}  // namespace heed
