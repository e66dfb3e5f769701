#include "rz/net/datagram_socket.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>

#include "rz/base/text.h"
#include "rz/base/waiter.h"
#include "rz/net/no_answer.h"
#include "rz/net/resolver.h"
#include "rz/net/transport.h"

namespace rz::net {

Result<void> DatagramSocket::connect(const std::string& host, std::uint16_t port,
                                     Deadline deadline) {
  const auto addresses = resolve(host, port, deadline);
  if (!addresses) {
    const Error& error = addresses.error();
    return fail(Error{error.code,
                      error.code == ErrorCode::timeout ? error.message : "no such host",
                      {},
                      error.own_side});
  }
  int error = EADDRNOTAVAIL;
  for (const SocketAddress& address : *addresses) {
    UniqueFd fd(::socket(address.storage.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (fd && ::connect(fd.get(), address.get(), address.size) == 0) {
      fd_ = std::move(fd);
      return {};
    }
    error = errno;
  }
  return fail(Error{ErrorCode::unavailable, errno_text(error), {}, is_own_side_errno(error)});
}

Result<void> DatagramSocket::connect_unix(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) {
    return fail(ErrorCode::invalid_argument, "the path is too long for a socket");
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  UniqueFd fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const auto* generic = reinterpret_cast<const sockaddr*>(&address);
  if (!fd || ::connect(fd.get(), generic, sizeof address) != 0) {
    return fail(ErrorCode::unavailable, errno_text(errno));
  }
  fd_ = std::move(fd);
  return {};
}

Result<void> DatagramSocket::send(std::string_view datagram) {
  const auto sent = [&] {
    return ::send(fd_.get(), datagram.data(), datagram.size(), MSG_NOSIGNAL) >= 0;
  };
  if (sent()) return {};
  const int error = errno;
  // A refused send tells of the datagram before; it sends nothing, and the next one may arrive.
  if (error == ECONNREFUSED) sent();
  return fail(Error{ErrorCode::unavailable, errno_text(error), {}, is_own_side_errno(error)});
}

Result<std::size_t> DatagramSocket::receive(std::span<char> buffer, Deadline deadline) {
  while (true) {
    const ssize_t size = ::recv(fd_.get(), buffer.data(), buffer.size(), 0);
    if (size >= 0) return static_cast<std::size_t>(size);
    if (errno == EINTR) continue;
    if (errno != EAGAIN) return fail(ErrorCode::unavailable, errno_text(errno));
    pollfd entry{fd_.get(), POLLIN, 0};
    const int ready = current_waiter().wait({&entry, 1}, deadline);
    if (ready == 0) return no_answer_in_time();
    if (ready < 0) return fail(ErrorCode::unavailable, errno_text(errno));
  }
}

Result<void> DatagramSocket::refusal() {
  int error = 0;
  socklen_t size = sizeof error;
  if (!fd_ || ::getsockopt(fd_.get(), SOL_SOCKET, SO_ERROR, &error, &size) != 0 || error == 0) {
    return {};
  }
  return fail(ErrorCode::unavailable, errno_text(error));
}

}  // namespace rz::net
