#pragma once

#include <string>
#include <string_view>

#include "rz/base/clock.h"
#include "rz/base/result.h"

namespace rz {

/// A hundred years, longer than any real setting. In nanoseconds an int64 holds it almost three
/// times, so no sum of it with a time that rz stores overflows.
inline constexpr Micros kLongestDuration{std::chrono::hours{24 * 36'500}};

/// Reads `500us 500ms 5s 30m 24h 7d 2w`, decimals (`1.5s`) and sums, largest unit first (`1h30m`).
/// `0` needs no unit.
/// Errors: parse (no unit, unknown unit, negative), invalid_argument (longer than `longest`).
Result<Micros> parse_duration(std::string_view text, Micros longest = kLongestDuration);

/// The exact text, which parse_duration reads back unless it is negative: `1h30m`, `1s500ms`, `0s`.
std::string format_duration(Micros duration);

/// For people: at most two units, rounded down, `3d 4h`, `12m 5s`, `840ms`.
std::string humanize_duration(Micros duration);

}  // namespace rz
