#include "rz/health/retry_tracker.h"

#include <algorithm>

#include "rz/base/text.h"

namespace rz {
namespace {

constexpr std::int64_t kBuckets = 60;
constexpr const char* kTotalKey = "health:retry:total";

Result<std::int64_t> count_of(const std::optional<std::string>& bytes, const std::string& key) {
  if (!bytes) return 0;
  if (const auto count = parse_int(*bytes); count && *count >= 0) return *count;
  return fail(ErrorCode::corrupt, "the stored counter is no count; remove the key to start anew",
              key);
}

}  // namespace

RetryTracker::RetryTracker(Storage& storage, Clock& clock, Millis window)
    : storage_(storage),
      clock_(clock),
      window_(std::max<Millis>(window, std::chrono::minutes{1})) {}

std::int64_t RetryTracker::bucket_now() const {
  const Micros width = Micros{window_} / kBuckets;
  return clock_.now().time_since_epoch() / width;
}

std::string RetryTracker::key_of(std::int64_t bucket) const {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(window_).count();
  return "health:retry:" + std::to_string(seconds) + ":" + std::to_string(bucket);
}

Result<void> RetryTracker::record_failure() {
  // It outlives the window by as much again, so that a reader whose clock is behind still finds it.
  if (auto counted = storage_.increment(key_of(bucket_now()), 1, 2 * window_); !counted) {
    return fail(std::move(counted).error());
  }
  return record_success();
}

Result<void> RetryTracker::record_success() {
  if (auto counted = storage_.increment(kTotalKey); !counted)
    return fail(std::move(counted).error());
  return {};
}

Result<HealthState::Retry> RetryTracker::state() const {
  std::vector<std::string> keys;
  const std::int64_t newest = bucket_now();
  for (std::int64_t bucket = newest - kBuckets + 1; bucket <= newest; ++bucket) {
    keys.push_back(key_of(bucket));
  }
  keys.push_back(kTotalKey);
  const auto counts = storage_.get_many(keys);
  if (!counts) return fail(counts.error());

  HealthState::Retry retry;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const auto count = count_of((*counts)[i], keys[i]);
    if (!count) return fail(count.error());
    (keys[i] == kTotalKey ? retry.total_attempts : retry.failures_1h) += *count;
  }
  retry.failure_rate =
      static_cast<double>(retry.failures_1h) / std::chrono::duration<double>(window_).count();
  retry.state = retry.failures_1h < 5 ? "STABLE" : retry.failures_1h < 20 ? "ELEVATED" : "CRITICAL";
  return retry;
}

}  // namespace rz
