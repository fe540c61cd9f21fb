// Files and folders on their way, which a signal that ends the process at once must not leave.
#pragma once

#include <string>

namespace heed {

// While it lives, remove_leftovers() removes the file `path`, or the folder with the files in it.
// At most 16 at a time are remembered: no command has more.
class Leftover {
 public:
  explicit Leftover(const std::string& path);
  ~Leftover();
  Leftover(const Leftover&) = delete;
  Leftover& operator=(const Leftover&) = delete;

 private:
  int slot_;  // -1: not remembered
};

// For a signal's handler: calls nothing that must not be called there. Removes only what this
// process has made, not what a fork of it has.
void remove_leftovers();

}  // namespace heed
