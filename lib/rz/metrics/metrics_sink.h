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

/// Where measurements go. Thread-safe. Emitting never fails and never blocks on the network for
/// longer than the sink's own bound; what could not be delivered is told by flush().
class MetricsSink {
 public:
  virtual ~MetricsSink() = default;

  /// A gauge: the latest value counts. `timestamp`: when it was measured, if not now.
  virtual void emit(std::string_view name, double value, const MetricTags& tags = {},
                    std::optional<TimePoint> timestamp = std::nullopt) = 0;

  /// A counter: values add up.
  virtual void emit_counter(std::string_view name, double value = 1.0,
                            const MetricTags& tags = {}) = 0;

  /// One observation of a distribution; times in seconds.
  virtual void emit_histogram(std::string_view name, double value, const MetricTags& tags = {}) = 0;

  /// The outcome of one health check. `status` is `healthy degraded unhealthy unknown`. By default
  /// a gauge `health_check_status{check,status}` of 1 and a histogram
  /// `health_check_latency_seconds{check}`.
  virtual void emit_health_check(std::string_view check, std::string_view status,
                                 double latency_ms);

  /// Delivers what is held back (a textfile is written here, whole or not at all).
  virtual Result<void> flush() { return {}; }
};

}  // namespace rz
