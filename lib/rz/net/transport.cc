#include "rz/net/transport.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "rz/base/file.h"
#include "rz/base/waiter.h"
#include "rz/net/no_answer.h"
#include "rz/net/resolver.h"

namespace rz::net {
namespace {

using SteadyClock = std::chrono::steady_clock;

tl::unexpected<Error> broken(int error) { return fail(ErrorCode::unavailable, errno_text(error)); }

/// Why a connection was not made.
struct NotConnected {
  Error error;
  bool refused = false;  ///< Nobody listens.
};

template <class T>
using Connected = tl::expected<T, NotConnected>;

tl::unexpected<NotConnected> not_connected(int error) {
  return tl::unexpected(
      NotConnected{Error{ErrorCode::unavailable, errno_text(error), {}, is_own_side_errno(error)},
                   error == ECONNREFUSED});
}

tl::unexpected<NotConnected> not_connected(Error error) {
  return tl::unexpected(NotConnected{std::move(error)});
}

// Waits until the descriptor is ready for `events`.
Result<void> wait_for(int fd, short events, Deadline deadline) {
  pollfd entry{fd, events, 0};
  const int ready = current_waiter().wait({&entry, 1}, deadline);
  if (ready > 0) return {};
  if (ready == 0) return no_answer_in_time();
  return broken(errno);
}

class SocketTransport final : public Transport {
 public:
  explicit SocketTransport(UniqueFd fd) : fd_(std::move(fd)) {}

  Result<void> write_all(std::string_view bytes, Deadline deadline) override {
    while (!bytes.empty()) {
      const ssize_t n = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n >= 0) {
        bytes.remove_prefix(static_cast<std::size_t>(n));
      } else if (errno == EAGAIN) {
        if (auto ready = wait_for(fd_.get(), POLLOUT, deadline); !ready) return ready;
      } else if (errno != EINTR) {
        return broken(errno);
      }
    }
    return {};
  }

  Result<std::size_t> read_some(std::span<char> buffer, Deadline deadline) override {
    while (true) {
      const ssize_t n = ::recv(fd_.get(), buffer.data(), buffer.size(), 0);
      if (n > 0) return static_cast<std::size_t>(n);
      if (n == 0) return fail(ErrorCode::unavailable, "the other side closed the connection");
      if (errno == EAGAIN) {
        if (auto ready = wait_for(fd_.get(), POLLIN, deadline); !ready) return fail(ready.error());
      } else if (errno != EINTR) {
        return broken(errno);
      }
    }
  }

  bool is_quiet() override {
    char byte = 0;
    return ::recv(fd_.get(), &byte, 1, MSG_PEEK) < 0 && errno == EAGAIN;
  }

 private:
  UniqueFd fd_;
};

// Waits for the outcome of a connect that was begun.
Connected<void> finish_connect(int fd, Deadline deadline) {
  if (auto ready = wait_for(fd, POLLOUT, deadline); !ready) return not_connected(ready.error());
  int error = 0;
  socklen_t length = sizeof error;
  if (::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) != 0) return not_connected(errno);
  if (error != 0) return not_connected(error);
  return {};
}

Connected<void> begin_connect(int fd, const sockaddr* address, socklen_t size, Deadline deadline) {
  while (::connect(fd, address, size) != 0) {
    // After a signal the kernel goes on connecting; a second connect() would fail with EALREADY.
    if (errno == EINPROGRESS || errno == EINTR) return finish_connect(fd, deadline);
    // EAGAIN is a unix socket whose queue of connections is full. No event tells when it has room.
    if (errno != EAGAIN) return not_connected(errno);
    constexpr std::chrono::milliseconds kPause{10};
    const auto now = SteadyClock::now();
    if (now >= deadline) return not_connected(no_answer_in_time().value());
    current_waiter().wait({}, std::min(deadline, now + kPause));
  }
  return {};
}

Connected<std::unique_ptr<Transport>> connect_socket(const sockaddr* address, socklen_t size,
                                                     Deadline deadline) {
  UniqueFd fd(::socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return not_connected(errno);
  if (auto connected = begin_connect(fd.get(), address, size, deadline); !connected) {
    return tl::unexpected(std::move(connected).error());
  }
  if (address->sa_family != AF_UNIX) {
    // Requests are small and wait for their answers, so delaying small packets would only cost
    // time. Keepalive finds out that the other side of an idle connection has vanished.
    const int on = 1;
    ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    ::setsockopt(fd.get(), SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  }
  return std::make_unique<SocketTransport>(std::move(fd));
}

// The connection to the first address that takes one; else why the last one that counts did not.
Connected<std::unique_ptr<Transport>> connect_to_any(const SocketAddresses& addresses,
                                                     Deadline deadline) {
  auto left = static_cast<int>(addresses.size());
  Connected<std::unique_ptr<Transport>> last = not_connected(EADDRNOTAVAIL);
  bool all_refused = true;
  for (const SocketAddress& address : addresses) {
    // An address that never answers must not use up the time of the next one.
    const auto now = SteadyClock::now();
    auto next = connect_socket(address.get(), address.size, now + (deadline - now) / left--);
    if (next) return next;
    // An address that this machine cannot reach must not hide the answer of another one.
    const bool own_side = next.error().error.own_side;
    if (!own_side) all_refused = all_refused && next.error().refused;
    if (last.error().error.own_side || !own_side) last = std::move(next);
  }
  last.error().refused = last.error().refused && all_refused;
  return last;
}

std::chrono::microseconds since(SteadyClock::time_point begin, SteadyClock::time_point end) {
  return std::chrono::duration_cast<std::chrono::microseconds>(end - begin);
}

}  // namespace

bool is_own_side_errno(int error) {
  switch (error) {
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case ENOBUFS:
    case EADDRNOTAVAIL:
    case EADDRINUSE:
    case EAGAIN:
    case EACCES:
    case EPERM:
    case ENETDOWN:
    case ENETUNREACH:
    case EAFNOSUPPORT: return true;
    default: return false;
  }
}

Result<std::unique_ptr<Transport>> connect_tcp(const std::string& host, std::uint16_t port,
                                               Deadline deadline, ConnectReport* report) {
  ConnectReport ignored;
  if (report == nullptr) report = &ignored;
  *report = {};
  const auto begin = SteadyClock::now();
  const Result<SocketAddresses> addresses = resolve(host, port, deadline);
  const auto found = SteadyClock::now();
  report->look_up = since(begin, found);
  if (!addresses) return fail(addresses.error());
  auto connected = connect_to_any(*addresses, deadline);
  report->connect = since(found, SteadyClock::now());
  if (connected) return *std::move(connected);
  report->refused = connected.error().refused;
  return fail(std::move(connected).error().error);
}

Result<std::unique_ptr<Transport>> connect_unix(const std::string& path, Deadline deadline) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) {
    return fail(ErrorCode::invalid_argument, "the path of a unix socket can have at most " +
                                                 std::to_string(sizeof address.sun_path - 1) +
                                                 " bytes, but this one has " +
                                                 std::to_string(path.size()));
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  auto connected =
      connect_socket(reinterpret_cast<const sockaddr*>(&address), sizeof address, deadline);
  if (!connected) return fail(std::move(connected).error().error);
  return *std::move(connected);
}

}  // namespace rz::net
