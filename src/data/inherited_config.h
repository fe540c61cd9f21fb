// The configuration of a training that begins with another model.
#pragma once

#include <string>
#include <vector>

#include "config/config.h"

namespace heed {

// load_config(). Where no key of [model] is given, those of a preset (config/presets.h) that are
// not given are open: Config::open. Where training.initial_model is set, it goes on top of that
// model's own options: what says how large the model is, and how its vocabulary was made, need not
// be given again. A training that goes on after that model is gone takes them from its own folder.
// Throws Error where neither is there.
Config load_training_config(const std::string& path, const std::vector<std::string>& overrides);

// Whether a training begins with the vocabulary of its initial model: unless it takes parts alone
// that have no vocabulary.
bool takes_vocabulary(const TrainingConfig& training);

// Differences of what makes a vocabulary, [tokenizer], or a model, [model]: "model.layers = 2, not
// 3" has the value of `other` first.
std::vector<std::string> vocabulary_differences(const Config& config, const Config& other);
std::vector<std::string> model_differences(const Config& config, const Config& other);

}  // namespace heed
