#pragma once

#include <vector>

#include "rz/metrics/metrics_sink.h"

namespace rz::metrics {

/// Several sinks as one. Each gets everything, in the order given.
class TeeMetricsSink final : public MetricsSink {
 public:
  explicit TeeMetricsSink(std::vector<std::unique_ptr<MetricsSink>> sinks)
      : sinks_(std::move(sinks)) {}

  void emit(std::string_view name, double value, const MetricTags& tags,
            std::optional<TimePoint> timestamp) override;
  void emit_counter(std::string_view name, double value, const MetricTags& tags) override;
  void emit_total(std::string_view name, double total, double added,
                  const MetricTags& tags) override;
  void emit_histogram(std::string_view name, double value, const MetricTags& tags) override;
  void emit_health_check(std::string_view check, std::string_view status, double latency_ms,
                         std::string_view message) override;
  void emit_event(const MetricEvent& event) override;

  /// Flushes every sink, also after one that failed; each gets an equal share of the time that is
  /// left. Several errors become one, with the code of the first.
  Result<void> flush_by(Deadline deadline) override;

 private:
  std::vector<std::unique_ptr<MetricsSink>> sinks_;
};

}  // namespace rz::metrics
