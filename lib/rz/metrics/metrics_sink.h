#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "rz/base/clock.h"
#include "rz/base/result.h"

namespace rz {

/// Label names and values of a measurement.
using MetricTags = std::map<std::string, std::string, std::less<>>;

/// Where measurements go. Thread-safe. Names and tags may hold any bytes; each sink writes them as
/// its format allows. Emitting never fails and never waits for the network; what could not be
/// delivered is told by the next flush(), once.
///
/// Implementations: NoOpMetricsSink, LoggingMetricsSink, PrometheusMetricsSink, StatsdMetricsSink,
/// and TeeMetricsSink, which is several of them. make_sinks() makes what a config names.
class MetricsSink {
 public:
  virtual ~MetricsSink() = default;

  /// A gauge: the latest value counts. `timestamp`: when it was measured, if not now; a sink whose
  /// format has no time leaves it out.
  virtual void emit(std::string_view name, double value, const MetricTags& tags = {},
                    std::optional<TimePoint> timestamp = std::nullopt) = 0;

  /// A counter: values add up. None is negative.
  virtual void emit_counter(std::string_view name, double value = 1.0,
                            const MetricTags& tags = {}) = 0;

  /// One observation of a distribution; times in seconds, under a name that ends in `_seconds`.
  virtual void emit_histogram(std::string_view name, double value, const MetricTags& tags = {}) = 0;

  /// The outcome of one health check. `status` is `healthy degraded unhealthy unknown`. By default
  /// four gauges `health_check_status{check,status}`, 1 for this status and 0 for the others, so
  /// that the one that held before does not stand at 1 for ever; and a histogram
  /// `health_check_latency_seconds{check}`.
  virtual void emit_health_check(std::string_view check, std::string_view status,
                                 double latency_ms);

  /// Delivers what is held back (a textfile is written here, whole or not at all).
  /// Errors: unavailable (not delivered), invalid_argument (a measurement that the sink cannot
  /// take).
  virtual Result<void> flush() { return {}; }
};

}  // namespace rz
