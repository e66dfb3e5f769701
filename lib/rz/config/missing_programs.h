#pragma once

#include <string>
#include <vector>

#include "rz/config/config.h"

namespace rz {

/// A sentence, with its place, for each program of callbacks, actions and detectors that cannot be
/// run now: it does not exist, or this user may not run it. That may be different where rz will run
/// it, on another machine or as another user.
std::vector<std::string> missing_programs(const Config& config,
                                          const EnvironmentLookup& environment);

}  // namespace rz
