#pragma once

#include "rz/base/clock.h"

namespace rz {

/// How far the clocks of two healthy hosts may be apart without anybody minding.
inline constexpr Millis kClockTolerance{5'000};

/// Whether a stored time was written under a clock that is wrong, or this one is. Such a time
/// neither holds nor satisfies anything: what counts from it counts from when it was first seen.
inline bool is_ahead(TimePoint stored, TimePoint now) { return stored > now + kClockTolerance; }

}  // namespace rz
