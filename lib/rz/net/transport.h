#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "rz/base/result.h"
#include "rz/net/deadline.h"

namespace rz {

/// A connection that moves bytes in order, whatever carries them: TCP, a unix socket, later TLS.
/// One thread at a time. Its destructor closes it.
/// Errors: unavailable (the other side is gone), timeout (the deadline passed). Those of connecting
/// tell whose fault it was: see Error::own_side.
class Transport {
 public:
  virtual ~Transport() = default;

  /// All of `bytes`. After an error an unknown part of them was written, but never all.
  virtual Result<void> write_all(std::string_view bytes, Deadline deadline) = 0;

  /// At least one byte, at most as many as fit into `buffer`, which holds at least one.
  /// Errors: also unavailable if the other side has closed.
  virtual Result<std::size_t> read_some(std::span<char> buffer, Deadline deadline) = 0;

  /// Whether the other side, as far as is known here, has neither closed nor said anything that was
  /// not read: what a connection looks like that may be used again. Never waits.
  virtual bool is_quiet() = 0;
};

/// Connects to `host`, a name or a literal IPv4 or IPv6 address (no brackets). Its addresses are
/// tried in the resolver's order; each gets an equal share of the time that is left, and looking
/// the name up counts too.
/// Errors: unavailable (no such host, refused, unreachable), timeout.
Result<std::unique_ptr<Transport>> connect_tcp(const std::string& host, std::uint16_t port,
                                               Deadline deadline);

/// Whether `host` can be looked up: the first step of connect_tcp, with its errors. That there is
/// no such host is an answer; that the name service does not answer is of this side.
Result<void> find_host(const std::string& host, Deadline deadline);

/// Whether a connect that failed with this error of the system was never sent: no descriptor, no
/// memory, no port, no route, no rights.
bool is_own_side_errno(int error);

/// Connects to the unix socket at `path`.
/// Errors: unavailable (no such socket, refused, no rights), timeout, invalid_argument (a path that
/// is too long for a socket).
Result<std::unique_ptr<Transport>> connect_unix(const std::string& path, Deadline deadline);

}  // namespace rz
