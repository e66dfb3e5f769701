#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "rz/base/clock.h"
#include "rz/base/result.h"
#include "rz/net/resolver.h"

namespace rz::net {

/// The answer to one echo request.
struct EchoReply {
  std::uint16_t sequence = 0;
  Micros took{0};
};

/// Sends ICMP echo requests to one host and reads its replies. For one thread at a time.
class EchoSocket {
 public:
  virtual ~EchoSocket() = default;

  /// `datagram` or `raw`: by which right it is sent.
  virtual std::string_view way() const = 0;

  /// Errors: unavailable; with own_side if nothing left this machine.
  virtual Result<void> send(std::uint16_t sequence) = 0;

  /// The next reply to one of the requests; everything else that comes is ignored. The one wait of
  /// this class.
  /// Errors: timeout; unavailable (somebody on the way says that the host cannot be reached).
  virtual Result<EchoReply> receive(Deadline deadline) = 0;
};

/// Opens a socket for echoes to `address`, of IPv4 or IPv6. A datagram socket of ICMP needs no
/// rights where the system lets the group of this process use it; a raw one needs CAP_NET_RAW.
/// Errors: unavailable with own_side, which names both ways where neither is permitted.
Result<std::unique_ptr<EchoSocket>> open_echo_socket(const SocketAddress& address);

}  // namespace rz::net
