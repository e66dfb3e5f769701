#include "rz/bench/http/load_connection.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace rz::bench {
namespace {

using net::StreamStep;

// Where no connection can be made, another try at once would only load the processor.
constexpr std::chrono::milliseconds kFirstPause{100};
constexpr int kLongestPauseDoublings = 3;

// From so many bytes of a body on, the kernel is told to throw them away.
constexpr std::uint64_t kWorthDiscarding = 32 * 1024;

// Of such a body, so much is let come together before it is read. Each read of less would tell the
// server of a little room, which costs it more than it gains by it.
constexpr std::uint64_t kReadTogether = 256 * 1024;

LoadError connect_error(int error) {
  if (error == ECONNREFUSED) return LoadError::refused;
  if (error == ECONNRESET) return LoadError::reset;
  return error == ETIMEDOUT ? LoadError::timeout : LoadError::connect;
}

StreamStep step_of(ssize_t result) {
  if (result > 0) return {StreamStep::State::done, static_cast<std::size_t>(result)};
  if (result == 0) return {StreamStep::State::closed};
  const bool later = errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
  return {later ? StreamStep::State::again : StreamStep::State::failed};
}

}  // namespace

void LoadConnection::connect(LoadTime now) {
  connect_began_ = now;
  peer_closes_ = was_useful_ = false;
  awaited_ = 1;
  const net::SocketAddress& address = host_.address;
  const int family = address.storage.ss_family;
  fd_.reset(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd_) return give_up(LoadError::connect, now);
  const int on = 1;
  ::setsockopt(fd_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (::connect(fd_.get(), address.get(), address.size) != 0 && errno != EINPROGRESS) {
    return give_up(connect_error(errno), now);
  }
  // Registered once for all: an edge tells of each arrival, and of room only after there was none.
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  event.data.ptr = this;
  if (::epoll_ctl(host_.epoll.get(), EPOLL_CTL_ADD, fd_.get(), &event) != 0) {
    return give_up(LoadError::connect, now);
  }
  state_ = State::connecting;
}

void LoadConnection::on_event(std::uint32_t events, LoadTime now) {
  if (state_ == State::connecting) check_connected(now);
  if (state_ == State::handshake) shake_hands(now);
  if (state_ != State::open) return;
  if (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) peer_closes_ = true;
  if (events & EPOLLOUT) writable(now);
  read_all(now);
}

void LoadConnection::check_connected(LoadTime now) {
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(fd_.get(), SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) return give_up(connect_error(error), now);
  sockaddr_storage peer{};
  size = sizeof peer;
  if (::getpeername(fd_.get(), reinterpret_cast<sockaddr*>(&peer), &size) != 0) return;
  connected_ = now;
  if (host_.tls) {
    tls_ = host_.tls->open(fd_.get());
    if (!tls_) return give_up(LoadError::tls, now);
  }
  state_ = State::handshake;
}

void LoadConnection::shake_hands(LoadTime now) {
  if (tls_) {
    const StreamStep step = tls_->shake_hands();
    if (step.state == StreamStep::State::again) return;
    if (step.state != StreamStep::State::done) return give_up(LoadError::tls, now);
  }
  state_ = State::open;
  failures_ = 0;
  LoadResult& result = host_.recorder->result;
  ++result.connections;
  result.connect.record(connected_ - connect_began_);
  if (tls_) result.tls.record(now - connected_);
  opened();
}

net::StreamStep LoadConnection::read_some(bool& discarded) {
  if (tls_) return tls_->read(host_.buffer);
  const std::uint64_t rest = skippable();
  discarded = rest >= kWorthDiscarding;
  wait_for(discarded ? std::min(rest, kReadTogether) : 1);
  if (!discarded) return step_of(::recv(fd_.get(), host_.buffer.data(), host_.buffer.size(), 0));
  // Linux drops bytes of TCP that are read so, without copying them: tcp(7).
  const std::size_t most = static_cast<std::size_t>(std::min<std::uint64_t>(rest, 1 << 30));
  return step_of(::recv(fd_.get(), nullptr, most, MSG_TRUNC));
}

// Until so many bytes have come, or no more will, nothing is told. There are never fewer to come.
void LoadConnection::wait_for(std::uint64_t bytes) {
  if (bytes == awaited_) return;
  const int count = static_cast<int>(bytes);
  if (::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVLOWAT, &count, sizeof count) == 0) awaited_ = bytes;
}

// An edge is not told again: what has come must be read, up to where the kernel surely has no more.
void LoadConnection::read_all(LoadTime now) {
  for (bool first = true; state_ == State::open; first = false) {
    bool discarded = false;
    const StreamStep step = read_some(discarded);
    if (step.state == StreamStep::State::again) return;
    if (step.state != StreamStep::State::done) {
      const bool closed = step.state == StreamStep::State::closed;
      return ended(closed ? Ending::closed : tls_ ? Ending::cut : Ending::reset, now);
    }
    // What the first read brought was there when the event was told; later bytes came later.
    if (!first) now = load_clock();
    bool more = true;
    if (discarded) {
      skip(step.bytes);
    } else {
      more = take({host_.buffer.data(), step.bytes}, now);
    }
    const bool drained =
        tls_ ? !tls_->has_pending() && !more : !discarded && step.bytes < host_.buffer.size();
    if (drained && !peer_closes_) return;
  }
}

net::StreamStep LoadConnection::send_some(std::string_view bytes) {
  if (tls_) return tls_->write(bytes);
  return step_of(::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL));
}

void LoadConnection::close() {
  tls_.reset();
  fd_.reset();
  state_ = State::closed;
}

void LoadConnection::pause(LoadTime now) {
  close();
  retry_at_ = now + kFirstPause * (1 << std::min(failures_, kLongestPauseDoublings));
  free_since_ = retry_at_;
  ++failures_;
  state_ = State::pausing;
}

void LoadConnection::reconnect(LoadTime now) {
  if (!was_useful_ && is_idle()) {
    note_failure("the server closed each before it was used");
    return pause(now);
  }
  close();
  free_since_ = now;
  if (host_.wants_connections()) connect(now);
}

void LoadConnection::note_failure(std::string_view what) {
  std::string& said = host_.recorder->result.first_failure;
  if (said.empty()) said = what;
}

void LoadConnection::give_up(LoadError error, LoadTime now) {
  if (error == LoadError::tls && tls_) note_failure(tls_->error().message);
  note_failure(explain(error));
  host_.could_not_connect(*this, error, now);
  pause(now);
}

void LoadConnection::tick(LoadTime now) {
  if (state_ == State::open) return check_timeouts(now);
  if (is_connecting() && now - connect_began_ > host_.options->timeout) {
    return give_up(LoadError::timeout, now);
  }
  if (state_ == State::pausing && now >= retry_at_ && host_.wants_connections()) connect(now);
}

}  // namespace rz::bench
