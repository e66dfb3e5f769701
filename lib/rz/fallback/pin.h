#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "rz/base/clock.h"
#include "rz/base/value.h"

#pragma GCC visibility push(default)
namespace rz {

/// A mode that a person has set. It outranks evaluation until it expires or is released.
struct Pin {
  std::optional<TimePoint> until;  ///< Nothing: until it is released.
  std::string reason;
  std::string actor;   ///< `user@host`.
  TimePoint set_at{};  ///< By the clock of whoever set it.
  /// The write of the store that set it, as ModeState has them: so whoever knows a later one knows
  /// of this order, too. Not part of what was ordered, and moved on where a drain writes it.
  std::string lineage{};
  std::int64_t version = 0;

  /// Whether the same was ordered.
  bool operator==(const Pin& other) const {
    return until == other.until && reason == other.reason && actor == other.actor &&
           set_at == other.set_at;
  }
};

/// `ops@db1 until 2026-01-02T03:04:05.000000Z: database migration`, for a person.
std::string describe(const Pin& pin);

/// `{"until","reason","actor"}`, as in the JSON of `rz cascade`.
Value to_value(const Pin& pin);

}  // namespace rz
#pragma GCC visibility pop
