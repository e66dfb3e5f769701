#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "rz/base/clock.h"
#include "rz/base/result.h"

namespace rz::net {

/// A connection that moves bytes in order, over TCP, a unix socket or TLS. For one thread at a
/// time. Its destructor closes it.
/// Errors: unavailable (the other side is gone), timeout (the deadline passed). Those of connecting
/// tell on whose side the fault was: see Error::own_side.
class Transport {
 public:
  virtual ~Transport() = default;

  /// All of `bytes`. After an error an unknown part of them was written, but never all.
  virtual Result<void> write_all(std::string_view bytes, Deadline deadline) = 0;

  /// At least one byte, at most as many as fit into `buffer`, which holds at least one.
  /// Errors: also unavailable if the other side has closed.
  virtual Result<std::size_t> read_some(std::span<char> buffer, Deadline deadline) = 0;

  /// Whether the connection may be used again: as far as is known here, the other side has not
  /// closed it, and has sent nothing that was not read. Never waits.
  virtual bool is_quiet() = 0;
};

/// How connect_tcp went.
struct ConnectReport {
  std::chrono::microseconds look_up{0};
  std::chrono::microseconds connect{0};  ///< Of all addresses that were tried.
  /// Whether it failed since nobody listens there: each address that could be asked has refused.
  bool refused = false;
};

/// Connects to `host`, a name or a literal IPv4 or IPv6 address (no brackets). Its addresses are
/// tried in the resolver's order; each gets an equal share of the time that is left, and looking
/// the name up counts too. `report`, if it is given, is filled in, also for an error.
/// Errors: unavailable (no such host, refused, unreachable), timeout. That there is no such host is
/// an answer; if the name service does not answer, the fault is on this side (Error::own_side).
Result<std::unique_ptr<Transport>> connect_tcp(const std::string& host, std::uint16_t port,
                                               Deadline deadline, ConnectReport* report = nullptr);

/// Whether a connect that failed with this error of the system was never sent: no descriptor, no
/// memory, no port, no route, no rights.
bool is_own_side_errno(int error);

/// Connects to the unix socket at `path`.
/// Errors: unavailable (no such socket, refused, no rights), timeout, invalid_argument (a path that
/// is too long for a socket).
Result<std::unique_ptr<Transport>> connect_unix(const std::string& path, Deadline deadline);

}  // namespace rz::net
