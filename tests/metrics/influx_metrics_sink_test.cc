#include "rz/metrics/influx_metrics_sink.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <string>

#include "rz/config/config.h"
#include "support/http_server.h"
#include "support/patience.h"
#include "support/print.h"
#include "support/results.h"

namespace rz::metrics {
namespace {

using test::HttpServerReply;

struct InfluxMetricsSinkFixture {
  ManualClock clock;

  std::unique_ptr<MetricsSink> open(const test::HttpServer& server, InfluxOptions options = {}) {
    options.url = server.url("/write?db=rz");
    return ok(InfluxMetricsSink::open(options, clock));
  }

  /// What `emit` makes a sink send.
  template <class Emit>
  std::string sent(Emit emit, InfluxOptions options = {}) {
    const test::HttpServer server(HttpServerReply{.status = 204});
    const auto sink = open(server, std::move(options));
    emit(*sink);
    CHECK(message_of(sink->flush_by(patient())).empty());
    return server.requests().empty() ? "" : server.requests().front().body;
  }

  static Deadline patient() { return std::chrono::steady_clock::now() + test::kPatience; }
};

TEST_CASE_FIXTURE(InfluxMetricsSinkFixture,
                  "a measurement is a point, at the time when it was made or is sent") {
  CHECK(sent([](MetricsSink& sink) { sink.emit("mode", 2); }) ==
        "rz_mode value=2 1700000000000000000\n");
  CHECK(sent([](MetricsSink& sink) {
          sink.emit("mode", 0.5, {}, TimePoint{std::chrono::seconds{1'600'000'000}});
        }) == "rz_mode value=0.5 1600000000000000000\n");
}

TEST_CASE_FIXTURE(InfluxMetricsSinkFixture,
                  "of one series the newest value is sent, and counters and observations add up") {
  CHECK(sent([](MetricsSink& sink) {
          sink.emit("mode", 2);
          sink.emit("mode", 1);
          sink.emit_counter("runs");
          sink.emit_counter("runs", 3);
          sink.emit_total("transitions_total", 40, 1);
          sink.emit_total("transitions_total", 41, 1);
          sink.emit_histogram("run_seconds", 0.25);
          sink.emit_histogram("run_seconds", 0.5);
        }) ==
        "rz_mode value=1 1700000000000000000\n"
        "rz_run_seconds count=2,sum=0.75 1700000000000000000\n"
        "rz_runs value=4 1700000000000000000\n"
        "rz_transitions_total value=41 1700000000000000000\n");
}

TEST_CASE_FIXTURE(InfluxMetricsSinkFixture, "tags are of one measurement, or of everything") {
  const InfluxOptions options{.tags = {"env:prod", "host:b", "zone:a:b"}};
  CHECK(sent(
            [](MetricsSink& sink) {
              sink.emit("mode", 2, {{"host", "a"}});
            },
            options) == "rz_mode,env=prod,host=a,zone=a:b value=2 1700000000000000000\n");
}

TEST_CASE_FIXTURE(InfluxMetricsSinkFixture, "no name or tag breaks a line or forges a field") {
  const auto series_of = [&](std::string_view name, const MetricTags& tags = {}) {
    const std::string line =
        sent([&](MetricsSink& sink) { sink.emit(name, 1, tags); }, {.prefix = ""});
    constexpr std::string_view kRest = " value=1 1700000000000000000\n";
    REQUIRE(line.ends_with(kRest));
    CHECK(std::count(line.begin(), line.end(), '\n') == 1);
    return line.substr(0, line.size() - kRest.size());
  };
  CHECK(series_of("queue.depth") == "queue.depth");
  CHECK(series_of("a b,c=d") == "a\\ b\\,c=d");
  CHECK(series_of("a\nb value=9") == "a＼nb\\ value=9");
  CHECK(series_of("#not a comment") == "_#not\\ a\\ comment");
  CHECK(series_of("") == "_");
  CHECK(series_of("m\xff") == "m＼xff");
  CHECK(series_of("m", {{"a=b, c", "~/x y"}}) == "m,a\\=b\\,\\ c=~/x\\ y");
  CHECK(series_of("m", {{"path", "C:\\"}}) == "m,path=C:＼");
  // Two names stay two: of two checks the failed one must not be hidden.
  CHECK(series_of("m", {{"check", "a_"}}) != series_of("m", {{"check", "a\\"}}));
  CHECK(series_of("m", {{"a_", "1"}, {"a\\", "2"}}) == "m,a＼=2,a_=1");
  CHECK(series_of("m", {{"", "x"}, {"none", ""}}) == "m");
}

TEST_CASE_FIXTURE(InfluxMetricsSinkFixture, "what cannot be sent is told, and the rest is sent") {
  const test::HttpServer server(HttpServerReply{.status = 204});
  const auto sink = open(server);
  sink->emit("good", 1);
  sink->emit("bad", std::numeric_limits<double>::infinity());
  sink->emit_histogram("bad_seconds", std::numeric_limits<double>::quiet_NaN());
  const Error told = error_of(sink->flush_by(patient()));
  CHECK(told.code == ErrorCode::invalid_argument);
  CHECK(told.message == "'bad' is not finite");
  REQUIRE(server.count() == 1);
  CHECK(server.requests()[0].body == "rz_good value=1 1700000000000000000\n");
  // Nothing is asked without a measurement.
  CHECK(sink->flush_by(patient()).has_value());
  CHECK(server.count() == 1);
}

TEST_CASE_FIXTURE(InfluxMetricsSinkFixture,
                  "everything is one request, to the URL as it is given") {
  const test::HttpServer server(HttpServerReply{.status = 204});
  const auto sink = open(server, {.token = "secret-token"});
  for (int i = 0; i < 1000; ++i) sink->emit_counter("n" + std::to_string(i));
  CHECK(message_of(sink->flush_by(patient())).empty());
  REQUIRE(server.count() == 1);
  const auto request = server.requests()[0];
  CHECK(request.method == "POST");
  CHECK(request.target == "/write?db=rz");
  CHECK(request.header("authorization") == "Token secret-token");
  CHECK(std::count(request.body.begin(), request.body.end(), '\n') == 1000);
}

TEST_CASE_FIXTURE(InfluxMetricsSinkFixture, "a refusal is told with the reason of the server") {
  const test::HttpServer server(
      HttpServerReply{.status = 404, .body = "{\"error\":\"database not found: \\\"rz\\\"\"}\n"});
  const auto sink = open(server, {.token = "secret-token"});
  sink->emit("mode", 1);
  const Error told = error_of(sink->flush_by(patient()));
  CHECK(told.code == ErrorCode::unsupported);
  CHECK(told.message == "got 404, expected 204: database not found: \"rz\"");
  // The query may hold a password.
  CHECK(told.where == server.url("/write"));
  // It is told once, and what was not taken is given up.
  CHECK(sink->flush_by(patient()).has_value());
}

TEST_CASE_FIXTURE(InfluxMetricsSinkFixture, "what repeats the request is not shown") {
  for (const int status : {400, 503}) {
    const test::HttpServer server(HttpServerReply{
        .status = status, .body = "POST /write?p=hidden\nAuthorization: Token secret-token\n"});
    const auto sink = open(server, {.token = "secret-token"});
    sink->emit("mode", 1);
    const Error told = error_of(sink->flush_by(patient()));
    CHECK(told.code == (status == 503 ? ErrorCode::unavailable : ErrorCode::unsupported));
    CHECK(told.message == "got " + std::to_string(status) + ", expected 204");
  }
}

TEST_CASE_FIXTURE(InfluxMetricsSinkFixture, "a server that refuses, closes or hangs is told") {
  const auto told_by = [&](const std::string& url, Deadline deadline) {
    const std::unique_ptr<MetricsSink> sink =
        ok(InfluxMetricsSink::open({.url = url + "/write?db=rz"}, clock));
    sink->emit("mode", 1);
    return error_of(sink->flush_by(deadline)).code;
  };
  const test::ClosedPort nobody;
  CHECK(told_by("http://127.0.0.1:" + std::to_string(nobody.port()), patient()) ==
        ErrorCode::unavailable);
  const test::HttpServer closes(HttpServerReply{.close_after = 0});
  CHECK(told_by(closes.url(""), patient()) == ErrorCode::unavailable);
  const test::HttpServer cuts(HttpServerReply{.status = 204, .close_after = 10, .reset = true});
  CHECK(told_by(cuts.url(""), patient()) == ErrorCode::unavailable);
  const test::HttpServer hangs(HttpServerReply{.delay = HttpServerReply::kForever});
  CHECK(told_by(hangs.url(""), std::chrono::steady_clock::now() + Millis{50}) ==
        ErrorCode::timeout);
}

TEST_CASE_FIXTURE(InfluxMetricsSinkFixture, "a server that is away costs no memory without end") {
  const test::ClosedPort nobody;
  const std::unique_ptr<MetricsSink> sink = ok(InfluxMetricsSink::open(
      {.url = "http://127.0.0.1:" + std::to_string(nobody.port()) + "/write"}, clock));
  for (std::size_t i = 0; i <= InfluxMetricsSink::kMaxSeries; ++i) {
    sink->emit_counter("n" + std::to_string(i));
  }
  // A series that is there has its place.
  sink->emit_counter("n0");
  CHECK(error_of(sink->flush_by(patient())).message ==
        "more measurements than can be kept until the next flush");
}

TEST_CASE("a configuration that could write nothing, or at wrong times, is refused") {
  const auto refused = [](const std::string& keys) {
    const auto loaded = config::parse_config("health: {metrics: [{type: influx" + keys + "}]}",
                                             "rz.yaml", config::process_environment);
    REQUIRE_FALSE(loaded.has_value());
    const std::string message = to_string(loaded.error());
    return message.substr(message.find("health.metrics[0]"));
  };
  CHECK(refused("") == "health.metrics[0]: an influx sink needs 'url'");
  CHECK(refused(", url: \"udp://h:8089\"") ==
        "health.metrics[0].url: is not an HTTP URL; write it like http://host:8086/write?db=rz or "
        "http://host:8086/api/v2/write?org=ops&bucket=rz");
  CHECK(refused(", url: \"http://h:8086/write?db=rz&precision=s\"") ==
        "health.metrics[0].url: has a precision; remove it, since times are sent in nanoseconds");
  for (const char* tag : {"alone", ":value", "key:"}) {
    CAPTURE(tag);
    CHECK(
        refused(std::string(", url: \"http://h/write\", tags: [\"env:prod\", \"") + tag + "\"]") ==
        "health.metrics[0].tags: has a tag without a key or a value; write it like env:prod");
  }
}

}  // namespace
}  // namespace rz::metrics
