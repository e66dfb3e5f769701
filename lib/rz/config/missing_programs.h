#pragma once

#include <string>
#include <vector>

#include "rz/config/config.h"

namespace rz {

/// A sentence, with its place, for each program of callbacks, actions and detectors that could not
/// be run now: there is none, or this user may not run it. Where rz runs it later, on another
/// machine or as another user, that may be otherwise.
std::vector<std::string> missing_programs(const Config& config,
                                          const EnvironmentLookup& environment);

}  // namespace rz
