#include "rz/bench/http/load_address.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "rz/base/file.h"
#include "rz/base/text.h"
#include "rz/base/try.h"
#include "rz/base/waiter.h"

namespace rz::bench {
namespace {

constexpr unsigned kLoopbackNet = 127;
constexpr const char* kHostsFile = "/etc/hosts";
constexpr std::uint64_t kMaxHostsFile = 16 << 20;

std::string refusal_of(const LoadTarget& target) {
  return "the server '" + target.host +
         "' is not on this machine's loopback; --allow-remote puts it under load all the same";
}

/// 0, or why `address` takes no connection.
int try_connection(const net::SocketAddress& address, Deadline deadline) {
  const UniqueFd fd(
      ::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return errno;
  if (::connect(fd.get(), address.get(), address.size) == 0) return 0;
  if (errno != EINPROGRESS) return errno;
  pollfd waiting{fd.get(), POLLOUT, 0};
  if (current_waiter().wait({&waiting, 1}, deadline) <= 0) return ETIMEDOUT;
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &error, &size);
  return error;
}

}  // namespace

bool is_loopback(const net::SocketAddress& address) {
  if (address.storage.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address.storage);
    return ntohl(v4.sin_addr.s_addr) >> 24 == kLoopbackNet;
  }
  const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address.storage);
  if (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr)) return v6.sin6_addr.s6_addr[12] == kLoopbackNet;
  return IN6_IS_ADDR_LOOPBACK(&v6.sin6_addr);
}

bool is_named_here(std::string_view host, std::string_view hosts_file) {
  if (host == "localhost" || host.ends_with(".localhost")) return true;
  // An address needs no name server.
  if (host.find_first_not_of("0123456789.") == std::string_view::npos ||
      host.find(':') != std::string_view::npos) {
    return true;
  }
  for (std::string_view line : split(hosts_file, '\n')) {
    line = line.substr(0, line.find('#'));
    std::string blanks(line);
    std::replace(blanks.begin(), blanks.end(), '\t', ' ');
    for (const std::string_view name : split(blanks, ' ')) {
      if (!name.empty() && to_lower(name) == to_lower(host)) return true;
    }
  }
  return false;
}

Result<net::SocketAddress> find_load_address(const LoadTarget& target, bool allow_remote,
                                             Deadline deadline) {
  if (!allow_remote &&
      !is_named_here(target.host, read_file(kHostsFile, kMaxHostsFile).value_or(""))) {
    return fail(ErrorCode::invalid_argument, refusal_of(target));
  }
  TRY_ASSIGN(const net::SocketAddresses addresses,
             net::resolve(target.host, target.port, deadline));
  if (!allow_remote && !std::all_of(addresses.begin(), addresses.end(), is_loopback)) {
    return fail(ErrorCode::invalid_argument, refusal_of(target));
  }
  // A single one is found out by the run's own connections.
  if (addresses.size() == 1) return addresses.front();
  int error = 0;
  for (const net::SocketAddress& address : addresses) {
    error = try_connection(address, deadline);
    if (error == 0) return address;
  }
  return fail(error == ETIMEDOUT ? ErrorCode::timeout : ErrorCode::unavailable,
              "cannot connect: " + errno_text(error), target.authority);
}

}  // namespace rz::bench
