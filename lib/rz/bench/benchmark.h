#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>

#include "rz/base/result.h"

namespace rz::bench {

/// Repeats what is measured `iterations` times. The first error ends it.
using Operation = std::function<Result<void>(std::uint64_t iterations)>;

/// One thing to measure.
struct Benchmark {
  std::string name;  ///< `FAMILY/THING`, unique: what --filter selects and reports show.
  /// Prepares and returns the operation to measure; the preparation is not measured. The operation
  /// owns what it needs and releases it when it is destroyed.
  /// Errors: those of the preparation.
  std::function<Result<Operation>()> setup;
  /// Called before each sample, and not measured; null: there is nothing to do.
  std::function<Result<void>()> before_sample{};
  bool single = false;  ///< A sample is one iteration, however short.
  /// How long a fixed piece of work takes of what the operation waits for, as a disk (disk_probe);
  /// null: it waits for nothing. Called before and after each round.
  std::function<double()> wait_probe{};
};

/// Calls `call`, which returns a Result<void>, once an iteration.
template <class Call>
Operation repeat(Call call) {
  return [call = std::move(call)](std::uint64_t iterations) mutable -> Result<void> {
    for (std::uint64_t i = 0; i < iterations; ++i) {
      if (auto done = call(); !done) return done;
    }
    return {};
  };
}

/// Makes the compiler believe that `value` is used, so that its computation stays.
template <class T>
void do_not_optimize(const T& value) {
  asm volatile("" : : "g"(&value) : "memory");
}

}  // namespace rz::bench
