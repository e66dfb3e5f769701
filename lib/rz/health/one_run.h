#pragma once

#include <memory>
#include <vector>

#include "rz/health/check_runner.h"

namespace rz::health {

/// One run of a CheckRunner, from its first check to its report. `calls`: which calls of earlier
/// runs are out, and those of this one.
CheckReport run_checks(const std::vector<RegisteredCheck>& checks, const RunnerOptions& options,
                       Clock& clock, std::shared_ptr<CheckCalls> calls);

}  // namespace rz::health
