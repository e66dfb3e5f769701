#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "rz/base/result.h"

namespace rz::bench {

/// Repeats what is measured `iterations` times. The first error ends it.
using Operation = std::function<Result<void>(std::uint64_t iterations)>;

/// One thing to measure.
struct Benchmark {
  std::string name;  ///< `SUITE/THING`, unique: what --filter selects and reports show.
  /// Prepares and returns the operation to measure; the preparation is not measured. The operation
  /// owns what it needs and releases it when it is destroyed.
  /// Errors: those of the preparation.
  std::function<Result<Operation>()> setup;
};

/// Makes the compiler believe that `value` is used, so that its computation stays.
template <class T>
void do_not_optimize(const T& value) {
  asm volatile("" : : "g"(&value) : "memory");
}

}  // namespace rz::bench
