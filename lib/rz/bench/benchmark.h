#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "rz/base/result.h"

namespace rz::bench {

/// Does the measured thing so many times over. The first error ends it.
using Operation = std::function<Result<void>(std::uint64_t iterations)>;

/// One thing to measure.
struct Benchmark {
  std::string name;  ///< `SUITE/THING`, unique: what --filter selects and reports show.
  /// Makes ready and returns what is measured; not measured itself. The operation owns what it
  /// needs, and gives it back when it is destroyed. Errors: whatever making ready may meet.
  std::function<Result<Operation>()> setup;
};

/// Makes the compiler believe that `value` is used, so that its computation stays.
template <class T>
void do_not_optimize(const T& value) {
  asm volatile("" : : "g"(&value) : "memory");
}

}  // namespace rz::bench
