#include "rz/metrics/metrics_sink.h"

#include <doctest/doctest.h>

#include "metrics/recording_sink.h"
#include "rz/metrics/noop_metrics_sink.h"

namespace rz::metrics {
namespace {

using Calls = std::vector<std::string>;

TEST_CASE("a health check is four gauges, so that the status before does not stay at 1") {
  Calls calls;
  RecordingSink sink(calls);
  sink.emit_health_check("disk", "degraded", 250);
  CHECK(calls == Calls{"gauge health_check_status=0 {check=disk} {status=healthy}",
                       "gauge health_check_status=1 {check=disk} {status=degraded}",
                       "gauge health_check_status=0 {check=disk} {status=unhealthy}",
                       "gauge health_check_status=0 {check=disk} {status=unknown}",
                       "histogram health_check_latency_seconds=0.25 {check=disk}"});
}

TEST_CASE("a counter counts one and a gauge has no tags unless told otherwise") {
  Calls calls;
  RecordingSink recording(calls);
  MetricsSink& sink = recording;
  sink.emit_counter("runs");
  sink.emit("mode", 2);
  sink.emit_histogram("seconds", 0.5);
  CHECK(calls == Calls{"counter runs=1", "gauge mode=2", "histogram seconds=0.5"});
}

TEST_CASE("the sink that keeps nothing takes everything") {
  NoOpMetricsSink noop;
  MetricsSink& sink = noop;
  sink.emit("a\0\xff", 1, {{"", ""}}, TimePoint{});
  sink.emit_counter("", -1);
  sink.emit_histogram("h", 0);
  sink.emit_health_check("", "no status", -1);
  CHECK(sink.flush().has_value());
}

}  // namespace
}  // namespace rz::metrics
