#pragma once

#include "rz/health/check_runner.h"

namespace rz::health {

/// Makes the run void (CheckReport::void_because) if all canaries that were run and count have
/// failed for a reason of this host's own side, and there is one. What is not healthy is then
/// unknown; metadata `found` has what it was.
void judge_canaries(CheckReport& report);

}  // namespace rz::health
