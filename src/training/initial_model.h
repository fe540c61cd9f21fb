// The model that a training begins with: training.initial_model, or parts of it.
#pragma once

#include <optional>

#include "data/model_folder.h"
#include "model/parameters.h"

namespace heed {

class InitialModel {
 public:
  // Nothing where the configuration names none. Throws Error for what is no model, and UsageError
  // with both values where it is another model than the configuration describes and is not asked
  // for in parts, or where the training would write over it.
  static std::optional<InitialModel> find(const Config& config);

  // Its vocabulary. Throws UsageError with both where the configuration names another one.
  Tokenizers tokenizers() const;
  // Takes its weights, or those of the parts asked for, and logs what came from where. Throws
  // UsageError naming a tensor that does not fit, with both shapes.
  void load_into(Parameters& parameters) const;

 private:
  InitialModel(const Config& config, ModelFolder folder);
  [[noreturn]] void refuse(const std::string& why) const;
  bool taken(std::string_view parameter) const;
  // Both tensors' shapes; no shape where there is no such tensor.
  void check_shape(const std::string& name, const std::string& here,
                   const std::string& there) const;

  const Config& config_;
  ModelFolder folder_;
  Config own_;
};

}  // namespace heed
