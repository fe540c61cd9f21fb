// What a training is made of where nobody says it: sizes by the number of its pairs. THE table of
// them; configs/small-data.ini and its kin are made from it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"

namespace heed {

struct Preset {
  std::string name;   // "small"
  int64_t below;      // it is for fewer pairs than this
  std::string range;  // "below 10,000 pairs"
};
// From the smallest to the largest, which is for any number.
const std::vector<Preset>& preset_table();
const Preset& preset_for(int64_t pairs);

// Options that a preset sets: "model.layers".
std::vector<std::string> preset_options();
// The value of one, as it is written in an INI file.
const std::string& preset_value(const Preset& preset, std::string_view option);

// Sets the keys that are still open (Config::open) and closes them, but for values that what was
// given rules out: those stay at their defaults. Returns the names of the keys that it set.
std::vector<std::string> apply_preset(const Preset& preset, Config& config);

// "vocab_size = 1000, dropout = 0.3": of these keys.
std::string describe_keys(const Config& config, const std::vector<std::string>& options);

// configs/NAME-data.ini: the preset written out, for who wants to change it.
std::string render_preset_ini(const Preset& preset);
// The table as it stands below the options.
std::string render_presets_markdown();
std::string render_presets_text();

}  // namespace heed
