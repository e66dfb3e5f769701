#pragma once

#include <mutex>

#include "rz/metrics/metrics_log.h"
#include "rz/metrics/metrics_sink.h"

namespace rz {
class FieldVisitor;
}

namespace rz::metrics {

/// `type: logging`.
struct LoggingOptions {
  static constexpr std::string_view kType = "logging";

  MetricsLogLevel level = MetricsLogLevel::info;  ///< Of every line.
};

void visit_fields(FieldVisitor& fields, LoggingOptions& options);

/// Writes each measurement as a line of `key=value` pairs (logfmt):
///
///     metric=fallback_mode kind=gauge value=1 host=a
///     health_check="disk of /" status=healthy latency_ms=0.25
///
/// Values with white space, quotes or `=` are quoted, with `\"` and `\\`; control characters and
/// what is not UTF-8 are written as by printable(). A tag named like one of the sink's own keys
/// gets a `_` behind it.
class LoggingMetricsSink final : public MetricsSink {
 public:
  /// `log` is called by the emitting thread, never twice at once.
  explicit LoggingMetricsSink(MetricsLog log, MetricsLogLevel level = MetricsLogLevel::info)
      : log_(std::move(log)), level_(level) {}

  void emit(std::string_view name, double value, const MetricTags& tags,
            std::optional<TimePoint> timestamp) override;
  void emit_counter(std::string_view name, double value, const MetricTags& tags) override;
  /// `kind=counter value=TOTAL added=ADDED`.
  void emit_total(std::string_view name, double total, double added,
                  const MetricTags& tags) override;
  void emit_histogram(std::string_view name, double value, const MetricTags& tags) override;
  void emit_health_check(std::string_view check, std::string_view status, double latency_ms,
                         std::string_view message) override;
  void emit_event(const MetricEvent& event) override;

 private:
  void measurement(std::string_view kind, std::string_view name, double value,
                   const MetricTags& tags, std::optional<TimePoint> timestamp);
  void write(std::string_view line);

  MetricsLog log_;
  MetricsLogLevel level_;
  std::mutex mutex_;
};

Result<std::unique_ptr<MetricsSink>> make_metrics_sink(const LoggingOptions& options,
                                                       const MetricsLog& log);

}  // namespace rz::metrics
