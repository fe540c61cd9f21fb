// The lexicon of a model folder, for decoding.shortlist.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "config/decoding_config.h"
#include "data/lexicon.h"
#include "decoding/loaded_model.h"

namespace heed {

// lexicon.txt of the model folder, for options that ask for a shortlist; null where they do not.
// The first time it is learned from the training text that config.ini names, and written. Throws
// Error where that text is not there, and UsageError for an ensemble of several folders and where
// `options` do not allow a shortlist.
std::shared_ptr<const Lexicon> load_shortlist(const std::vector<std::string>& folders,
                                              const LoadedModel& model,
                                              const DecodingConfig& options);

}  // namespace heed
