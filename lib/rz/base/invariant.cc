#include "rz/base/invariant.h"

#include <cstdio>
#include <cstdlib>

namespace rz {

void invariant_broken(const char* message, const char* file, int line) {
  std::fprintf(stderr, "rz: a fault in the program at %s:%d: %s\n", file, line, message);
  std::abort();
}

}  // namespace rz
