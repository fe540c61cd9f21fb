// Everything needed to translate.
#pragma once

#include <memory>

#include "config/config.h"
#include "data/model_folder.h"
#include "decoding/inference.h"

namespace heed {

struct LoadedModel {
  Config config;
  Tokenizers tokenizers;
  std::shared_ptr<const Inference> inference;
};

}  // namespace heed
