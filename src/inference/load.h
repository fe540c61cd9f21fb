// Model folders loaded for translation. Callers need no tensor library.
#pragma once

#include <string>
#include <vector>

#include "decoding/loaded_model.h"

namespace heed {

// Where and in which arithmetic: as [training] device and precision have it, and int8.
struct ComputeChoice {
  std::string device = "auto";
  // float32 unless told otherwise: in it translations do not depend on how sentences were batched,
  // beyond rounding.
  std::string precision = "float32";
  int64_t threads = 0;  // 0: all cores
};

// One model folder or checkpoint's folder, or several as an ensemble: configuration and tokenizers
// are the first one's, but data.max_length is the shortest of all. Sets up the process's threads
// and memory; logs what `auto` has chosen. Throws Error naming the file that is missing, damaged or
// does not fit the others, or where target vocabularies differ; UsageError for what this machine
// cannot do.
LoadedModel load_models(const std::vector<std::string>& folders, const ComputeChoice& choice);

int64_t thread_count(const ComputeChoice& choice);  // threads that may translate at the same time

}  // namespace heed
