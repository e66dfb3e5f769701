#pragma once

#include <string_view>

#include "rz/base/clock.h"
#include "rz/base/result.h"
#include "rz/health/check_runner.h"
#include "rz/storage/storage.h"

namespace rz::health {

/// The collections of the histories (StatusHistory): this and the name of a host, and a colon.
inline constexpr std::string_view kHistories = "health:history:";

/// How long a history is kept after a run: that of a host or a check that is gone shall not stay.
inline constexpr Millis kHistoryLife{std::chrono::hours{24 * 30}};

/// Judges what has grown (CheckResult::growing) where nobody knows the last figure.
void doubt_growth(CheckReport& report);

/// Whether a check of the report keeps a history, or has found what may have grown.
bool any_keeps_history(const CheckReport& report);

/// Replaces the results of a run on `host` by what their histories let be reported, and stores the
/// histories with this run in them: one trip to read all, one to write. Before that, it judges what
/// has grown since the last run. What is held back says so
/// in its message and its metadata: `held_from`, the status that was found. If another run of the
/// host wrote meanwhile, it is read again. Errors: those of the store. The results are then as they
/// were found.
Result<void> hold_results(CheckReport& report, Storage& storage, std::string_view host);

}  // namespace rz::health
