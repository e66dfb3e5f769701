#pragma once

#include <string>
#include <vector>

#include "rz/base/clock.h"
#include "rz/health/check_options.h"
#include "rz/health/check_runner.h"
#include "rz/health/health_check.h"

namespace rz::health {

/// Says in a result why it does not count, if so: a maintenance window that was open when the check
/// began or ended (metadata `maintenance: true`), or a bad result within `start_period` (metadata
/// `starting: true`). Where that cannot be known it counts, and its message says so. `uptime`: of
/// this host.
void note_uncounted(const CheckOptions& options, TimePoint now, Micros uptime, CheckResult& result);

/// Makes the run void (CheckReport::void_because) if all canaries that were run and count have
/// failed for a reason of this host's own side, and there is one. What is not healthy is then
/// unknown; metadata `found` has what it was.
void judge_canaries(CheckReport& report);

}  // namespace rz::health
