// std::memcpy for what may be empty: it may not be called with a null pointer, which the data() of
// an empty container is.
#pragma once

#include <cstddef>
#include <cstring>

namespace heed {

inline void copy_bytes(void* into, const void* from, size_t count) {
  if (count > 0) std::memcpy(into, from, count);
}

}  // namespace heed
