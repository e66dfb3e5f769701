#pragma once

#include <cstdint>
#include <string>

#include "rz/base/clock.h"
#include "rz/base/result.h"

namespace rz::net {

/// What a time server tells about this machine's clock.
struct SntpAnswer {
  /// Of the server's clock against `clock`; it may be wrong by half of the delay.
  double offset_seconds = 0;
  double delay_seconds = 0;  ///< On the way there and back.
  int stratum = 0;           ///< How many servers it is away from a reference clock.
};

/// Asks the time server `host` (RFC 4330). A datagram may be lost, so it is asked up to three
/// times. Errors: as for DatagramSocket::connect; unavailable (refused; the server is not
/// synchronized; kiss of death, with its code), timeout, corrupt (an answer that is none, or
/// whose times contradict each other).
Result<SntpAnswer> ask_time(const std::string& host, std::uint16_t port, Clock& clock,
                            Deadline deadline);

}  // namespace rz::net
