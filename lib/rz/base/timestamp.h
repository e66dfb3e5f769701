#pragma once

#include <string>
#include <string_view>

#include "rz/base/clock.h"
#include "rz/base/result.h"

namespace rz {

/// RFC 3339 in UTC with six decimals: `2026-01-02T03:04:05.000006Z`. A time outside the years 0000
/// to 9999 becomes the nearest time within them.
std::string format_timestamp(TimePoint time);

/// The same for a person, without the part of a second: `2026-01-02T03:04:05Z`.
std::string format_timestamp_seconds(TimePoint time);

/// Reads RFC 3339 with any offset, and what Python's `datetime.isoformat()` writes: with a space or
/// `T`, with or without a fraction, without an offset (then it is UTC), or a date alone (midnight).
/// Digits past the microsecond are cut off. A leap second reads as the second after it.
/// Errors: parse.
Result<TimePoint> parse_timestamp(std::string_view text);

/// Unix seconds with six decimals, as in the key of a transition record: `1700000000.000006`.
/// Never rounded. Times before 1970 have a minus sign.
std::string format_unix_seconds(TimePoint time);

/// Reads decimal unix seconds with any number of decimals: Python's `str(float)`, with which the
/// old system wrote them, drops trailing zeros. It uses an exponent for no time of this era.
/// Errors: parse.
Result<TimePoint> parse_unix_seconds(std::string_view text);

}  // namespace rz
