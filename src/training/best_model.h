// The model that a training's folder gives to translation: the best so far, whatever happens.
#pragma once

#include <optional>
#include <string>

#include "model/parameters.h"
#include "model/weights.h"
#include "training/history.h"

namespace heed {

// model.safetensors says itself what it is and how it validated, so that it can be compared with
// what comes later: no checkpoint knows of an average, and a history forgets an extra validation.
class BestModel {
 public:
  // `yardstick` is that of the validations; it and the folder must live as long.
  BestModel(const ModelFolder& folder, Metadata origin, const Yardstick& yardstick)
      : folder_(folder), origin_(std::move(origin)), yardstick_(yardstick) {}

  // What is there: "step 10"; nothing where there is no whole model.
  struct Kept {
    std::string what;
    Validation row;
  };
  std::optional<Kept> kept() const;

  // Unless what is there is as good by the same yardstick. Says in the log where it stays.
  void offer(const WeightMap& weights, const std::string& what, const Validation& row,
             const History& history) const;
  // Where somebody has removed it: the best checkpoint that is still there.
  void restore(const History& history) const;

 private:
  const ModelFolder& folder_;
  Metadata origin_;
  const Yardstick& yardstick_;
};

}  // namespace heed
