// A folder that is there whole or not at all.
#pragma once

#include <optional>
#include <string>

#include "util/leftovers.h"

namespace heed {

// It is filled under another name beside its own, and finish() gives it its own. Without finish()
// nothing is left of it, even where a signal ends the process.
class NewFolder {
 public:
  // Makes nothing yet. Throws Error where something of that name is there already.
  explicit NewFolder(const std::string& path);
  ~NewFolder();
  NewFolder(const NewFolder&) = delete;
  // Where to write; the first call makes it, and the folders above it. Throws Error where that
  // fails.
  const std::string& beside();
  // To be called once what is in it is synced. Throws Error where it cannot be renamed.
  void finish();

 private:
  std::string path_, beside_;  // beside_ is empty where there is none
  std::optional<Leftover> leftover_;
};

}  // namespace heed
