#pragma once

#include "rz/base/clock.h"

namespace rz::health {

/// How far the clocks of two hosts may differ before rz takes one of them for wrong.
inline constexpr Millis kHostClockTolerance{5'000};

/// Whether a stored time is so far in the future that the clock of its writer was wrong, or this
/// one is. Such a time must not keep anything in force or satisfy any condition: what is counted
/// from it is counted from when it was first seen.
inline bool is_ahead(TimePoint stored, TimePoint now) { return stored > now + kHostClockTolerance; }

}  // namespace rz::health
