#include "rz/metrics/logging_metrics_sink.h"

#include <doctest/doctest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

namespace rz::metrics {
namespace {

using Level = MetricsLogLevel;

/// The one line that `emit` makes a sink write.
template <class Emit>
std::string line_of(Emit emit) {
  std::vector<std::string> lines;
  LoggingMetricsSink sink([&](Level, std::string_view line) { lines.emplace_back(line); });
  emit(static_cast<MetricsSink&>(sink));
  REQUIRE(lines.size() == 1);
  return lines.front();
}

std::string gauge_line(const MetricTags& tags) {
  return line_of([&](MetricsSink& sink) { sink.emit("m", 1, tags); });
}

TEST_CASE("each measurement is a line of pairs") {
  CHECK(line_of([](MetricsSink& sink) {
          sink.emit("fallback_mode", 1, {{"host", "a"}});
        }) == "metric=fallback_mode kind=gauge value=1 host=a");
  CHECK(line_of([](MetricsSink& sink) {
          sink.emit("load", 0.25, {{"b", "2"}, {"a", "1"}}, TimePoint{Micros{1}});
        }) == "metric=load kind=gauge value=0.25 timestamp=1970-01-01T00:00:00.000001Z a=1 b=2");
  CHECK(line_of([](MetricsSink& sink) { sink.emit_counter("runs"); }) ==
        "metric=runs kind=counter value=1");
  CHECK(line_of([](MetricsSink& sink) { sink.emit_histogram("run_seconds", 1e-7); }) ==
        "metric=run_seconds kind=histogram value=1e-07");
  CHECK(line_of([](MetricsSink& sink) { sink.emit_health_check("disk of /", "healthy", 0.25); }) ==
        "health_check=\"disk of /\" status=healthy latency_ms=0.25");
}

TEST_CASE("values are quoted where they must be, and never break the line") {
  const std::pair<const char*, const char*> cases[] = {
      {"plain-1.5/x", "plain-1.5/x"},
      {"", R"("")"},
      {"a b", R"("a b")"},
      {"a=b", R"("a=b")"},
      {"say \"hi\"", R"("say \"hi\"")"},
      {"C:\\x", R"("C:\\x")"},
      {"a\nmetric=forged value=1", R"("a\nmetric=forged value=1")"},
      {"a\r\n", R"("a\r\n")"},
      {"\x1b[31m", "\\x1b[31m"},
      {"\u009b2J", "\\xc2\\x9b2J"},
      {"\xff", "\\xff"},
      {"é", "é"}};
  for (const auto& [value, written] : cases) {
    CHECK(gauge_line({{"tag", value}}) ==
          std::string("metric=m kind=gauge value=1 tag=") + written);
  }
}

TEST_CASE("keys hold letters, digits and `_-.` alone, and none of the sink's own") {
  const std::pair<const char*, const char*> cases[] = {{"k8s.io-name_1", "k8s.io-name_1"},
                                                       {"a b", "a_b"},
                                                       {"a=b", "a_b"},
                                                       {"a\n", "a_"},
                                                       {"", "_"},
                                                       {"é", "__"},
                                                       {"metric", "metric_"},
                                                       {"value", "value_"},
                                                       {"kind", "kind_"},
                                                       {"timestamp", "timestamp_"},
                                                       {"values", "values"}};
  for (const auto& [key, written] : cases) {
    CHECK(gauge_line({{key, "x"}}) == std::string("metric=m kind=gauge value=1 ") + written + "=x");
  }
}

TEST_CASE("a name can forge no pair") {
  CHECK(line_of([](MetricsSink& sink) { sink.emit("m value=2", 1); }) ==
        "metric=\"m value=2\" kind=gauge value=1");
}

TEST_CASE("lines have the level of the sink") {
  for (const Level level : {Level::debug, Level::info, Level::warning, Level::error}) {
    std::vector<Level> levels;
    LoggingMetricsSink sink([&](Level at, std::string_view) { levels.push_back(at); }, level);
    sink.emit_counter("runs", 1, {});
    sink.emit_health_check("a", "unknown", 0, "");
    CHECK(levels == std::vector<Level>{level, level});
    CHECK(sink.flush().has_value());
  }
}

TEST_CASE("the log is never called twice at once") {
  std::atomic<int> inside{0};
  std::atomic<bool> overlapped{false};
  int lines = 0;  // Unguarded: the sink is the guard.
  LoggingMetricsSink sink([&](Level, std::string_view) {
    if (inside.fetch_add(1) != 0) overlapped = true;
    ++lines;
    inside.fetch_sub(1);
  });
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int k = 0; k < 500; ++k) sink.emit_counter("runs", 1, {});
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK_FALSE(overlapped);
  CHECK(lines == 2'000);
}

}  // namespace
}  // namespace rz::metrics
