#include "rz/server/refresher.h"

#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

namespace rz::server {

/// Held by the thread too, which may be left behind.
struct Refresher::Shared {
  std::mutex mutex;
  std::condition_variable changed;
  Work work;
  Millis interval;
  bool at_once = true;
  bool stopping = false;
  bool ended = false;
  State state;
};

Refresher::Refresher(Work work, Millis interval) : shared_(std::make_shared<Shared>()) {
  shared_->work = std::move(work);
  shared_->interval = interval;
  std::thread([shared = shared_] { run(shared); }).detach();
}

Refresher::~Refresher() { (void)stop(Millis{0}); }

void Refresher::run(const std::shared_ptr<Shared>& shared) {
  std::unique_lock lock(shared->mutex);
  while (!shared->stopping) {
    const auto due = shared->state.since + shared->interval;
    const bool early = shared->changed.wait_until(
        lock, shared->at_once ? std::chrono::steady_clock::time_point{} : due,
        [&] { return shared->stopping || shared->at_once; });
    if (shared->stopping) break;
    if (!early && std::chrono::steady_clock::now() < shared->state.since + shared->interval) {
      continue;  // The interval became longer meanwhile.
    }
    shared->at_once = false;
    shared->state.running = true;
    shared->state.since = std::chrono::steady_clock::now();
    // Moved out, so that one that replaces it can be set meanwhile.
    Work work = std::exchange(shared->work, nullptr);
    lock.unlock();
    work();
    lock.lock();
    shared->state.running = false;
    ++shared->state.ended;
    if (!shared->work) shared->work = std::exchange(work, nullptr);
    lock.unlock();
    work = nullptr;  // One that was replaced goes without the lock.
    lock.lock();
  }
  Work last = std::exchange(shared->work, nullptr);
  lock.unlock();
  last = nullptr;
  lock.lock();
  shared->ended = true;
  shared->changed.notify_all();
}

void Refresher::replace(Work work, Millis interval) {
  Work old;
  {
    const std::lock_guard lock(shared_->mutex);
    old = std::exchange(shared_->work, std::move(work));
    shared_->interval = interval;
    shared_->at_once = true;
  }
  shared_->changed.notify_all();
}

Refresher::State Refresher::state() const {
  const std::lock_guard lock(shared_->mutex);
  return shared_->state;
}

bool Refresher::stop(Millis patience) {
  std::unique_lock lock(shared_->mutex);
  shared_->stopping = true;
  shared_->changed.notify_all();
  return shared_->changed.wait_for(lock, patience, [&] { return shared_->ended; });
}

}  // namespace rz::server
