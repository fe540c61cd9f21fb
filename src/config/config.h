// The configuration as plain structs, one per INI section, each in a header of its own, so that a
// new key builds anew only what reads its section. What each field means, its default and its range
// stand in the option table (options.cpp), nowhere else.
#pragma once

#include "config/data_config.h"
#include "config/decoding_config.h"
#include "config/evaluation_config.h"
#include "config/model_config.h"
#include "config/output_config.h"
#include "config/server_config.h"
#include "config/tokenizer_config.h"
#include "config/training_config.h"

namespace heed {

struct Config {
  DataConfig data;
  TokenizerConfig tokenizer;
  ModelConfig model;
  TrainingConfig training;
  DecodingConfig decoding;
  EvaluationConfig evaluation;
  OutputConfig output;
  ServerConfig server;
  // Options that nobody has given and the number of pairs decides (presets.h): "model.layers".
  std::vector<std::string> open = {};
  // The same where a training goes on: what may change in [model] may be given, and the rest stays.
  std::vector<std::string> open_where_begun = {};
};

// Every cross-field check, run before any data is read. Throws UsageError naming the keys, their
// values and what to set.
void check_config(const Config& config);
// The parts of it that a trained model must pass too, and what is set for its translations.
void check_model(const ModelConfig& model);
void check_decoding(const DecodingConfig& decoding);
// How many pieces a vocabulary has beside those of its text: special ones, user_defined, bytes.
int64_t pieces_beside_text(const TokenizerConfig& tokenizer);
// That a vocabulary to learn has room for the pieces that it must have.
void check_pieces(const TokenizerConfig& tokenizer);

}  // namespace heed
