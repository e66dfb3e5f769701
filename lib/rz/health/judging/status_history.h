#pragma once

#include <optional>
#include <string>

#include "rz/base/value.h"
#include "rz/health/check_options.h"
#include "rz/health/health_check.h"

namespace rz::health {

/// What fail_after, pass_after and fail_within may be at most.
inline constexpr int kMaxInARow = 50;

/// What a check found in its last runs on a host, as far as these options can ask for it.
struct StatusHistory {
  std::string recent;  ///< `h`, `d` or `u` for each result, the newest last; kMaxInARow at most.
  std::optional<HealthStatus> reported;  ///< By the last run that told; nothing: there was none.

  bool operator==(const StatusHistory&) const = default;
};

/// What is reported for a result.
struct HeldStatus {
  HealthStatus status = HealthStatus::unknown;
  /// Why it is not what was found, as in `unhealthy 1 of 3: still healthy`; empty: it is.
  std::string why{};
};

/// Whether the options ask for a history at all.
bool keeps_history(const CheckOptions& options);

/// Adds what a check has `found` to its history, and answers what is to be reported.
///
/// The first result counts as it is. From healthy it becomes what was found once fail_after results
/// in a row are not healthy, or once fail_within is reached; back to healthy after pass_after
/// healthy ones in a row, and not while fail_within is reached. Between degraded and unhealthy it
/// changes at once. An unknown result is reported as such and counts for nothing: nothing was
/// learned, and an earlier yes must not stand for it.
HeldStatus hold(StatusHistory& history, HealthStatus found, const CheckOptions& options);

/// `{"recent","reported"}`.
Value to_stored(const StatusHistory& history);

/// Reads that back; what cannot be read counts as no history.
StatusHistory history_from(const Value& stored);

/// Reads `3 of 5`. Errors: parse (another form, less than 1, more failures than results, more than
/// kMaxInARow).
Result<FailWithin> parse_fail_within(std::string_view text);

}  // namespace rz::health
