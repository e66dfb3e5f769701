#pragma once

#include "rz/base/clock.h"
#include "rz/base/result.h"
#include "rz/bench/http/load_request.h"
#include "rz/net/resolver.h"

namespace rz::bench {

/// Whether what is sent to `address` stays on this machine.
bool is_loopback(const net::SocketAddress& address);

/// The address of `target` to put under load: the first that takes a connection, if there are
/// several. Errors: invalid_argument (one of them is not loopback, and `allow_remote` is not set),
/// unavailable (no such host, none of several takes a connection), timeout.
Result<net::SocketAddress> find_load_address(const LoadTarget& target, bool allow_remote,
                                             Deadline deadline);

}  // namespace rz::bench
