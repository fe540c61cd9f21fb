// One target for libFuzzer: the one that the build names.
#include <cstddef>
#include <cstdint>

#include "fuzz/targets.h"
#include "util/log.h"

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  heed::set_log_quiet(true);
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  heed::fuzz::HEED_FUZZ_TARGET({reinterpret_cast<const char*>(data), size});
  return 0;
}
