#pragma once

#include <chrono>
#include <string_view>

#include "rz/base/clock.h"
#include "rz/base/field_visitor.h"
#include "rz/base/waiter.h"
#include "rz/health/check_options.h"
#include "rz/health/health_check.h"

namespace rz::health {

/// The durations `warning` and `critical`, of which one must be given, and in this order.
void visit_fields(FieldVisitor& fields, LatencyLimits& limits);

/// Makes `result` worse if `took` reaches a limit: degraded from `warning` on, unhealthy from
/// `critical` on, and its message says so. A result that is worse already has a cause of its own,
/// and stays as it is. `phase` is what took so long, as in `connecting`; empty: all of it.
///
/// `held_up`: so much of it may have been spent waiting for a turn on this host (Waiter::held_up).
/// Where that decides on which side of a limit it was, the result is unknown.
void judge_latency(CheckResult& result, std::string_view phase, Micros took,
                   const LatencyLimits& limits, std::chrono::nanoseconds held_up = {});

/// How long the current thread's Waiter has held up its user since this was made.
class HeldUp {
 public:
  HeldUp() : before_(current_waiter().held_up()) {}
  std::chrono::nanoseconds so_far() const { return current_waiter().held_up() - before_; }

 private:
  std::chrono::nanoseconds before_;
};

/// Makes a `result` that is a timeout unknown, if a tenth of `timeout` or more of it was spent
/// waiting for a turn on this host: an answer that came in time may have been found too late.
void judge_timeout(CheckResult& result, Millis timeout, std::chrono::nanoseconds held_up);

}  // namespace rz::health
