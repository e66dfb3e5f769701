#pragma once

#include <sys/socket.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "rz/base/clock.h"
#include "rz/base/result.h"

namespace rz::net {

/// An address as the system's calls take it.
struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;

  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

using SocketAddresses = std::vector<SocketAddress>;

/// How many threads look up names, in the program. What is asked beyond that waits for one of them.
inline constexpr std::size_t kMaxLookUpThreads = 16;

/// The addresses of `host`, a name or a literal IPv4 or IPv6 address (no brackets), in the system's
/// order. The only place where rz looks up a name: getaddrinfo takes no deadline, and with a name
/// server that does not answer it takes longer than any of ours. So it runs on a thread, which is
/// left behind at the deadline and ends when the system gives up. The caller waits through its
/// Waiter. A literal address needs no thread, and callers that ask for one name share a look-up.
/// Errors: timeout; unavailable (no such host, or no descriptor or thread to look it up).
Result<SocketAddresses> resolve(const std::string& host, std::uint16_t port, Deadline deadline);

/// Whether `host` is an address, so that resolve() asks nobody.
bool is_literal_address(const std::string& host);

using LookUpName = std::function<Result<SocketAddresses>()>;

/// What resolve() does with a name: `look_up` runs on one of the threads, and is left behind at the
/// deadline. Whoever asks for a `host` that is being looked up shares that answer; nobody shares
/// that of an empty one. Errors: as resolve().
Result<SocketAddresses> look_up_until(const std::string& host, LookUpName look_up,
                                      Deadline deadline);

}  // namespace rz::net
