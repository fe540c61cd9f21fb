// Which files of a model folder are a training's own: these alone it may remove or replace.
#pragma once

#include <string>
#include <vector>

#include "config/config.h"
#include "data/model_folder.h"

namespace heed {

// The first line of a folder's config.ini names the files that its training makes. It is written
// when a training begins, before any of them, and only where none of them was there.
class Manifest {
 public:
  // What the folder says now. Throws Error where its config.ini cannot be read.
  explicit Manifest(const ModelFolder& folder);

  // Whether a training made the file of this path.
  bool made(const std::string& path) const;
  // What a training might write over and none has made. What `config` gives to read may be there.
  std::vector<std::string> foreign(const Config& config) const;
  // The first line of config.ini for a training that begins here.
  std::string line(const Config& config, const Tokenizers& tokenizers) const;

 private:
  // Whether the file is one that the configuration gives to read.
  static bool is_given(const std::string& path, const Config& config);

  ModelFolder folder_;
  std::vector<std::string> names_;  // without their folder
};

}  // namespace heed
