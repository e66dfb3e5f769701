#pragma once

#include "rz/base/clock.h"
#include "rz/base/result.h"
#include "rz/bench/http/load_request.h"
#include "rz/net/resolver.h"

namespace rz::bench {

/// Whether what is sent to `address` stays on this machine.
bool is_loopback(const net::SocketAddress& address);

/// Whether `host` can be resolved without asking a name server: an address, `localhost`, or a name
/// in the text of /etc/hosts.
bool is_named_here(std::string_view host, std::string_view hosts_file);

/// The address of `target` to put under load: the first that takes a connection, if there are
/// several. Errors: invalid_argument (one of them is not loopback, and `allow_remote` is not set;
/// no name server is asked then),
/// unavailable (no such host, none of several takes a connection), timeout.
Result<net::SocketAddress> find_load_address(const LoadTarget& target, bool allow_remote,
                                             Deadline deadline);

}  // namespace rz::bench
