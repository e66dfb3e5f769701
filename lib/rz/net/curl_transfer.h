#pragma once

#include <curl/curl.h>
#include <poll.h>

#include <memory>
#include <optional>
#include <vector>

#include "rz/base/clock.h"
#include "rz/base/waiter.h"

namespace rz::net {

/// One transfer of libcurl that waits through a Waiter. curl_easy_perform() would block the thread;
/// it does the same with a handle for several transfers, of which it uses one.
class CurlTransfer {
 public:
  explicit CurlTransfer(Waiter& waiter);

  /// As curl_easy_perform(), once. The time limit is that of `easy`; `end` is when it is given up
  /// if libcurl did not keep to it.
  CURLcode perform(CURL* easy, Deadline end);

 private:
  struct Deleter {
    void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
  };

  static int take_socket(CURL* easy, curl_socket_t fd, int what, void* self, void*) noexcept;
  static int take_timer(CURLM* multi, long milliseconds, void* self) noexcept;
  void watch(int fd, int what);
  bool step(Deadline end);
  CURLcode run(Deadline end);

  Waiter& waiter_;
  std::vector<pollfd> fds_;        ///< What libcurl waits for,
  std::optional<Deadline> timer_;  ///< and until when.
  int running_ = 1;
  std::unique_ptr<CURLM, Deleter> multi_;
};

}  // namespace rz::net
