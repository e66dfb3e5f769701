#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace rz::discovery {

/// A TCP port of this machine that accepts connections.
struct ListeningPort {
  std::uint16_t port = 0;
  std::string host;     ///< To connect to from here: a loopback address, or the one it listens at.
  std::string process;  ///< Whose it is, by the kernel's name of the program; empty: not known.

  bool operator==(const ListeningPort&) const = default;
};

/// The ports below `proc_folder`, in order, each once. What cannot be read is left out; whose a
/// port is is known for processes of this user, and to root. Arguments of processes, in which
/// secrets may stand, are not looked at.
std::vector<ListeningPort> read_listening_ports(const std::string& proc_folder = "/proc");

}  // namespace rz::discovery
