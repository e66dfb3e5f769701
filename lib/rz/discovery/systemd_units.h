#pragma once

#include <string>
#include <vector>

namespace rz::discovery {

/// The services that systemd runs here, or that have failed, by name and without those that are of
/// the system itself (`systemd-…`, `getty@…`). Empty where systemd does not run. `systemctl` is
/// asked, and waited for as long as it takes, at most 10 seconds.
std::vector<std::string> read_systemd_services(const std::string& systemctl = "systemctl");

}  // namespace rz::discovery
