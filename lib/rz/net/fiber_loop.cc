#include "rz/net/fiber_loop.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <iterator>

#include "rz/base/text.h"

namespace rz::net {
namespace {

using SteadyClock = std::chrono::steady_clock;

// They are told even where nobody asked for them.
constexpr short kAlways = POLLERR | POLLHUP;

// After how many rounds a task begins although others can go on.
constexpr unsigned kRoundsPerBegin = 16;

}  // namespace

struct FiberLoop::Task {
  Task(FiberStack stack, Added added)
      : fiber(std::move(stack), std::move(added.body)), id(added.id) {}

  Fiber fiber;
  std::size_t id;
  Deadline ready_since = SteadyClock::now();  ///< While it waits for its turn.
  std::chrono::nanoseconds held_up{0};
};

/// A task that waits, on its own stack.
struct FiberLoop::Wait {
  Task* task;
  std::span<pollfd> fds;
  Deadline begun;
  Timers::iterator timer{};
  int ready = 0;
};

class FiberLoop::LoopWaiter final : public Waiter {
 public:
  explicit LoopWaiter(FiberLoop& loop) : loop_(loop) {}
  int wait(std::span<pollfd> fds, Deadline deadline) override { return loop_.wait(fds, deadline); }
  std::chrono::nanoseconds held_up() const override {
    return loop_.running_ == nullptr ? std::chrono::nanoseconds{0} : loop_.running_->held_up;
  }

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

FiberLoop::FiberLoop(UniqueFd epoll, UniqueFd wake)
    : epoll_(std::move(epoll)), wake_(std::move(wake)) {}

FiberLoop::~FiberLoop() = default;

void FiberLoop::add(std::function<void()> task, std::size_t id) {
  const std::lock_guard lock(mutex_);
  added_.push_back({std::move(task), id});
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

std::optional<FiberLoop::Busy> FiberLoop::busy() const {
  const std::lock_guard lock(mutex_);
  return busy_;
}

void FiberLoop::run() {
  LoopWaiter waiter(*this);
  const UseWaiter use(waiter);
  while (true) {
    const bool more = take_added();
    // The second, so that some that can always go on do not keep the rest out.
    if (ready_.empty() || ++rounds_ % kRoundsPerBegin == 0) begin_one();
    run_ready();
    if (!more && tasks_.empty() && not_begun_.empty()) return set_idle();
    take_events();
    take_timers();
  }
}

// Whether tasks may still come.
bool FiberLoop::take_added() {
  const std::lock_guard lock(mutex_);
  std::move(added_.begin(), added_.end(), std::back_inserter(not_begun_));
  added_.clear();
  return !closed_;
}

void FiberLoop::begin_one() {
  if (not_begun_.empty()) return;
  Added added = std::move(not_begun_.front());
  not_begun_.pop_front();
  if (spare_stacks_.empty()) spare_stacks_.emplace_back();
  FiberStack stack = std::move(spare_stacks_.back());
  spare_stacks_.pop_back();
  // Without memory for a stack it runs on the loop's own, and blocks it where it waits.
  if (!stack) return added.body();
  auto task = std::make_unique<Task>(std::move(stack), std::move(added));
  ready_.push_back(task.get());
  tasks_.emplace(task.get(), std::move(task));
}

void FiberLoop::run_ready() {
  // Those that become ready meanwhile have their turn after the events were looked at, so that one
  // which never really waits holds up nobody.
  std::deque<Task*> now;
  now.swap(ready_);
  for (Task* task : now) resume(*task);
}

void FiberLoop::resume(Task& task) {
  const Deadline now = SteadyClock::now();
  task.held_up += std::max(std::chrono::nanoseconds{0}, now - task.ready_since);
  {
    const std::lock_guard lock(mutex_);
    busy_ = Busy{idle_at_, task.id, now};
  }
  running_ = &task;
  task.fiber.resume();
  running_ = nullptr;
  if (!task.fiber.ended()) return;
  spare_stacks_.push_back(task.fiber.take_stack());
  tasks_.erase(&task);
}

int FiberLoop::wait(std::span<pollfd> fds, Deadline deadline) {
  if (running_ == nullptr) return blocking_waiter().wait(fds, deadline);
  const Deadline now = SteadyClock::now();
  if (now >= deadline) return 0;
  Wait wait{running_, fds, now};
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
  if (wait.ready > 0) finish(wait, SteadyClock::now());
  running_->fiber.leave();
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

// Its task goes on in the next round.
void FiberLoop::finish(Wait& wait, Deadline ready_since) {
  unwatch(wait);
  timers_.erase(wait.timer);
  wait.task->ready_since = ready_since;
  ready_.push_back(wait.task);
}

void FiberLoop::set_idle() {
  const std::lock_guard lock(mutex_);
  busy_.reset();
}

void FiberLoop::take_events() {
  std::array<epoll_event, 64> events;
  int count = ::epoll_wait(epoll_.get(), events.data(), events.size(), 0);
  // What is there may have come right after the last look.
  Deadline since = looked_at_;
  if (count == 0 && !has_work()) {
    set_idle();
    const Deadline next = timers_.empty() ? Deadline::max() : timers_.begin()->first;
    count = ::epoll_wait(epoll_.get(), events.data(), events.size(), poll_timeout(next));
    since = idle_at_ = SteadyClock::now();
  }
  looked_at_ = SteadyClock::now();
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    take_event(event.data.fd, static_cast<short>(event.events), since);
  }
}

void FiberLoop::take_event(int fd, short events, Deadline since) {
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
  for (Wait* wait : over) finish(*wait, std::max(since, wait->begun));
}

void FiberLoop::take_timers() {
  const auto now = SteadyClock::now();
  while (!timers_.empty() && timers_.begin()->first <= now) {
    finish(*timers_.begin()->second, timers_.begin()->first);
  }
}

}  // namespace rz::net
