#include <cstdio>
#include <cstdlib>

#include "fuzz/fuzz_targets.h"

namespace rz::fuzz {

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "broken promise: %s\n", what);
  std::abort();
}

}  // namespace rz::fuzz
