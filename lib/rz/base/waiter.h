#pragma once

#include <poll.h>

#include <chrono>
#include <span>

namespace rz {

/// How the code of rz waits for descriptors and for time: through the current thread's Waiter,
/// never by itself. So the same straight-line code blocks a thread of its own, or shares a thread
/// with hundreds of others (net/fiber_loop.h), and does not know which.
///
/// A caller holds no lock, and is in no `catch` block, while it waits. A module has its own copy of
/// this code and of what the current Waiter is: it is handed the one to use.
class Waiter {
 public:
  using Deadline = std::chrono::steady_clock::time_point;

  virtual ~Waiter() = default;

  /// As poll(), until `deadline`; without descriptors it sleeps. Returns how many of `fds` are
  /// ready, with their `revents`, 0 once the deadline has passed, or -1 with errno, which is never
  /// EINTR.
  virtual int wait(std::span<pollfd> fds, Deadline deadline) = 0;

  /// How long whoever asks has been held up, in all, by others that share its thread: what it
  /// waited for was there, or its deadline had passed, and it had no turn yet. It may have been
  /// less, since nobody sees when something comes while others have their turn.
  virtual std::chrono::nanoseconds held_up() const { return {}; }
};

/// The Waiter of this thread; one that blocks it unless another was set.
Waiter& current_waiter();

/// The one that blocks its thread.
Waiter& blocking_waiter();

/// Makes `waiter` that of this thread while it lives.
class UseWaiter {
 public:
  explicit UseWaiter(Waiter& waiter);
  ~UseWaiter();
  UseWaiter(const UseWaiter&) = delete;
  UseWaiter& operator=(const UseWaiter&) = delete;

 private:
  Waiter* before_;
};

/// The timeout of poll() for `deadline`, in milliseconds. Rounded up, so that it is 0 only once the
/// deadline has passed. A later deadline than an int can hold is reached by waiting again.
int poll_timeout(Waiter::Deadline deadline);

}  // namespace rz
