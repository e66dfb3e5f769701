// The connections of MicrohttpdServer: accepted, handed over, and closed when their time is over.

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "rz/server/client_address.h"
#include "rz/server/microhttpd_server.h"

namespace rz::server {
namespace {

using SteadyClock = std::chrono::steady_clock;

// After an accept that failed for want of descriptors; until then it would fail again.
constexpr Millis kAcceptPause{100};
// Between two looks for connections whose time is over: each costs as much as there are.
constexpr Millis kBetweenLooks{20};
// What is accepted before those that are there are served again.
constexpr int kAcceptedAtOnce = 64;

}  // namespace

void MicrohttpdServer::accept_all() {
  if (SteadyClock::now() < no_accept_until_) return;
  for (const Listener& listener : listeners_) accept_some(listener);
}

void MicrohttpdServer::accept_some(const Listener& listener) {
  for (int i = 0; i < kAcceptedAtOnce; ++i) {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    UniqueFd fd(::accept4(listener.fd(), reinterpret_cast<sockaddr*>(&address), &size,
                          SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (fd) {
      admit(std::move(fd), address, size, listener.local());
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      return;
    } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      return pause_accepting(errno);
    }
    // Any other error is of a connection that was gone before it was accepted.
  }
}

void MicrohttpdServer::pause_accepting(int error) {
  no_accept_until_ = SteadyClock::now() + kAcceptPause;
  if (!std::exchange(accept_failure_told_, true)) {
    handler_.note("no more connections can be accepted just now: " + errno_text(error));
  }
}

void MicrohttpdServer::admit(UniqueFd fd, const sockaddr_storage& address, socklen_t size,
                             bool local) {
  const int on = 1;
  if (address.ss_family != AF_UNIX) {
    ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  const int number = fd.get();
  auto link = std::make_unique<Link>();
  link->fd = number;
  link->local = local;
  links_[number] = std::move(link);
  const auto evicted = table_.add(number, client_of(address), SteadyClock::now());
  // It owns the descriptor from now on, also where it fails.
  if (::MHD_add_connection(daemon_.get(), fd.release(), reinterpret_cast<const sockaddr*>(&address),
                           size) != MHD_YES) {
    return disconnect(number);
  }
  if (!evicted) return;
  ++closed_full_;
  shut(*evicted);
}

void MicrohttpdServer::close_overdue() {
  const auto now = SteadyClock::now();
  if (now < next_look_) return;
  next_look_ = now + kBetweenLooks;
  for (const int fd : table_.overdue(now)) {
    ++timed_out_;
    shut(fd);
  }
  std::vector<std::uint64_t> late;
  for (const auto& [exchange, fd] : suspended_) {
    if (links_.at(fd)->suspended_until <= now) late.push_back(exchange);
  }
  for (const std::uint64_t exchange : late) finish(exchange, handler_.give_up());
}

Link* MicrohttpdServer::connect(MHD_Connection* connection) {
  const MHD_ConnectionInfo* info =
      ::MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  if (info == nullptr) return nullptr;
  const auto found = links_.find(info->connect_fd);
  if (found == links_.end()) return nullptr;
  found->second->connection = connection;
  return found->second.get();
}

void MicrohttpdServer::disconnect(int fd) {
  table_.remove(fd);
  const auto found = links_.find(fd);
  if (found == links_.end()) return;
  if (found->second->exchange) suspended_.erase(found->second->exchange->number);
  links_.erase(found);
}

Link* MicrohttpdServer::link_of(MHD_Connection* connection) {
  const MHD_ConnectionInfo* info =
      ::MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
  return info != nullptr ? static_cast<Link*>(info->socket_context) : nullptr;
}

}  // namespace rz::server
