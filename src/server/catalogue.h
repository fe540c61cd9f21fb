// The models that are served, by what they translate from and to.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "decoding/engine.h"
#include "server/searches.h"

namespace heed {

struct Direction {
  std::string source, target;  // language codes
};

// "en-de" or "en:pt-BR" -> its two codes. Throws UsageError for anything else.
Direction parse_direction(const std::string& text);

// A model folder to be served; a direction that is empty is the model's own: data.source_language
// and data.target_language, else what the names of its training and dev files say, else "source"
// and "target".
struct Served {
  std::string folder;
  Direction direction = {};
};

// A model that is being served.
struct ServedModel {
  std::string folder;
  Direction direction;
  LoadedModel model;
  EngineOptions options;  // the engine's
  std::unique_ptr<Searches> searches;
  std::unique_ptr<Engine> engine;
};
using ModelPtr = std::shared_ptr<const ServedModel>;

// How a folder becomes a model with the engine's options.
using ModelLoader = std::function<std::pair<LoadedModel, EngineOptions>(const std::string& folder)>;

struct Language {
  std::string code, name;
};

// Never changes: a new set of models is a new catalogue.
class Catalogue {
 public:
  // Throws what loading throws, and UsageError where two models have the same direction.
  Catalogue(const std::vector<Served>& served, const ModelLoader& load);

  const std::vector<ModelPtr>& models() const { return models_; }
  // Null where no model translates so. Codes in any case.
  ModelPtr find(const std::string& source, const std::string& target) const;
  // All there are, sources first, each once, in the order of the models.
  const std::vector<Language>& languages() const { return languages_; }
  // As the catalogue writes it; empty where no model has it.
  std::string known_code(const std::string& code) const;
  std::vector<std::string> targets_of(const std::string& source) const;

 private:
  std::vector<ModelPtr> models_;
  std::vector<Language> languages_;
};

}  // namespace heed
