#include "rz/metrics/tee_metrics_sink.h"

#include <doctest/doctest.h>

#include "metrics/recording_sink.h"
#include "rz/metrics/logging_metrics_sink.h"
#include "support/print.h"
#include "support/results.h"

namespace rz::metrics {
namespace {

using Calls = std::vector<std::string>;

/// A tee of two sinks that flush as told.
struct Pair {
  explicit Pair(Result<void> first_flush = {}, Result<void> second_flush = {})
      : tee([&] {
          std::vector<std::unique_ptr<MetricsSink>> sinks;
          sinks.push_back(std::make_unique<RecordingSink>(first, std::move(first_flush)));
          sinks.push_back(std::make_unique<RecordingSink>(second, std::move(second_flush)));
          return sinks;
        }()) {}

  Calls first, second;
  TeeMetricsSink tee;
};

TEST_CASE("each sink gets everything") {
  Pair pair;
  pair.tee.emit("mode", 1, {{"host", "a"}}, TimePoint{});
  pair.tee.emit_counter("runs", 2, {});
  pair.tee.emit_total("all", 9, 1, {{"to", "safe"}});
  pair.tee.emit_histogram("seconds", 0.5, {});
  CHECK(pair.tee.flush().has_value());
  CHECK(pair.first == Calls{"gauge mode=1 {host=a} @1970-01-01T00:00:00.000000Z", "counter runs=2",
                            "total all=9 {to=safe} +1", "histogram seconds=0.5", "flush"});
  CHECK(pair.second == pair.first);
}

TEST_CASE("a health check is shown by each sink in its own way") {
  std::vector<std::unique_ptr<MetricsSink>> sinks;
  Calls calls, lines;
  sinks.push_back(std::make_unique<RecordingSink>(calls));
  sinks.push_back(std::make_unique<LoggingMetricsSink>(
      [&](MetricsLogLevel, std::string_view line) { lines.emplace_back(line); }));
  TeeMetricsSink tee(std::move(sinks));
  tee.emit_health_check("disk", "healthy", 1.5, "");
  CHECK(calls.size() == 5);
  tee.emit_event({"a title", "a text", MetricEvent::Level::warning, {{"to", "safe"}}});
  CHECK(lines == Calls{"health_check=disk status=healthy latency_ms=1.5",
                       "event=\"a title\" text=\"a text\" to=safe"});
}

TEST_CASE("every sink is flushed, whatever another one says") {
  Pair pair(fail(ErrorCode::unavailable, "disk full", "/f"));
  CHECK(error_of(pair.tee.flush()) == Error{ErrorCode::unavailable, "disk full", "/f"});
  CHECK(pair.second == Calls{"flush"});
}

TEST_CASE("several errors are told as one, with the code of the first") {
  Pair pair(fail(ErrorCode::unavailable, "disk full", "/f"),
            fail(ErrorCode::invalid_argument, "not finite", "statsd x"));
  CHECK(error_of(pair.tee.flush()) ==
        Error{ErrorCode::unavailable, "/f: disk full; statsd x: not finite", ""});
}

TEST_CASE("a tee of nothing is a sink that keeps nothing") {
  TeeMetricsSink tee({});
  tee.emit("a", 1, {}, std::nullopt);
  CHECK(tee.flush().has_value());
}

}  // namespace
}  // namespace rz::metrics
