#pragma once

#include "rz/base/clock.h"
#include "rz/health/check_options.h"
#include "rz/health/health_check.h"

namespace rz::health {

/// Says in a result why it does not count, if so: a maintenance window that was open when the check
/// began or ended (metadata `maintenance: true`), or a bad result within `start_period` (metadata
/// `starting: true`). Where that cannot be known it counts, and its message says so. `uptime`: of
/// this host.
void note_uncounted(const CheckOptions& options, TimePoint now, Micros uptime, CheckResult& result);

}  // namespace rz::health
