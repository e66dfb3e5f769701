#include "sim/scheduler.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

namespace rz::sim {

// A fiber must end before it is destroyed.
void Scheduler::kill_all() {
  queue_.clear();
  while (!tasks_.empty()) {
    tasks_.front()->killed = true;
    resume(std::shared_ptr<Task>(tasks_.front()));
  }
}

// Of two events at one time, the seed decides which comes first.
void Scheduler::at(Micros delay, std::function<void()> event) {
  const std::uint64_t place = (random.next() & ~std::uint64_t{0xffffff}) | (++count_ & 0xffffff);
  queue_.emplace(std::pair(now_ + delay, place), std::move(event));
}

std::shared_ptr<Task> Scheduler::start(std::string name, Disk& disk, std::function<void()> body) {
  auto task = std::make_shared<Task>();
  task->name = std::move(name);
  task->disk = &disk;
  net::FiberStack stack = stacks_.empty() ? net::FiberStack() : std::move(stacks_.back());
  if (!stacks_.empty()) stacks_.pop_back();
  task->fiber = std::make_unique<net::Fiber>(std::move(stack), std::move(body));
  tasks_.push_back(task);
  at(Micros{0}, [this, task] { resume(task); });
  return task;
}

void Scheduler::resume(const std::shared_ptr<Task>& task) {
  running_ = task.get();
  task->fiber->resume();
  running_ = nullptr;
  if (!task->fiber->ended()) return;
  stacks_.push_back(task->fiber->take_stack());
  tasks_.erase(std::find(tasks_.begin(), tasks_.end(), task));
}

void Scheduler::wait(Micros delay) { pause(delay, true); }

void Scheduler::pause(Micros delay, bool may_die) {
  if (running_ == nullptr) {
    now_ += delay;
    return;
  }
  Task* const task = running_;
  if (task->dead) return;
  if (!task->killed) {
    const auto same = std::find_if(tasks_.begin(), tasks_.end(),
                                   [&](const auto& each) { return each.get() == task; });
    at(delay, [this, self = *same] { resume(self); });
    task->fiber->leave();
  }
  if (!task->killed || !may_die) return;
  task->dead = true;
  throw Killed{};
}

void Scheduler::run(TimePoint end) {
  while (!queue_.empty() && queue_.begin()->first.first <= end) {
    auto next = queue_.extract(queue_.begin());
    now_ = std::max(now_, next.key().first);
    next.mapped()();
  }
  now_ = std::max(now_, end);
}

void Scheduler::note(const std::string& what) const {
  if (!traced) return;
  const double seconds = static_cast<double>((now_ - kStart).count()) / 1e6;
  std::fputs(
      fmt::format("{:>12.6f} {:<10} {}\n", seconds, running_ ? running_->name : "-", what).c_str(),
      stdout);
}

}  // namespace rz::sim
