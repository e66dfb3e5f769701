#pragma once

#include <optional>
#include <string>

#include "rz/base/value.h"
#include "rz/health/check_options.h"
#include "rz/health/health_check.h"

namespace rz::health {

/// What was seen of a GrowingCount in a run, for the next one.
struct CountSeen {
  std::int64_t total = 0;
  std::string counter;
  TimePoint at{};

  bool operator==(const CountSeen&) const = default;
};

CountSeen seen(const CheckResult& result);

/// `{"total","counter","at"}`.
Value to_stored(const CountSeen& seen);
/// Reads that back; nothing if it cannot be read.
std::optional<CountSeen> count_seen_from(const Value& stored);

/// Judges `result.growing`, which it takes, by what the last run of this host has seen: degraded
/// from its warning on, unhealthy from its critical limit on. The metadata gets
/// `NAME_since_last_run` with its limits. A counter that is younger than the last run has counted
/// since then, and so has one that was set back.
///
/// Unknown is a number above 0 of which nobody knows since when it is: `last` is nothing, or of an
/// older counter than this, as behind a failover. `severity` of the options holds for what was
/// found.
void judge_growth(CheckResult& result, const std::optional<CountSeen>& last,
                  const CheckOptions& options);

}  // namespace rz::health
