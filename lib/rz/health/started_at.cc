#include "rz/health/started_at.h"

#include <string>

#include "rz/base/timestamp.h"
#include "rz/base/try.h"

namespace rz::health {

Result<TimePoint> parse_started(std::string_view stored) {
  if (const auto time = parse_timestamp(stored)) return *time;
  return fail(ErrorCode::corrupt, "does not hold a time; remove the key to start anew",
              std::string(kStartedKey));
}

Result<std::optional<TimePoint>> started_at(Storage& storage) {
  TRY_ASSIGN(const auto stored, storage.get(kStartedKey));
  if (!stored) return std::optional<TimePoint>{};
  TRY_ASSIGN(const TimePoint time, parse_started(*stored));
  return std::optional(time);
}

}  // namespace rz::health
