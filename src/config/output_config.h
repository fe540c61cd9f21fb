// Section [output] of the configuration; options.cpp says what each field means.
#pragma once

#include <cstdint>
#include <string>

namespace heed {

struct OutputConfig {
  std::string folder;
  bool tensorboard;
  int64_t keep_last, keep_best;
};

}  // namespace heed
