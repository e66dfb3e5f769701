#pragma once

#include <memory>
#include <string_view>

#include "rz/base/clock.h"
#include "rz/base/result.h"

namespace rz::bench {

/// What a sample is counted in: the difference of two readings.
class Counter {
 public:
  virtual ~Counter() = default;
  virtual std::string_view unit() const = 0;  ///< kNanoseconds or kInstructions.
  virtual double read() = 0;
};

/// The time of `clock`, which must outlive the counter.
std::unique_ptr<Counter> time_counter(const Clock& clock);

/// The processor time of this process, and of its children that have ended: what waits, or has to
/// make way for other programs, costs none.
std::unique_ptr<Counter> cpu_counter();

/// The instructions of this process, and of its children that have ended, outside of the kernel.
/// The processor counts them, so that a busy machine gives the same number as an idle one. Errors:
/// auth (the kernel does not allow it; names the setting), unsupported (there is no such counter,
/// as on many virtual machines).
Result<std::unique_ptr<Counter>> instruction_counter();

}  // namespace rz::bench
