#pragma once

#include "rz/metrics/metrics_sink.h"

namespace rz {

/// Takes everything and keeps nothing.
class NoOpMetricsSink final : public MetricsSink {
 public:
  void emit(std::string_view, double, const MetricTags&, std::optional<TimePoint>) override {}
  void emit_counter(std::string_view, double, const MetricTags&) override {}
  void emit_total(std::string_view, double, double, const MetricTags&) override {}
  void emit_histogram(std::string_view, double, const MetricTags&) override {}
  void emit_health_check(std::string_view, std::string_view, double) override {}
};

}  // namespace rz
