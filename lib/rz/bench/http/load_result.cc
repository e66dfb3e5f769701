#include "rz/bench/http/load_result.h"

#include <algorithm>
#include <numeric>

namespace rz::bench {
namespace {

using Seconds = std::chrono::duration<double>;

double a_second(std::uint64_t count, std::chrono::nanoseconds time) {
  return time.count() <= 0 ? 0 : static_cast<double>(count) / Seconds(time).count();
}

}  // namespace

std::uint64_t LoadResult::failed() const {
  return std::accumulate(errors.begin(), errors.end(), std::uint64_t{0});
}

std::uint64_t LoadResult::bad_status() const { return statuses[4] + statuses[5]; }

double LoadResult::throughput() const { return a_second(answered, elapsed); }

double LoadResult::sent_rate() const { return a_second(sent(), sending); }

double LoadResult::error_rate() const {
  const std::uint64_t all = due();
  const std::uint64_t bad = failed() + dropped + bad_status();
  return all == 0 ? 0 : static_cast<double>(bad) / static_cast<double>(all);
}

bool LoadResult::is_late() const { return lateness.percentile(99) > kLatenessLimit; }

Histogram LoadResult::corrected() const {
  return latency.corrected(std::max(usual_interval(), std::chrono::nanoseconds{1}));
}

}  // namespace rz::bench
