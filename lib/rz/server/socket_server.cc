#include "rz/server/socket_server.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace rz::server {
namespace {

using SteadyClock = std::chrono::steady_clock;

// How long the thread sleeps at most, so that it is known to live.
constexpr Millis kLongestSleep{500};
// Of a connection that only has to send its request, once nothing more is accepted.
constexpr Millis kLastWords{250};

}  // namespace

Result<void> SocketServer::start() {
  epoll_ = UniqueFd(::epoll_create1(EPOLL_CLOEXEC));
  if (epoll_) wake_ = UniqueFd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  bool watched = wake_ && watch(wake_.get(), EPOLLIN, EPOLL_CTL_ADD);
  for (const Listener& listener : listeners_) {
    watched = watched && watch(listener.fd(), EPOLLIN, EPOLL_CTL_ADD);
  }
  if (watched) return {};
  return fail_own_side(ErrorCode::unavailable, "cannot wait for connections: " + errno_text(errno));
}

bool SocketServer::watch(int fd, std::uint32_t events, int operation) const {
  epoll_event event{};
  event.events = events;
  event.data.fd = fd;
  return ::epoll_ctl(epoll_.get(), operation, fd, &event) == 0;
}

void SocketServer::run() {
  while (!done()) {
    beat_ = SteadyClock::now();
    turn();
    look_at_times();
  }
  while (!waiting_.empty()) give_up(waiting_.begin()->first);
  connections_.clear();
  listeners_.clear();
}

// Each request that has begun gets its time to arrive, to be answered and to be read.
bool SocketServer::done() const {
  if (stopped_) return true;
  if (!draining_since_) return false;
  const auto now = SteadyClock::now();
  // A client that has just connected may be about to ask.
  if (now < *draining_since_ + kLastWords && !connections_.empty()) return false;
  return table_.busy() == 0;
}

void SocketServer::turn() {
  std::array<epoll_event, 64> ready{};
  const int count =
      ::epoll_wait(epoll_.get(), ready.data(), static_cast<int>(ready.size()), patience());
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = ready[static_cast<std::size_t>(i)];
    const int fd = event.data.fd;
    if (fd == wake_.get()) {
      run_posted();
    } else if (const Listener* listener = listener_at(fd)) {
      accept_some(*listener);
    } else {
      serve(fd, event.events);
    }
  }
}

int SocketServer::patience() const {
  const auto now = SteadyClock::now();
  Millis longest = draining_since_ ? Millis{20} : kLongestSleep;
  const auto until = [&](SteadyClock::time_point then) {
    longest = std::clamp(std::chrono::ceil<Millis>(then - now), Millis{0}, longest);
  };
  if (!connections_.empty()) until(next_look_);
  if (!accepts_) until(no_accept_until_);
  return static_cast<int>(longest.count());
}

void SocketServer::post(std::function<void()> work) {
  {
    const std::lock_guard lock(mutex_);
    posted_.push_back(std::move(work));
  }
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(wake_.get(), &one, sizeof one);
}

void SocketServer::run_posted() {
  std::uint64_t ignored = 0;
  [[maybe_unused]] const auto taken = ::read(wake_.get(), &ignored, sizeof ignored);
  std::vector<std::function<void()>> posted;
  {
    const std::lock_guard lock(mutex_);
    posted.swap(posted_);
  }
  for (const auto& work : posted) work();
}

void SocketServer::answer(std::uint64_t exchange, Answer answer) {
  post([this, exchange, answer = std::move(answer)] { finish(exchange, answer); });
}

void SocketServer::drain() {
  keep_alive_ = false;
  post([this] {
    listeners_.clear();
    draining_since_ = SteadyClock::now();
  });
}

void SocketServer::stop() {
  keep_alive_ = false;
  post([this] { stopped_ = true; });
}

void SocketServer::set_limits(const HttpLimits& limits) {
  post([this, limits] {
    limits_ = limits;
    table_.set_limits(limits);
  });
}

}  // namespace rz::server
