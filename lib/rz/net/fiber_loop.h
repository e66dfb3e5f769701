#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include "rz/base/file.h"
#include "rz/base/result.h"
#include "rz/base/waiter.h"
#include "rz/net/deadline.h"
#include "rz/net/fiber.h"

namespace rz::net {

/// Runs many functions on one thread. Each is a fiber, and the thread's Waiter is this loop's: a
/// function that waits is left, and gone on with when what it waits for is there. So functions stay
/// straight-line code, and hundreds of them cost one thread and some memory. One that blocks
/// without the Waiter, or computes for long, holds up the others.
class FiberLoop {
 public:
  /// Errors: unavailable (no descriptors), of this side.
  static Result<std::shared_ptr<FiberLoop>> make();

  /// Has `task` run. It throws nothing. From any thread, before close().
  void add(std::function<void()> task);

  /// No task comes any more: run() returns once those that were added have ended. From any thread.
  void close();

  /// Runs the tasks. Once, on the thread that is to run them.
  void run();

 private:
  struct Wait;
  class LoopWaiter;
  /// Who waits for a descriptor; more than one may.
  using Watchers = std::vector<std::pair<Wait*, pollfd*>>;
  using Timers = std::set<std::pair<Deadline, Wait*>>;

  FiberLoop(UniqueFd epoll, UniqueFd wake) : epoll_(std::move(epoll)), wake_(std::move(wake)) {}

  void wake();
  bool begin_new();
  void run_ready();
  void resume(Fiber& fiber);
  int wait(std::span<pollfd> fds, Deadline deadline);
  bool watch(Wait& wait, pollfd& entry);
  bool set_events(int fd, bool known);
  void unwatch(Wait& wait);
  void finish(Wait& wait);
  void take_events();
  void take_event(int fd, short events);
  void take_timers();

  const UniqueFd epoll_;
  const UniqueFd wake_;

  std::mutex mutex_;  ///< Guards the next two.
  std::deque<std::function<void()>> added_;
  bool closed_ = false;

  // Of the thread of run() alone.
  std::unordered_map<Fiber*, std::unique_ptr<Fiber>> fibers_;
  std::vector<FiberStack> spare_stacks_;
  std::deque<Fiber*> ready_;
  Fiber* running_ = nullptr;
  std::unordered_map<int, Watchers> watched_;
  Timers timers_;
};

}  // namespace rz::net
