#pragma once

#include <string>
#include <string_view>

#include "rz/base/clock.h"

namespace rz::health {

/// The member of a check's metadata that says for how long what it watches has been running, since
/// its start, in seconds. CheckOptions::start_period goes by it.
inline constexpr std::string_view kUptimeKey = "uptime_seconds";

/// Since the boot of this machine, with the time in which it slept.
Micros machine_uptime();

/// Since the boot of this machine, or the start of the container that this process is in.
Micros host_uptime(const std::string& proc_folder = "/proc");

}  // namespace rz::health
