#pragma once

#include <string>

#include "rz/discovery/discover.h"

namespace rz::discovery {

/// A configuration with a check for everything that was found, and a comment that says why. It
/// loads as it is. What was found elsewhere (names of programs, mount points) may hold any bytes,
/// and is quoted.
std::string written_config(const Findings& found);

}  // namespace rz::discovery
