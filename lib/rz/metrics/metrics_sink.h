#pragma once

#include <any>
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "rz/base/clock.h"
#include "rz/base/result.h"

#pragma GCC visibility push(default)
namespace rz {

/// Label names and values of a measurement.
using MetricTags = std::map<std::string, std::string, std::less<>>;

/// Something that happened, beside what is measured.
struct MetricEvent {
  enum class Level { success, warning, error };

  std::string title;
  std::string text;
  Level level = Level::success;
  MetricTags tags{};
};

/// Where measurements go. Thread-safe. Names and tags may hold any bytes; each sink writes them as
/// its format allows. Neither making a sink nor emitting resolves a name, waits for the network or
/// fails without one, because a decision may wait for them. The next flush() reports what could not
/// be delivered, once.
///
/// A program runs for milliseconds, but counters must add up over all runs: a sink adds to what
/// earlier runs wrote, and leaves the measurements of others alone.
///
/// Implementations: those of sink_types(), and TeeMetricsSink, which is several of them.
/// make_sinks() makes what a config names.
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

  /// A counter whose sum is kept elsewhere, as in a store that many hosts share: its sum is
  /// `total`, of which this run added `added`. A sink that shows sums shows `total`, which never
  /// decreases; one whose server adds up (the default) sends `added`, unless that is 0. Neither is
  /// negative.
  virtual void emit_total(std::string_view name, double total, double added,
                          const MetricTags& tags = {});

  /// One observation of a distribution; times in seconds, under a name that ends in `_seconds`.
  virtual void emit_histogram(std::string_view name, double value, const MetricTags& tags = {}) = 0;

  /// The outcome of one health check. `status` is `healthy degraded unhealthy unknown`. By default
  /// four gauges `health_check_status{check,status}`, 1 for this status and 0 for the others, so
  /// that an earlier status does not stay at 1; and a histogram
  /// `health_check_latency_seconds{check}`. `message` is what the check has to say, for sinks that
  /// show it.
  virtual void emit_health_check(std::string_view check, std::string_view status, double latency_ms,
                                 std::string_view message = {});

  /// A sink that shows no events leaves it out, as most do.
  virtual void emit_event(const MetricEvent& event) { static_cast<void>(event); }

  /// How long flush() takes at most, look-ups of names included.
  static constexpr Millis kFlushBound{1'000};

  /// Delivers what was not sent yet (a textfile is written here, whole or not at all).
  /// Errors: unavailable (not delivered), timeout, invalid_argument (a measurement that the sink
  /// cannot take), corrupt (the file of an earlier run could not be read, and was replaced).
  Result<void> flush() { return flush_by(std::chrono::steady_clock::now() + kFlushBound); }

  /// The same until `deadline`.
  virtual Result<void> flush_by(Deadline deadline) {
    static_cast<void>(deadline);
    return {};
  }
};

/// One entry of `health.metrics`: a type of sink and its options. A value.
class SinkSpec {
 public:
  /// `type` is the name of one of sink_types(), and `options` are of that type.
  SinkSpec(std::string_view type, std::any options) : type_(type), options_(std::move(options)) {}

  template <class Options>
  requires requires { Options::kType; }
  SinkSpec(Options options) : SinkSpec(Options::kType, std::any(std::move(options))) {}

  std::string_view type() const { return type_; }
  const std::any& options() const { return options_; }

  /// The options if they are of that type, else nullptr.
  template <class Options>
  const Options* get_if() const {
    return std::any_cast<Options>(&options_);
  }

 private:
  std::string_view type_;  ///< A literal.
  std::any options_;
};

}  // namespace rz
#pragma GCC visibility pop
