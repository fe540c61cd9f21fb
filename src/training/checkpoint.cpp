#include "training/checkpoint.h"

#include <c10/util/Exception.h>

#include "model/safetensors.h"
#include "util/error.h"
#include "util/log.h"

namespace heed {

bool is_whole_checkpoint(const ModelFolder& checkpoint) {
  try {
    for (const std::string& path : {checkpoint.weights(), checkpoint.training_state()}) {
      TensorReader(path).verify();
    }
    return true;
  } catch (const Error&) {
    return false;
  }
}

void Checkpoints::save(const TrainingState& state) const {
  ModelFolder beside = folders_.prepare(state.step);
  try {
    save_weights(beside.weights(), parameters_.weights(), origin_);
    write_safetensors(beside.training_state(), {optimizer_.state(), {{kStateKey, to_text(state)}}});
  } catch (...) {
    folders_.discard(state.step);
    throw;
  }
  folders_.publish(state.step);
}

void Checkpoints::check_place(const std::string& place, const TrainingState& state) const {
  if (place == folder_.path) return;
  if (place.empty()) {
    fail("{}: was removed while its training was at step {}, which ends with it", folder_.path,
         state.step);
  }
  Checkpoints(ModelFolder{place}, parameters_, optimizer_, origin_).save(state);
  fail(
      "{}: was moved to {} while its training was at step {}: the checkpoint of this step is "
      "there; give output.folder = {} to go on",
      folder_.path, place, state.step, place);
}

TrainingState Checkpoints::load(int64_t step) {
  ModelFolder checkpoint{folder_.checkpoint(step)};
  TensorFile weights = read_safetensors(checkpoint.weights());
  check_origin(checkpoint.weights(), weights.metadata, origin_);
  TensorFile training = read_safetensors(checkpoint.training_state());
  if (!training.metadata.contains(kStateKey)) {
    fail("{}: no training state in it", checkpoint.training_state());
  }
  TrainingState state;
  try {
    state = state_from(training.metadata.at(kStateKey));
    if (state.step != step) fail("step = {}: expected {}", state.step, step);
  } catch (const Error& error) {
    fail("{}: its training state: {}", checkpoint.training_state(), error.what());
  }
  parameters_.load_weights(weights.tensors);
  optimizer_.load_state(training.tensors);
  return state;
}

std::optional<TrainingState> Checkpoints::load_newest() {
  std::vector<int64_t> all = folder_.checkpoint_steps(), unusable;
  std::optional<TrainingState> state;
  std::string last_error;
  for (auto step = all.rbegin(); step != all.rend() && !state; ++step) {
    try {
      state = load(*step);
    } catch (const std::bad_alloc&) {
      throw;  // says nothing about the checkpoint
    } catch (const c10::Error&) {
      throw;  // no memory either: sizes are compared before tensors are made or copied
    } catch (const UsageError&) {
      throw;  // the configuration was changed by hand
    } catch (const ReadError& error) {
      fail(
          "{}; whether the checkpoint is whole is not known: run the same command once it can be "
          "read, or remove {} to go on from the one before",
          error.what(), folder_.checkpoint(*step));
    } catch (const std::exception& error) {
      unusable.push_back(*step);
      last_error = error.what();
      log_warning("cannot resume from {}: {}", folder_.checkpoint(*step), last_error);
    }
  }
  if (!state && !all.empty()) {
    fail(
        "{}: none of the {} checkpoints can be resumed from; the last problem: {}; --fresh starts "
        "again from nothing",
        folder_.checkpoints(), all.size(), last_error);
  }
  // They would count as the newest for ever.
  for (int64_t step : unusable) log_info("resume: set aside as {}", folders_.set_aside(step));
  return state;
}

}  // namespace heed
