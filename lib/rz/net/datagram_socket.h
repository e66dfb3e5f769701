#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "rz/base/clock.h"
#include "rz/base/file.h"
#include "rz/base/result.h"

namespace rz::net {

/// What fits into one Ethernet frame on any way there, so that a datagram is not cut into pieces,
/// of which one may be lost.
inline constexpr std::size_t kMaxDatagram = 1432;

/// A UDP or unix socket that talks to one place, and learns from the system when nobody listens
/// there. Of what sends, only connect() waits, and only for the name. Not thread-safe.
class DatagramSocket {
 public:
  /// Looks `host` up and opens a socket to it. Errors: timeout (the name service does not answer);
  /// unavailable (there is no such host, or no socket); Error::own_side tells on whose side.
  Result<void> connect(const std::string& host, std::uint16_t port, Deadline deadline);

  /// The same for a unix socket; does not wait. Errors: unavailable (no such socket, or nobody
  /// listens); invalid_argument (the path is too long for one).
  Result<void> connect_unix(const std::string& path);

  bool is_open() const { return static_cast<bool>(fd_); }

  /// Sends one datagram; it must be open. Errors: unavailable. Over UDP a refusal is that of the
  /// datagram before, so this one was sent all the same; over a unix socket whose reader is too
  /// slow it is dropped.
  Result<void> send(std::string_view datagram);

  /// The size of the next datagram, which is written to `buffer`; what does not fit is dropped. The
  /// one wait of this class. Errors: timeout, unavailable (the host refuses).
  Result<std::size_t> receive(std::span<char> buffer, Deadline deadline);

  /// Whether the last datagram was refused, as far as is known: on this machine, and sometimes from
  /// afar, it is at once. Errors: unavailable.
  Result<void> refusal();

 private:
  UniqueFd fd_;
};

}  // namespace rz::net
