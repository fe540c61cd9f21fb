// A whole model in memory, between heed's folder and other toolkits' files.
#pragma once

#include <string>

#include "config/config.h"
#include "data/model_folder.h"
#include "exchange/transformer_parts.h"
#include "util/new_folder.h"

namespace heed {

struct WholeModel {
  Config config;
  Tokenizers tokenizers;
  Weights weights;
};

// Throws Error naming the file that is missing or damaged, or does not fit the others.
WholeModel read_model(const std::string& folder);

// Fills the model folder. Throws Error naming `source` where the weights are not those of the
// configuration's Transformer, or are not finite.
void write_model(const WholeModel& model, NewFolder& folder, const std::string& source);

}  // namespace heed
