#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <set>

#include "rz/health/health_check.h"
#include "rz/net/fiber_loop.h"

namespace rz::health {

/// Which calls of checks are out, of all runs of a runner.
class CheckCalls {
 public:
  /// Nothing, and the call is out from now on; or since when an earlier one is. `loop` makes it; if
  /// there is none, a thread of its own does.
  std::optional<std::chrono::steady_clock::time_point> begin(const HealthCheck& check,
                                                             const net::FiberLoop* loop) {
    const std::lock_guard lock(mutex_);
    const auto [call, begun] =
        out_.try_emplace(&check, Call{std::chrono::steady_clock::now(), loop});
    if (begun) return std::nullopt;
    return call->second.since;
  }
  /// `check` lives until then: whoever calls it holds it.
  void end(const HealthCheck& check) {
    const std::lock_guard lock(mutex_);
    out_.erase(&check);
  }
  std::size_t count() const {
    const std::lock_guard lock(mutex_);
    return out_.size();
  }
  /// Those that have a thread each.
  std::size_t on_threads() const {
    const std::lock_guard lock(mutex_);
    return static_cast<std::size_t>(std::count_if(
        out_.begin(), out_.end(), [](const auto& call) { return call.second.loop == nullptr; }));
  }
  /// The loops that make the others, without `own`.
  std::size_t loops_but(const net::FiberLoop* own) const {
    const std::lock_guard lock(mutex_);
    std::set<const net::FiberLoop*> loops;
    for (const auto& [check, call] : out_) loops.insert(call.loop);
    loops.erase(nullptr);
    loops.erase(own);
    return loops.size();
  }

 private:
  struct Call {
    std::chrono::steady_clock::time_point since;
    const net::FiberLoop* loop;
  };
  mutable std::mutex mutex_;
  std::map<const HealthCheck*, Call> out_;
};

}  // namespace rz::health
