#include <cstddef>
#include <cstdint>

#include "fuzz/fuzz_targets.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  rz::fuzz::RZ_FUZZ_TARGET({reinterpret_cast<const char*>(data), size});
  return 0;
}
