#pragma once

#include "rz/metrics/metrics_log.h"
#include "rz/metrics/metrics_sink.h"

namespace rz {
class FieldVisitor;
}

namespace rz::metrics {

/// `type: noop`, which has no options.
struct NoOpOptions {
  static constexpr std::string_view kType = "noop";
};

inline void visit_fields(FieldVisitor&, NoOpOptions&) {}

/// Takes everything and keeps nothing.
class NoOpMetricsSink final : public MetricsSink {
 public:
  void emit(std::string_view, double, const MetricTags&, std::optional<TimePoint>) override {}
  void emit_counter(std::string_view, double, const MetricTags&) override {}
  void emit_total(std::string_view, double, double, const MetricTags&) override {}
  void emit_histogram(std::string_view, double, const MetricTags&) override {}
  void emit_health_check(std::string_view, std::string_view, double, std::string_view) override {}
};

inline Result<std::unique_ptr<MetricsSink>> make_metrics_sink(const NoOpOptions&,
                                                              const MetricsLog&) {
  return std::make_unique<NoOpMetricsSink>();
}

}  // namespace rz::metrics
