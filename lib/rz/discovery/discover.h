#pragma once

#include <functional>
#include <string>
#include <vector>

#include "rz/base/clock.h"
#include "rz/discovery/listening_ports.h"
#include "rz/discovery/port_look.h"

namespace rz::discovery {

/// A port and what answers there.
struct FoundPort {
  ListeningPort port;
  PortLook look;
};

/// What was found on this machine.
struct Findings {
  std::string hostname;
  std::vector<std::string> mounts;  ///< Of file systems that can fill up; each once.
  std::vector<std::string> units;   ///< Services of systemd.
  std::vector<FoundPort> ports;
  std::size_t short_lived_ports = 0;  ///< Those that the system gave out; they change, and are left
                                      ///< out.
};

/// Where the facts come from; tests give their own.
struct Sources {
  std::string root{};  ///< The folder that holds `proc`.
  std::string systemctl = "systemctl";
  std::function<PortLook(const ListeningPort&)> look = [](const ListeningPort& port) {
    return look_at_port(port, Millis{1'000});
  };
};

/// Looks at this machine. What cannot be seen is left out; nothing is changed.
Findings discover(const Sources& sources = {});

}  // namespace rz::discovery
