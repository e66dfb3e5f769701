#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include "rz/base/clock.h"
#include "rz/base/file.h"
#include "rz/base/result.h"
#include "rz/base/waiter.h"
#include "rz/net/fiber.h"

namespace rz::net {

/// Runs many functions on one thread. Each is a fiber, and the thread's Waiter is this loop's: a
/// function that waits is left, and gone on with when what it waits for is there. So functions stay
/// straight-line code, and hundreds of them cost one thread and some memory. One that blocks
/// without the Waiter, or computes for long, holds up the others, which learn of it by
/// Waiter::held_up(). So that few are held up for long, a task begins when no other can go on, or a
/// while later.
class FiberLoop {
 public:
  /// Errors: unavailable (no descriptors), of this side.
  static Result<std::shared_ptr<FiberLoop>> make();
  ~FiberLoop();
  FiberLoop(const FiberLoop&) = delete;
  FiberLoop& operator=(const FiberLoop&) = delete;

  /// Has `task` run, which busy() calls `id`. It throws nothing. From any thread, before close().
  void add(std::function<void()> task, std::size_t id = 0);

  /// No task comes any more: run() returns once those that were added have ended. From any thread.
  void close();

  /// Runs the tasks. Once, on the thread that is to run them.
  void run();

  /// What the loop does while it is not idle.
  struct Busy {
    Deadline since;       ///< When it was last idle.
    std::size_t task;     ///< Which one has its turn,
    Deadline task_since;  ///< and since when.
  };

  /// Nothing: all tasks wait. From any thread.
  std::optional<Busy> busy() const;

 private:
  struct Task;
  struct Wait;
  class LoopWaiter;
  struct Added {
    std::function<void()> body;
    std::size_t id;
  };
  /// Who waits for a descriptor; more than one may.
  using Watchers = std::vector<std::pair<Wait*, pollfd*>>;
  using Timers = std::set<std::pair<Deadline, Wait*>>;

  FiberLoop(UniqueFd epoll, UniqueFd wake);

  void wake();
  bool take_added();
  void begin_one();
  void run_ready();
  void resume(Task& task);
  int wait(std::span<pollfd> fds, Deadline deadline);
  bool watch(Wait& wait, pollfd& entry);
  bool set_events(int fd, bool known);
  void unwatch(Wait& wait);
  void finish(Wait& wait, Deadline ready_since);
  bool has_work() const { return !ready_.empty() || !not_begun_.empty(); }
  void set_idle();
  void take_events();
  void take_event(int fd, short events, Deadline since);
  void take_timers();

  const UniqueFd epoll_;
  const UniqueFd wake_;

  mutable std::mutex mutex_;  ///< Guards the next three.
  std::deque<Added> added_;
  bool closed_ = false;
  std::optional<Busy> busy_{};

  // Of the thread of run() alone.
  std::deque<Added> not_begun_;
  std::unordered_map<Task*, std::unique_ptr<Task>> tasks_;
  std::vector<FiberStack> spare_stacks_;
  std::deque<Task*> ready_;
  Task* running_ = nullptr;
  unsigned rounds_ = 0;
  Deadline idle_at_ = std::chrono::steady_clock::now();
  Deadline looked_at_ = idle_at_;  ///< When events were last asked for.
  std::unordered_map<int, Watchers> watched_;
  Timers timers_;
};

}  // namespace rz::net
