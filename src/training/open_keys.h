// Keys that nobody has given: Config::open.
#pragma once

#include "config/config.h"
#include "data/model_folder.h"
#include "training/communicator.h"

namespace heed {

// Of a training that goes on: what only its beginning takes (training.initial_model and
// initial_parts) is as it began with; the log says where the configuration has something else.
void keep_beginning(Config& config, const ModelFolder& begun);

// A training that goes on keeps what it began with. Throws UsageError as check_config does.
void take_open_keys(Config& config, const ModelFolder& begun);

// Chooses them by the number of pairs, and says so in the log. Throws UsageError where the
// configuration cannot be, as check_config does.
void choose_open_keys(Config& config, int64_t pairs);

// Gives all processes what process 0 has chosen or found.
void share_open_keys(Config& config, Communicator& communicator);

}  // namespace heed
