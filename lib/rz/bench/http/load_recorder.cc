#include "rz/bench/http/load_recorder.h"

#include <algorithm>

namespace rz::bench {
namespace {

// A run of a day has as many seconds; what comes later is counted in the last one.
constexpr std::size_t kMostSeconds = 24 * 3600;
constexpr int kFirstBadStatus = 400;

}  // namespace

LoadRecorder::LoadRecorder(const std::vector<LoadRequest>& requests) {
  for (const LoadRequest& request : requests) result.endpoints.push_back({request.name, 0, 0, {}});
}

LoadSecond& LoadRecorder::second_of(LoadTime now) {
  const auto passed =
      std::chrono::duration_cast<std::chrono::seconds>(std::max(now - measured_from_, LoadTime{0}));
  const auto second = std::min(static_cast<std::size_t>(passed.count()), kMostSeconds - 1);
  if (second >= result.seconds.size()) {
    complete_second();
    result.seconds.resize(second + 1);
  }
  return result.seconds[second];
}

// Once a second, for some ten microseconds.
void LoadRecorder::complete_second() {
  if (second_latency_.empty()) return;
  LoadSecond& last = result.seconds.back();
  last.median = second_latency_.percentile(50);
  last.p99 = second_latency_.percentile(99);
  second_latency_.clear();
}

void LoadRecorder::answered(const LoadJob& job, const LoadAnswer& answer) {
  if (!counts(job)) {
    ++result.warm_up;
    return;
  }
  const LoadTime latency = answer.complete - job.due;
  const bool bad = answer.status >= kFirstBadStatus;
  last_event_ = answer.complete;
  ++result.answered;
  ++result.statuses[static_cast<std::size_t>(answer.status / 100)];
  result.bytes += answer.bytes;
  result.latency.record(latency);
  result.first_byte.record(answer.first_byte - job.sent);
  LoadSecond& second = second_of(answer.complete);
  ++second.answered;
  second.failed += bad;
  second.longest = std::max(second.longest, latency);
  second_latency_.record(latency);
  EndpointResult& endpoint = result.endpoints[job.endpoint];
  ++endpoint.answered;
  endpoint.failed += bad;
  // Of a single one the figures are those of all.
  if (result.endpoints.size() > 1) endpoint.latency.record(latency);
}

void LoadRecorder::failed(const LoadJob& job, LoadError error, LoadTime now) {
  if (!counts(job)) {
    ++result.warm_up;
    return;
  }
  ++result.errors[static_cast<std::size_t>(error)];
  EndpointResult& endpoint = result.endpoints[job.endpoint];
  ++endpoint.failed;
  last_event_ = now;
  LoadSecond& second = second_of(now);
  ++second.failed;
  if (error != LoadError::timeout) return;
  // It took that long at least. Without it the percentiles would be best where nothing answers.
  const LoadTime waited = now - job.due;
  second.longest = std::max(second.longest, waited);
  second_latency_.record(waited);
  result.latency.record(waited);
  if (result.endpoints.size() > 1) endpoint.latency.record(waited);
}

}  // namespace rz::bench
