#include "util/error.h"

#include <cerrno>
#include <system_error>

namespace heed {

std::string system_reason() { return std::generic_category().message(errno); }

}  // namespace heed
