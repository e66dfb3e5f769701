#include "rz/metrics/pushgateway_metrics_sink.h"

#include <doctest/doctest.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <thread>

#include "metrics/served_program.h"
#include "support/patience.h"
#include "support/results.h"

namespace rz::metrics {
namespace {

constexpr const char* kPushgateway = "/usr/bin/prometheus-pushgateway";

/// What `emit` measures in a run of its own, pushed.
template <class Emit>
Result<void> push(const PushgatewayOptions& options, Emit emit) {
  const auto sink = ok(PushgatewayMetricsSink::open(options));
  emit(static_cast<MetricsSink&>(*sink));
  return sink->flush_by(std::chrono::steady_clock::now() + test::kPatience);
}

TEST_CASE("a value of a group in a path is what it was, whatever it holds") {
  CHECK(group_label("job", "rz") == "/job/rz");
  CHECK(group_label("job", "web-1.internal_a~b") == "/job/web-1.internal_a~b");
  // The examples of the Pushgateway's manual, and RFC 4648.
  CHECK(group_label("path", "/var/tmp") == "/path@base64/L3Zhci90bXA=");
  CHECK(group_label("name", "") == "/name@base64/=");
  CHECK(group_label("x", "fo") == "/x/fo");
  CHECK(group_label("x", "f o") == "/x@base64/ZiBv");
  CHECK(group_label("x", " \xff\xfe") == "/x@base64/IP_-");
  CHECK(group_label("x", "..") == "/x@base64/Li4=");
}

TEST_CASE("the series of a group are found by its labels, and lose them") {
  const auto all =
      ok(parse_prometheus_text("# TYPE a counter\n"
                               "a{check=\"x\",instance=\"h\\\"1\",job=\"rz\",status=\"s{,}\"} 1\n"
                               "a{check=\"x\",instance=\"other\",job=\"rz\"} 2\n"
                               "a{check=\"x\",job=\"rz\"} 3\n"
                               "# TYPE b counter\n"
                               "b{instance=\"h\\\"1\",job=\"rz\"} 4\n"));
  PrometheusFamily a;
  a.name = "a";
  const auto found = series_of_group(all, {a}, "rz", "h\"1");
  REQUIRE(found.size() == 1);
  CHECK(found[0].samples ==
        std::vector<std::pair<std::string, std::string>>{{"a{check=\"x\",status=\"s{,}\"}", "1"}});
}

TEST_CASE("a real Pushgateway adds up the runs of a machine, and keeps machines apart") {
  if (!std::filesystem::exists(kPushgateway)) {
    MESSAGE("skipped: prometheus-pushgateway is not installed");
    return;
  }
  ServedProgram gateway({kPushgateway});
  const auto page = [&] { return gateway.ask("GET /metrics HTTP/1.0\r\n\r\n"); };
  const auto shows = [&](const std::string& line) {
    const std::string text = page();
    INFO(text);
    INFO(line);
    CHECK(text.find("\n" + line + "\n") != std::string::npos);
  };
  page();
  PushgatewayOptions here{.url = gateway.url() + "/", .instance = "web 1/a"};
  const PushgatewayOptions there{.url = gateway.url(), .instance = "web-2"};
  const std::string group = "instance=\"web 1/a\",job=\"rz\"";
  for (int run = 1; run <= 3; ++run) {
    CHECK(message_of(push(here, [&](MetricsSink& sink) {
            sink.emit("fallback_mode", run, {{"zone", "a"}});
            sink.emit_counter("runs", 2, {{"zone", "a\"b\\c\nd"}, {"a", "x"}});
            sink.emit_total("fallback_transitions_total", 40 + run, 1, {});
            sink.emit_health_check("db", "healthy", 1.5);
          })) == "");
  }
  CHECK(message_of(push(there, [](MetricsSink& sink) { sink.emit_counter("runs", 1, {}); })) == "");
  shows("rz_fallback_mode{" + group + ",zone=\"a\"} 3");
  shows("rz_runs_total{a=\"x\"," + group + ",zone=\"a\\\"b\\\\c\\\\nd\"} 6");
  shows("rz_runs_total{instance=\"web-2\",job=\"rz\"} 1");
  shows("rz_fallback_transitions_total{" + group + "} 43");
  shows("rz_health_check_latency_seconds_count{check=\"db\"," + group + "} 3");
  shows("rz_health_check_latency_seconds_bucket{check=\"db\"," + group + ",le=\"0.001\"} 0");
  shows("rz_health_check_latency_seconds_bucket{check=\"db\"," + group + ",le=\"0.0025\"} 3");
  shows("rz_health_check_status{check=\"db\"," + group + ",status=\"healthy\"} 1");

  here.method = PushMethod::put;
  CHECK(message_of(push(here, [](MetricsSink& sink) { sink.emit("only", 1); })) == "");
  CHECK(page().find("rz_fallback_mode{") == std::string::npos);
  shows("rz_only{" + group + "} 1");
  shows("rz_runs_total{instance=\"web-2\",job=\"rz\"} 1");

  here.method = PushMethod::remove;
  CHECK(message_of(push(here, [](MetricsSink& sink) { sink.emit("only", 1); })) == "");
  // It says "202 Accepted" before it removes the group.
  const auto give_up = std::chrono::steady_clock::now() + test::kPatience;
  const auto is_there = [&] { return page().find("web 1/a") != std::string::npos; };
  while (is_there() && std::chrono::steady_clock::now() < give_up) {
    std::this_thread::sleep_for(Millis{2});
  }
  CHECK_FALSE(is_there());
  shows("rz_runs_total{instance=\"web-2\",job=\"rz\"} 1");
}

TEST_CASE("a push that is refused tells why, and nothing is pushed without a measurement") {
  if (!std::filesystem::exists(kPushgateway)) return;
  ServedProgram gateway({kPushgateway});
  gateway.ask("GET /metrics HTTP/1.0\r\n\r\n");
  const PushgatewayOptions options{.url = gateway.url()};
  CHECK(message_of(push(options, [](MetricsSink&) {})) == "");
  CHECK(gateway.ask("GET /metrics HTTP/1.0\r\n\r\n").find("job=\"rz\"") == std::string::npos);
  CHECK(message_of(push({.url = gateway.url(), .instance = "a"},
                        [](MetricsSink& sink) { sink.emit_counter("things_total"); })) == "");
  // A measurement of another kind than that of another group.
  const auto refused = push({.url = gateway.url(), .instance = "b"},
                            [](MetricsSink& sink) { sink.emit("things_total", 1); });
  REQUIRE(!refused);
  CHECK(refused.error().code == ErrorCode::unsupported);
  CHECK(refused.error().message.starts_with("got 400, expected 200 or 202: "));
  CHECK(refused.error().where == gateway.url());
}

TEST_CASE("a Pushgateway that is away is told") {
  const PushgatewayOptions options{.url = "http://127.0.0.1:" +
                                          std::to_string(test::unused_port(SOCK_STREAM))};
  const auto away = push(options, [](MetricsSink& sink) { sink.emit("mode", 1); });
  REQUIRE(!away);
  CHECK(away.error().code == ErrorCode::unavailable);
}

}  // namespace
}  // namespace rz::metrics
