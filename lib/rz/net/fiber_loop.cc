#include "rz/net/fiber_loop.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "rz/base/text.h"

namespace rz::net {
namespace {

using SteadyClock = std::chrono::steady_clock;

// They are told even where nobody asked for them.
constexpr short kAlways = POLLERR | POLLHUP;

}  // namespace

/// A fiber that waits, on its own stack.
struct FiberLoop::Wait {
  Fiber* fiber;
  std::span<pollfd> fds;
  Timers::iterator timer{};
  int ready = 0;
};

class FiberLoop::LoopWaiter final : public Waiter {
 public:
  explicit LoopWaiter(FiberLoop& loop) : loop_(loop) {}
  int wait(std::span<pollfd> fds, Deadline deadline) override { return loop_.wait(fds, deadline); }

 private:
  FiberLoop& loop_;
};

Result<std::shared_ptr<FiberLoop>> FiberLoop::make() {
  UniqueFd epoll(::epoll_create1(EPOLL_CLOEXEC));
  UniqueFd wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  epoll_event event{EPOLLIN, {.fd = wake.get()}};
  if (!epoll || !wake || ::epoll_ctl(epoll.get(), EPOLL_CTL_ADD, wake.get(), &event) != 0) {
    return fail_own_side(ErrorCode::unavailable, errno_text(errno));
  }
  return std::shared_ptr<FiberLoop>(new FiberLoop(std::move(epoll), std::move(wake)));
}

void FiberLoop::add(std::function<void()> task) {
  const std::lock_guard lock(mutex_);
  added_.push_back(std::move(task));
  wake();
}

void FiberLoop::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  wake();
}

void FiberLoop::wake() {
  const std::uint64_t one = 1;
  // Cannot fail: the counter of an eventfd takes far more than this.
  (void)!::write(wake_.get(), &one, sizeof one);
}

void FiberLoop::run() {
  LoopWaiter waiter(*this);
  const UseWaiter use(waiter);
  while (true) {
    const bool more = begin_new();
    run_ready();
    if (!more && fibers_.empty()) return;
    take_events();
    take_timers();
  }
}

// Whether tasks may still come.
bool FiberLoop::begin_new() {
  std::deque<std::function<void()>> added;
  bool closed = false;
  {
    const std::lock_guard lock(mutex_);
    added.swap(added_);
    closed = closed_;
  }
  for (std::function<void()>& task : added) {
    if (spare_stacks_.empty()) spare_stacks_.emplace_back();
    FiberStack stack = std::move(spare_stacks_.back());
    spare_stacks_.pop_back();
    if (!stack) {
      // Without memory for a stack it runs on the loop's own, and blocks it where it waits.
      task();
      continue;
    }
    auto fiber = std::make_unique<Fiber>(std::move(stack), std::move(task));
    ready_.push_back(fiber.get());
    fibers_.emplace(fiber.get(), std::move(fiber));
  }
  return !closed;
}

void FiberLoop::run_ready() {
  // Those that become ready meanwhile have their turn after the events were looked at, so that one
  // which never really waits holds up nobody.
  std::deque<Fiber*> now;
  now.swap(ready_);
  for (Fiber* fiber : now) resume(*fiber);
}

void FiberLoop::resume(Fiber& fiber) {
  running_ = &fiber;
  fiber.resume();
  running_ = nullptr;
  if (!fiber.ended()) return;
  spare_stacks_.push_back(fiber.take_stack());
  fibers_.erase(&fiber);
}

int FiberLoop::wait(std::span<pollfd> fds, Deadline deadline) {
  if (running_ == nullptr) return blocking_waiter().wait(fds, deadline);
  if (SteadyClock::now() >= deadline) return 0;
  Wait wait{running_, fds};
  for (pollfd& entry : fds) {
    entry.revents = 0;
    if (entry.fd < 0) continue;
    if (!watch(wait, entry)) {
      const int error = errno;
      unwatch(wait);
      errno = error;
      return -1;
    }
  }
  wait.timer = timers_.emplace(deadline, &wait).first;
  if (wait.ready > 0) finish(wait);
  running_->leave();
  return wait.ready;
}

bool FiberLoop::watch(Wait& wait, pollfd& entry) {
  const auto [known, is_new] = watched_.try_emplace(entry.fd);
  known->second.emplace_back(&wait, &entry);
  if (set_events(entry.fd, !is_new)) return true;
  // A regular file is always ready, as poll() has it.
  if (errno != EPERM) return false;
  entry.revents = entry.events;
  ++wait.ready;
  return true;
}

// Tells the kernel what the watchers of `fd` wait for.
bool FiberLoop::set_events(int fd, bool known) {
  epoll_event event{};
  event.data.fd = fd;
  for (const auto& [wait, entry] : watched_[fd]) {
    event.events |= static_cast<std::uint32_t>(entry->events);
  }
  return ::epoll_ctl(epoll_.get(), known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event) == 0;
}

void FiberLoop::unwatch(Wait& wait) {
  for (const pollfd& entry : wait.fds) {
    const auto watched = watched_.find(entry.fd);
    if (watched == watched_.end()) continue;
    std::erase_if(watched->second, [&](const auto& watcher) { return watcher.first == &wait; });
    if (watched->second.empty()) {
      watched_.erase(watched);
      ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, entry.fd, nullptr);
    } else {
      set_events(entry.fd, true);
    }
  }
}

// Its fiber goes on in the next round.
void FiberLoop::finish(Wait& wait) {
  unwatch(wait);
  timers_.erase(wait.timer);
  ready_.push_back(wait.fiber);
}

void FiberLoop::take_events() {
  std::array<epoll_event, 64> events;
  const Deadline next = timers_.empty() ? Deadline::max() : timers_.begin()->first;
  const int timeout = ready_.empty() ? poll_timeout(next) : 0;
  const int count = ::epoll_wait(epoll_.get(), events.data(), events.size(), timeout);
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    take_event(event.data.fd, static_cast<short>(event.events));
  }
}

void FiberLoop::take_event(int fd, short events) {
  if (fd == wake_.get()) {
    std::uint64_t ignored = 0;
    (void)!::read(fd, &ignored, sizeof ignored);
    return;
  }
  // One of the same round may have ended the wait that this one was for.
  const auto watched = watched_.find(fd);
  if (watched == watched_.end()) return;
  std::vector<Wait*> over;
  for (const auto& [wait, entry] : watched->second) {
    const short hit = static_cast<short>(events & (entry->events | kAlways));
    if (hit == 0) continue;
    entry->revents = hit;
    if (++wait->ready == 1) over.push_back(wait);
  }
  for (Wait* wait : over) finish(*wait);
}

void FiberLoop::take_timers() {
  const auto now = SteadyClock::now();
  while (!timers_.empty() && timers_.begin()->first <= now) finish(*timers_.begin()->second);
}

}  // namespace rz::net
