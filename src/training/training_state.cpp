#include "training/training_state.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "util/error.h"

namespace heed {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kForeign = "it is not one that heed has written";

// Call `field` with the name and the place of each value: what is written is what is read.
template <typename Row, typename Field>
void each_of_row(Row& row, const Field& field) {
  field("step", row.step);
  field("epoch", row.epoch);
  field("loss", row.loss);
  field("bleu", row.bleu);
  field("command", row.command);
  field("rate", row.learning_rate);
  field("seconds", row.seconds);
  field("best", row.best);
  field("extra", row.extra);
}

template <typename State, typename Field>
void each_of_state(State& state, const Field& field) {
  field("step", state.step);
  field("epoch", state.position.epoch);
  field("batch", state.position.batch);
  field("pool", state.position.pool);
  field("plateau_factor", state.history.plateau.factor);
  field("plateau_waited", state.history.plateau.waited);
  field("waited", state.history.waited);
  field("former", state.history.former);
  field("seconds", state.seconds);
  field("target_tokens", state.target_tokens);
  field("replicas", state.replicas);
  field("batch_tokens", state.batch_tokens);
  field("reward_baseline", state.reward_baseline);
  field("corpus", state.corpus);
  field("text", state.text);
  field("plan", state.plan);
  field("dev", state.yardstick.dev);
  field("metric", state.yardstick.metric);
  field("bleu", state.yardstick.bleu);
  field("validation_owed", state.validation_owed);
  field("finished", state.finished);
}

auto writer(Json& json) {
  return [&json](const char* name, const auto& value) { json[name] = value; };
}

auto reader(const Json& json) {
  return [&json](const char* name, auto& value) {
    auto found = json.find(name);
    if (found == json.end()) return;  // what a younger version added keeps its default
    if constexpr (std::is_same_v<decltype(value), double&>) {
      // JSON has no NaN: a loss that was not finite is stored as null.
      value = found->is_null() ? std::nan("") : found->template get<double>();
    } else if (std::is_same_v<decltype(value), int64_t&> && !found->is_number_integer()) {
      fail("{}: expected a whole number, found {}", name,
           found->is_number() ? found->dump() : found->type_name());
    } else {
      found->get_to(value);
    }
  };
}

// Throws Error naming a number that no training can have.
void check_state(const TrainingState& state) {
  auto within = [](const char* name, int64_t value, int64_t least, int64_t most) {
    if (value < least || value > most) {
      fail("{} = {}: expected {} to {}", name, value, least, most);
    }
  };
  constexpr int64_t kMost = int64_t{1} << 52;
  const HistoryState& history = state.history;
  within("step", state.step, 0, kMost);
  within("epoch", state.position.epoch, 0, kMost);
  within("batch", state.position.batch, 0, kMost);
  within("pool", state.position.pool, 0, kMost);
  within("waited", history.waited, 0, kMost);
  within("plateau_waited", history.plateau.waited, 0, kMost);
  within("target_tokens", state.target_tokens, 0, kMost);
  within("replicas", state.replicas, 1, kMost);
  within("batch_tokens", state.batch_tokens, 0, kMost);
  within("former", history.former, 0, std::ssize(history.validations));
  // 0 is what hundreds of cuts come to.
  if (!(history.plateau.factor >= 0 && history.plateau.factor <= 1)) {
    fail("plateau_factor = {}: expected 0 to 1", history.plateau.factor);
  }
  for (const Validation& row : history.validations) {
    within("a validation's step", row.step, 0, kMost);
    within("a validation's epoch", row.epoch, 0, kMost);
  }
}

}  // namespace

std::string to_text(const TrainingState& state) {
  Json json, rows = Json::array();
  each_of_state(state, writer(json));
  for (const Validation& row : state.history.validations) {
    each_of_row(row, writer(rows.emplace_back()));
  }
  json["validations"] = std::move(rows);
  return json.dump();
}

TrainingState state_from(const std::string& text) {
  TrainingState state;
  try {
    Json json = Json::parse(text);
    each_of_state(state, reader(json));
    for (const Json& entry : json.at("validations")) {
      if (!entry.is_object()) fail("{}", kForeign);
      Validation& row = state.history.validations.emplace_back();
      each_of_row(row, reader(entry));
      row.perplexity = std::exp(row.loss);
    }
  } catch (const Json::exception&) {
    fail("{}", kForeign);
  }
  check_state(state);
  return state;
}

}  // namespace heed
