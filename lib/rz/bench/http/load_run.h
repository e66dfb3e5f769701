#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>

#include "rz/base/result.h"
#include "rz/bench/http/load_options.h"
#include "rz/bench/http/load_result.h"

namespace rz::bench {

/// How a run stands.
struct LoadProgress {
  std::chrono::nanoseconds elapsed{0};  ///< From its begin, warm-up included.
  bool warming_up = false;
  const LoadResult& so_far;
  std::size_t in_flight = 0;
  std::size_t waiting = 0;
};

struct LoadRunOptions {
  /// Whether the server may be on another machine.
  bool allow_remote = false;
  /// Called some twenty times a second. To answer no ends the run; what there is, is the result.
  std::function<bool(const LoadProgress&)> go_on = [](const LoadProgress&) { return true; };
};

/// Puts the server of `options` under load, from this thread, and returns what was measured. First
/// all connections are made, then the run begins. After its end what is in flight is waited for, up
/// to the timeout.
/// Errors: invalid_argument (what `options` ask for cannot be; the server is on another machine,
/// and that is not allowed; more connections than the system allows), unavailable (no such host, no
/// connection at all), timeout.
Result<LoadResult> run_load(const LoadOptions& options, const LoadRunOptions& run);

}  // namespace rz::bench
