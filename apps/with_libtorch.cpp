// What makes heed-torch: LibTorch is there.
#include <c10/util/Exception.h>

#include "inference/describe.h"
#include "libtorch.h"

namespace heed {

void need_libtorch(char**) { check_processor(); }

std::optional<std::string> libtorch_message(const std::exception& error) {
  const auto* own = dynamic_cast<const c10::Error*>(&error);
  return own ? std::optional<std::string>(own->what_without_backtrace()) : std::nullopt;
}

}  // namespace heed
