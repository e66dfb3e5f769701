#include "rz/base/waiter.h"

#include <algorithm>
#include <cerrno>

namespace rz {
namespace {

class BlockingWaiter final : public Waiter {
 public:
  int wait(std::span<pollfd> fds, Deadline deadline) override {
    while (const int timeout = poll_timeout(deadline)) {
      const int ready = ::poll(fds.data(), fds.size(), timeout);
      if (ready > 0 || (ready < 0 && errno != EINTR)) return ready;
    }
    return 0;
  }
};

thread_local Waiter* set_waiter = nullptr;

}  // namespace

Waiter& current_waiter() { return set_waiter != nullptr ? *set_waiter : blocking_waiter(); }

Waiter& blocking_waiter() {
  // It has no state, and is never destroyed: threads that were left behind wait while the process
  // ends.
  static Waiter& blocking = *new BlockingWaiter;
  return blocking;
}

UseWaiter::UseWaiter(Waiter& waiter) : before_(set_waiter) { set_waiter = &waiter; }

UseWaiter::~UseWaiter() { set_waiter = before_; }

int poll_timeout(Waiter::Deadline deadline) {
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
  return static_cast<int>(std::clamp<long long>(left.count(), 0, 1'000'000));
}

}  // namespace rz
