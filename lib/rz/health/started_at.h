#pragma once

#include <optional>
#include <string_view>

#include "rz/base/clock.h"
#include "rz/base/result.h"
#include "rz/storage/storage.h"

namespace rz::health {

inline constexpr std::string_view kStartedKey = "health:started_at";

/// The time that is stored there. Errors: corrupt.
Result<TimePoint> parse_started(std::string_view stored);

/// When the state of the system was first looked at, as the store has it; nothing: it never was.
/// Errors: corrupt, and those of the store.
Result<std::optional<TimePoint>> started_at(Storage& storage);

}  // namespace rz::health
