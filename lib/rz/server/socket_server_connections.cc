// The connections of SocketServer: accepted, served in turn, and closed when their time is over.

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "rz/server/client_address.h"
#include "rz/server/socket_server.h"

namespace rz::server {
namespace {

using SteadyClock = std::chrono::steady_clock;

// After an accept that failed for want of descriptors; until then it would fail again.
constexpr Millis kAcceptPause{100};
constexpr std::chrono::minutes kBetweenAcceptNotes{1};
// Between two looks for connections whose time is over: each costs as much as there are.
constexpr Millis kShortestLook{20};
constexpr Millis kLongestLook{500};
// What is accepted before those that are there are served again.
constexpr int kAcceptedAtOnce = 64;

}  // namespace

const Listener* SocketServer::listener_at(int fd) const {
  const auto found = std::find_if(listeners_.begin(), listeners_.end(),
                                  [fd](const Listener& each) { return each.fd() == fd; });
  return found != listeners_.end() ? &*found : nullptr;
}

void SocketServer::accept_some(const Listener& listener) {
  for (int i = 0; i < kAcceptedAtOnce && accepts_; ++i) {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    UniqueFd fd(::accept4(listener.fd(), reinterpret_cast<sockaddr*>(&address), &size,
                          SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (fd) {
      const int on = 1;
      if (address.ss_family != AF_UNIX) {
        ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      }
      admit(std::move(fd), client_of(address), listener.local());
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      return;
    } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      return pause_accepting(errno);
    }
    // Any other error is of a connection that was gone before it was accepted.
  }
}

void SocketServer::pause_accepting(int error) {
  const auto now = SteadyClock::now();
  accepts_ = false;
  no_accept_until_ = now + kAcceptPause;
  for (const Listener& listener : listeners_) watch(listener.fd(), 0, EPOLL_CTL_MOD);
  if (now < next_accept_note_) return;
  next_accept_note_ = now + kBetweenAcceptNotes;
  handler_.note("no more connections can be accepted just now: " + errno_text(error));
}

void SocketServer::accept_again() {
  accepts_ = true;
  for (const Listener& listener : listeners_) watch(listener.fd(), EPOLLIN, EPOLL_CTL_MOD);
}

void SocketServer::admit(UniqueFd fd, const std::string& client, bool local) {
  const int number = fd.get();
  auto connection = std::make_unique<Connection>();
  connection->fd = std::move(fd);
  connection->local = local;
  if (!watch(number, connection->awaited, EPOLL_CTL_ADD)) return;  // Out of memory.
  connections_[number] = std::move(connection);
  const auto evicted = table_.add(number, client, SteadyClock::now());
  if (!evicted) return;
  ++closed_full_;
  close(*evicted);
}

void SocketServer::look_at_times() {
  const auto now = SteadyClock::now();
  if (!accepts_ && now >= no_accept_until_) accept_again();
  if (now < next_look_) return;
  next_look_ = now + std::clamp(std::min(limits_.request_timeout, limits_.idle_timeout) / 8,
                                kShortestLook, kLongestLook);
  for (const int fd : table_.overdue(now)) {
    ++timed_out_;
    close(fd);
  }
  std::vector<std::uint64_t> late;
  for (const auto& [exchange, fd] : waiting_) {
    if (connections_.at(fd)->answer_until <= now) late.push_back(exchange);
  }
  for (const std::uint64_t exchange : late) give_up(exchange);
}

void SocketServer::serve(int fd, std::uint32_t events) {
  const auto found = connections_.find(fd);
  if (found == connections_.end()) return;  // Closed since epoll told of it.
  Connection& connection = *found->second;
  switch (connection.state) {
    case State::head:
    case State::body: receive(connection); break;
    case State::sending:
      send_more(connection);
      advance(connection);
      break;
    case State::lingering: discard(connection); break;
    case State::answering:
      if ((events & (EPOLLERR | EPOLLHUP)) != 0) connection.state = State::closed;
      break;
    case State::closed: break;
  }
  settle(connection);
}

// Has epoll tell what the connection waits for now, or removes it.
void SocketServer::settle(Connection& connection) {
  if (connection.state == State::closed) return close(connection.fd.get());
  std::uint32_t awaited = EPOLLIN;
  if (connection.state == State::sending) awaited = EPOLLOUT;
  if (connection.state == State::answering) awaited = 0;
  if (connection.awaited == awaited) return;
  connection.awaited = awaited;
  watch(connection.fd.get(), awaited, EPOLL_CTL_MOD);
}

void SocketServer::close(int fd) {
  table_.remove(fd);
  const auto found = connections_.find(fd);
  if (found == connections_.end()) return;
  waiting_.erase(found->second->exchange);
  connections_.erase(found);
}

}  // namespace rz::server
