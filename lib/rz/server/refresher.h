#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>

#include "rz/base/clock.h"

namespace rz::server {

/// Work that is done again and again on a thread of its own, one run at a time: a run begins when
/// the interval since the begin of the one before is over, and that has ended.
///
/// A run that hangs holds its own thread and nobody else. The destructor does not wait for it: the
/// thread goes on and ends with the run, and what the work refers to must then outlive it.
/// Thread-safe.
class Refresher {
 public:
  using Work = std::function<void()>;

  /// What is known of the runs.
  struct State {
    std::uint64_t ended = 0;  ///< How many have.
    bool running = false;
    std::chrono::steady_clock::time_point since{};  ///< When the present or last one began.
  };

  Refresher(Work work, Millis interval);
  ~Refresher();
  Refresher(const Refresher&) = delete;
  Refresher& operator=(const Refresher&) = delete;

  /// Does `work` from the next run on, which begins at once, or when the present one has ended. The
  /// old one is then destroyed.
  void replace(Work work, Millis interval);

  State state() const;

  /// Begins no more runs, and waits for the present one. Returns whether it has ended in time.
  bool stop(Millis patience);

 private:
  struct Shared;
  static void run(const std::shared_ptr<Shared>& shared);

  std::shared_ptr<Shared> shared_;
};

}  // namespace rz::server
