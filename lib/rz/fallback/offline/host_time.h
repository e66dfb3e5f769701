#pragma once

#include <optional>
#include <string>

#include "rz/base/clock.h"
#include "rz/base/value.h"

namespace rz::fallback {

/// How long this machine has run, which no setting of its clock changes.
struct Uptime {
  std::string boot{};  ///< boot_name() of the start that it counts from; empty: unknown.
  Micros monotonic{};  ///< Clock::monotonic().

  /// The present.
  static Uptime of(const Clock& clock);

  bool operator==(const Uptime&) const = default;
};

/// How long before `now` it was `then`; nothing if the machine was started in between.
std::optional<Micros> time_since(const Uptime& then, const Uptime& now);

/// A time by this host's clock, with what tells later how long ago it was.
struct HostTime {
  /// A time of which no more is known.
  HostTime(TimePoint time = {}) : now(time) {}
  /// The present.
  static HostTime of(const Clock& clock);

  TimePoint now;
  Uptime uptime{};
  Micros ahead{};  ///< How far the clock was ahead of the store's, as far as that is known.
};

/// Adds the members that keep an uptime; none if it is unknown.
void add_members(Value& object, const Uptime& uptime);
Uptime uptime_of(const Value& object);

}  // namespace rz::fallback
