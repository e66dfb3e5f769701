#pragma once

#include "rz/base/value.h"
#include "rz/fallback/fallback_manager.h"

namespace rz::reports {

/// As the old system wrote it: `{"current_mode","is_degraded","is_safe_mode","total_transitions",
/// "recent_transitions":[…]}`.
Value to_value(const FallbackMetrics& metrics);

}  // namespace rz::reports
