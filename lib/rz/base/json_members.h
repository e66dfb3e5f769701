#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "rz/base/clock.h"
#include "rz/base/result.h"
#include "rz/base/value.h"

namespace rz {

/// Members of a stored JSON object, with a default where they are missing or of another type: what
/// another version has written is read as far as it can be.

std::string text_or(const Value& object, std::string_view key, std::string fallback = {});
std::int64_t integer_or(const Value& object, std::string_view key, std::int64_t fallback = 0);
bool boolean_or(const Value& object, std::string_view key, bool fallback);

/// Errors: parse for a string that is not a timestamp; such a time is damage, not absence.
Result<TimePoint> time_or(const Value& object, std::string_view key, TimePoint fallback = {});

}  // namespace rz
