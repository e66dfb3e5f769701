#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "rz/base/clock.h"
#include "rz/net/fiber.h"
#include "sim/random.h"

namespace rz::sim {

/// Thrown in a process that was killed, at the place where it waits.
struct Killed {};

/// The disk of a host.
struct Disk {
  bool full = false;
  int injected = 0;  ///< Writes that failed.
};

/// A process of a simulated host: a function that others go on beside where it waits.
struct Task {
  std::string name;
  Disk* disk = nullptr;
  std::unique_ptr<net::Fiber> fiber{};
  bool killed = false;
  /// It unwinds after its death: what it does has no effect any more.
  bool dead = false;
};

/// Simulated time, and what happens in it: one thing after the other, in an order that follows from
/// the seed.
class Scheduler {
 public:
  explicit Scheduler(std::uint64_t seed) : random(seed) {}
  ~Scheduler() { kill_all(); }
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  TimePoint now() const { return now_; }
  /// Nanoseconds since the simulation began.
  std::chrono::nanoseconds uptime() const { return now_ - kStart; }

  void at(Micros delay, std::function<void()> event);
  std::shared_ptr<Task> start(std::string name, Disk& disk, std::function<void()> body);
  /// Lets others go on for `delay`. From within a task; elsewhere it only moves the time.
  void wait(Micros delay);
  /// As wait(); `may_die`: whether a task that was killed meanwhile may throw here.
  void pause(Micros delay, bool may_die);
  void kill(const std::shared_ptr<Task>& task) { task->killed = true; }
  /// Kills whatever still runs, and forgets what was to happen.
  void kill_all();
  /// The task that runs now; null: none.
  Task* running() const { return running_; }

  /// Until nothing is left to happen, or the time is `end`.
  void run(TimePoint end);
  bool idle() const { return queue_.empty(); }

  /// A line of the trace, if there is one.
  void note(const std::string& what) const;

  Random random;
  bool traced = false;
  static constexpr TimePoint kStart{std::chrono::seconds{1'700'000'000}};

 private:
  void resume(const std::shared_ptr<Task>& task);

  TimePoint now_ = kStart;
  std::map<std::pair<TimePoint, std::uint64_t>, std::function<void()>> queue_;
  std::uint64_t count_ = 0;
  Task* running_ = nullptr;
  std::vector<std::shared_ptr<Task>> tasks_;
  std::vector<net::FiberStack> stacks_;
};

}  // namespace rz::sim
