#include "rz/net/curl_transfer.h"

#include <algorithm>
#include <chrono>

namespace rz::net {

using SteadyClock = std::chrono::steady_clock;

CurlTransfer::CurlTransfer(Waiter& waiter) : waiter_(waiter), multi_(curl_multi_init()) {
  if (!multi_) return;
  curl_multi_setopt(multi_.get(), CURLMOPT_SOCKETFUNCTION, &CurlTransfer::take_socket);
  curl_multi_setopt(multi_.get(), CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(multi_.get(), CURLMOPT_TIMERFUNCTION, &CurlTransfer::take_timer);
  curl_multi_setopt(multi_.get(), CURLMOPT_TIMERDATA, this);
}

CURLcode CurlTransfer::perform(CURL* easy, Deadline end) {
  // Without a descriptor left, libcurl has no handle either.
  if (!multi_ || curl_multi_add_handle(multi_.get(), easy) != CURLM_OK) return CURLE_FAILED_INIT;
  const CURLcode code = run(end);
  curl_multi_remove_handle(multi_.get(), easy);
  return code;
}

CURLcode CurlTransfer::run(Deadline end) {
  while (running_ > 0) {
    if (SteadyClock::now() >= end) return CURLE_OPERATION_TIMEDOUT;
    if (!step(end)) return CURLE_FAILED_INIT;
  }
  int left = 0;
  const CURLMsg* message = curl_multi_info_read(multi_.get(), &left);
  return message == nullptr ? CURLE_FAILED_INIT : message->data.result;
}

// Waits for what libcurl waits for, and tells it. Whether it can go on.
bool CurlTransfer::step(Deadline end) {
  // Its callbacks change the list.
  std::vector<pollfd> fds = fds_;
  if (waiter_.wait(fds, std::min(end, timer_.value_or(end))) < 0) return false;
  CURLMcode code = CURLM_OK;
  if (timer_ && SteadyClock::now() >= *timer_) {
    timer_.reset();
    code = curl_multi_socket_action(multi_.get(), CURL_SOCKET_TIMEOUT, 0, &running_);
  }
  for (const pollfd& entry : fds) {
    if (entry.revents == 0 || code != CURLM_OK) continue;
    const int what = ((entry.revents & POLLIN) != 0 ? CURL_CSELECT_IN : 0) |
                     ((entry.revents & POLLOUT) != 0 ? CURL_CSELECT_OUT : 0) |
                     ((entry.revents & (POLLERR | POLLHUP | POLLNVAL)) != 0 ? CURL_CSELECT_ERR : 0);
    code = curl_multi_socket_action(multi_.get(), entry.fd, what, &running_);
  }
  return code == CURLM_OK;
}

int CurlTransfer::take_socket(CURL*, curl_socket_t fd, int what, void* self, void*) noexcept {
  static_cast<CurlTransfer*>(self)->watch(fd, what);
  return 0;
}

void CurlTransfer::watch(int fd, int what) {
  std::erase_if(fds_, [fd](const pollfd& entry) { return entry.fd == fd; });
  if (what == CURL_POLL_REMOVE) return;
  const int events =
      ((what & CURL_POLL_IN) != 0 ? POLLIN : 0) | ((what & CURL_POLL_OUT) != 0 ? POLLOUT : 0);
  fds_.push_back({fd, static_cast<short>(events), 0});
}

int CurlTransfer::take_timer(CURLM*, long milliseconds, void* self) noexcept {
  auto& timer = static_cast<CurlTransfer*>(self)->timer_;
  timer.reset();
  if (milliseconds >= 0) timer = SteadyClock::now() + std::chrono::milliseconds(milliseconds);
  return 0;
}

}  // namespace rz::net
