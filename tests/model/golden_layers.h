// The layers of tests/model/golden/transformer.json: what they are made of.
#pragma once

#include <string>

#include "model/golden.h"
#include "model/tiny_model.h"

namespace heed::golden {

inline ModelConfig config_of(const Json& test) {
  ModelConfig config = tiny::transformer_config();
  config.norm = *config.norm.find(test.at("norm").get<std::string>());
  config.activation = *config.activation.find(test.at("activation").get<std::string>());
  config.hidden_size = test.at("hidden_size");
  config.heads = test.at("heads");
  config.feed_forward_size = test.at("feed_forward_size");
  return config;
}

inline std::string name_of(const Json& test) {
  return test.at("norm").get<std::string>() + " " + test.at("activation").get<std::string>();
}

}  // namespace heed::golden
