// Means of the weights of checkpoints.
#pragma once

#include <string>
#include <vector>

#include "model/parameters.h"

namespace heed {

// Means of the tensors of several weight files. Throws Error where names, shapes or vocabularies
// differ.
WeightMap average_weights(const std::vector<std::string>& paths);

}  // namespace heed
