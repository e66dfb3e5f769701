#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "rz/base/clock.h"
#include "rz/base/value.h"
#include "rz/fallback/mode.h"

namespace rz::fallback {

/// What is remembered of a rule that has a `for` or an `until`.
struct RuleMemory {
  /// Since when `when` has held in every evaluation; nothing: it did not hold in the last one.
  std::optional<TimePoint> since{};
  bool firing = false;  ///< Whether it has fired, and its `until` has not ended that.

  bool operator==(const RuleMemory&) const = default;
};

/// What a host remembers of its evaluations, in the store at `fallback:host:<voter>` and, for an
/// outage, in its spool. Times are by the clock of the host, or the store's where a mode was
/// decided. A healthy host has nothing to remember, and stores nothing.
struct HostMemory {
  TimePoint at{};  ///< Of the evaluation that changed it last: a gap ends the clocks of rules.
  std::int64_t good = 0;  ///< Evaluations in a row that called for a better mode, and were held.
  /// When the host last called for heuristic, and for safe, if that was within recovery.window.
  std::array<std::optional<TimePoint>, 2> called{};
  std::map<std::string, RuleMemory> rules{};  ///< By name; those that have nothing are left out.
  std::string recent{};                       ///< What it called for last: flapping.h.
  /// The worst mode that it called for since its evaluations flap; nothing: they do not.
  std::optional<Mode> flapping{};

  bool empty() const;
  /// Whether the same is remembered, whenever that was.
  bool says_same_as(const HostMemory& other) const;
  /// When it last called for exactly `mode`, which is heuristic or safe.
  std::optional<TimePoint>& last_call_for(Mode mode) {
    return called.at(static_cast<std::size_t>(mode) - 1);
  }
  const std::optional<TimePoint>& last_call_for(Mode mode) const {
    return called.at(static_cast<std::size_t>(mode) - 1);
  }

  bool operator==(const HostMemory&) const = default;
};

Value to_stored(const HostMemory& memory);

/// Reads that back. What cannot be read counts as not remembered: every clock in it then begins
/// anew, and holds back for longer.
HostMemory host_memory_from(const Value& stored);

}  // namespace rz::fallback
