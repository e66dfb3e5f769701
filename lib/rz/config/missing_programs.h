#pragma once

#include "rz/config/config.h"

namespace rz::config {

/// Warns, with its place, of each program of checks, callbacks, actions and detectors that cannot
/// be run now: it does not exist, or this user may not run it. That may be different where rz will
/// run it, on another machine or as another user.
void warn_of_missing_programs(const Config& config, const EnvironmentLookup& environment,
                              Notices& notices);

}  // namespace rz::config
