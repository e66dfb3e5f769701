#include "rz/server/microhttpd_server.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "rz/server/microhttpd_module.h"

namespace rz::server {
namespace {

using SteadyClock = std::chrono::steady_clock;

// How long the thread sleeps at most, so that it is known to live.
constexpr Millis kLongestSleep{500};
// Of a connection that only has to send its request, once nothing more is accepted.
constexpr Millis kLastWords{250};
// Beside the request's head, libmicrohttpd keeps that of the answer and its own notes in the memory
// of a connection.
constexpr std::size_t kMemoryBesideHead = 4096;

// Leaves the target as it was sent: server/request.h decodes it.
std::size_t keep_encoded(void*, MHD_Connection*, char* text) { return std::strlen(text); }

}  // namespace

Result<void> MicrohttpdServer::start() {
  wake_ = UniqueFd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!wake_) {
    return fail_own_side(ErrorCode::unavailable, "no descriptor: " + errno_text(errno));
  }
  // Its own limit is above ours: which connection goes is decided here, and it closes those a
  // moment later.
  daemon_.reset(::MHD_start_daemon(
      MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET | MHD_ALLOW_SUSPEND_RESUME, 0, nullptr, nullptr,
      &on_request, this, MHD_OPTION_URI_LOG_CALLBACK, &on_target, this, MHD_OPTION_NOTIFY_COMPLETED,
      &on_completed, this, MHD_OPTION_NOTIFY_CONNECTION, &on_connection, this,
      MHD_OPTION_UNESCAPE_CALLBACK, &keep_encoded, nullptr, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
      limits_.header_bytes + kMemoryBesideHead, MHD_OPTION_CONNECTION_LIMIT, 20'000U,
      MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_END));
  if (!daemon_) {
    return fail_own_side(ErrorCode::unavailable,
                         "libmicrohttpd does not start: " + errno_text(errno));
  }
  const MHD_DaemonInfo* info = ::MHD_get_daemon_info(daemon_.get(), MHD_DAEMON_INFO_EPOLL_FD);
  if (info == nullptr) return fail(ErrorCode::internal, "libmicrohttpd has no epoll descriptor");
  served_fd_ = info->epoll_fd;
  return {};
}

bool MicrohttpdServer::done() const {
  if (!draining_since_) return false;
  const auto now = SteadyClock::now();
  // A client that has just connected may be about to ask.
  if (now < *draining_since_ + kLastWords && !links_.empty()) return false;
  if (now >= *draining_since_ + 2 * limits_.request_timeout) return true;
  return suspended_.empty() && table_.waiting().size() == links_.size();
}

void MicrohttpdServer::sleep() {
  Millis longest = kLongestSleep;
  MHD_UNSIGNED_LONG_LONG pending = 0;
  if (::MHD_get_timeout(daemon_.get(), &pending) == MHD_YES) {
    longest = std::min(
        longest, Millis(static_cast<Millis::rep>(std::min<MHD_UNSIGNED_LONG_LONG>(pending, 1000))));
  }
  const auto now = SteadyClock::now();
  const auto until = [&](SteadyClock::time_point then) {
    longest = std::clamp(std::chrono::ceil<Millis>(then - now), Millis{0}, longest);
  };
  if (!links_.empty()) until(next_look_);
  if (now < no_accept_until_) until(no_accept_until_);
  if (draining_since_) longest = std::min(longest, Millis{20});
  std::vector<pollfd> wanted{{served_fd_, POLLIN, 0}, {wake_.get(), POLLIN, 0}};
  if (now >= no_accept_until_) {
    for (const Listener& listener : listeners_) wanted.push_back({listener.fd(), POLLIN, 0});
  }
  // What is ready is found out by trying: there are few sockets beside libmicrohttpd's own.
  ::poll(wanted.data(), wanted.size(), static_cast<int>(longest.count()));
}

void MicrohttpdServer::post(std::function<void()> work) {
  {
    const std::lock_guard lock(mutex_);
    posted_.push_back(std::move(work));
  }
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(wake_.get(), &one, sizeof one);
}

void MicrohttpdServer::run_posted() {
  std::uint64_t ignored = 0;
  [[maybe_unused]] const auto taken = ::read(wake_.get(), &ignored, sizeof ignored);
  std::vector<std::function<void()>> posted;
  {
    const std::lock_guard lock(mutex_);
    posted.swap(posted_);
  }
  for (const auto& work : posted) work();
}

}  // namespace rz::server

rz::server::HttpServer* rz_make_http_server(std::vector<rz::server::Listener>& listeners,
                                            const rz::server::HttpLimits& limits,
                                            rz::server::RequestHandler& handler, rz::Error& error) {
  auto server =
      std::make_unique<rz::server::MicrohttpdServer>(std::move(listeners), limits, handler);
  if (auto started = server->start(); !started) {
    error = std::move(started).error();
    return nullptr;
  }
  return server.release();
}
