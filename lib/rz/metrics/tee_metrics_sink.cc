#include "rz/metrics/tee_metrics_sink.h"

namespace rz::metrics {

void TeeMetricsSink::emit(std::string_view name, double value, const MetricTags& tags,
                          std::optional<TimePoint> timestamp) {
  for (const auto& sink : sinks_) sink->emit(name, value, tags, timestamp);
}

void TeeMetricsSink::emit_counter(std::string_view name, double value, const MetricTags& tags) {
  for (const auto& sink : sinks_) sink->emit_counter(name, value, tags);
}

void TeeMetricsSink::emit_total(std::string_view name, double total, double added,
                                const MetricTags& tags) {
  for (const auto& sink : sinks_) sink->emit_total(name, total, added, tags);
}

void TeeMetricsSink::emit_histogram(std::string_view name, double value, const MetricTags& tags) {
  for (const auto& sink : sinks_) sink->emit_histogram(name, value, tags);
}

void TeeMetricsSink::emit_health_check(std::string_view check, std::string_view status,
                                       double latency_ms, std::string_view message) {
  for (const auto& sink : sinks_) sink->emit_health_check(check, status, latency_ms, message);
}

void TeeMetricsSink::emit_event(const MetricEvent& event) {
  for (const auto& sink : sinks_) sink->emit_event(event);
}

Result<void> TeeMetricsSink::flush_by(Deadline deadline) {
  std::optional<Error> told;
  auto left = static_cast<int>(sinks_.size());
  for (const auto& sink : sinks_) {
    const auto now = std::chrono::steady_clock::now();
    auto flushed = sink->flush_by(now + (deadline - now) / left--);
    if (flushed) continue;
    if (told) {
      told = Error{told->code, to_string(*told) + "; " + to_string(flushed.error()), ""};
    } else {
      told = std::move(flushed).error();
    }
  }
  if (told) return fail(*std::move(told));
  return {};
}

}  // namespace rz::metrics
