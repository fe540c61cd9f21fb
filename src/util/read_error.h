// An error that says nothing of what a file holds.
#pragma once

#include "util/error.h"

namespace heed {

// The system would not read a file that is there: no permission, no descriptor left, a failing
// disk.
class ReadError : public Error {
 public:
  using Error::Error;
};

}  // namespace heed
