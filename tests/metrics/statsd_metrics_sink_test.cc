#include "rz/metrics/statsd_metrics_sink.h"

#include <doctest/doctest.h>

#include <limits>
#include <string>

#include "metrics/udp_receiver.h"
#include "support/print.h"
#include "support/results.h"
#include "support/temp_folder.h"

namespace rz::metrics {
namespace {

using StatsdSink = std::unique_ptr<MetricsSink>;

StatsdSink open_statsd(const std::string& address, bool dogstatsd = false) {
  return ok(StatsdMetricsSink::open({.address = address, .dogstatsd = dogstatsd}));
}

/// What `emit` makes a sink send.
template <class Emit>
std::string sent_by(bool dogstatsd, Emit emit) {
  UdpReceiver server;
  REQUIRE(server.is_open());
  const StatsdSink sink = open_statsd(server.address(), dogstatsd);
  emit(*sink);
  CHECK(message_of(sink->flush()).empty());
  return server.next();
}

TEST_CASE("plain StatsD has its tags in the name, and times in milliseconds") {
  const auto sent = [](auto emit) { return sent_by(false, emit); };
  CHECK(sent([](MetricsSink& sink) { sink.emit("mode", 2); }) == "rz_mode:2|g");
  CHECK(sent([](MetricsSink& sink) {
          sink.emit("mode", 0.5, {{"host", "a"}, {"dc", "b"}});
        }) == "rz_mode.dc.b.host.a:0.5|g");
  CHECK(sent([](MetricsSink& sink) { sink.emit_counter("runs"); }) == "rz_runs:1|c");
  CHECK(sent([](MetricsSink& sink) { sink.emit_histogram("run_seconds", 0.25); }) ==
        "rz_run:250|ms");
  CHECK(sent([](MetricsSink& sink) { sink.emit_histogram("size", 7); }) == "rz_size:7|ms");
}

TEST_CASE("a negative gauge of plain StatsD starts from zero, as `-5` alone means 5 less") {
  const auto emit = [](MetricsSink& sink) { sink.emit("drift", -5); };
  CHECK(sent_by(false, emit) == "rz_drift:0|g\nrz_drift:-5|g");
  CHECK(sent_by(true, emit) == "rz_drift:-5|g");
}

TEST_CASE("DogStatsD has tags and histograms of its own") {
  const auto sent = [](auto emit) { return sent_by(true, emit); };
  CHECK(sent([](MetricsSink& sink) {
          sink.emit("mode", 2, {{"host", "a"}, {"dc", "b"}});
        }) == "rz_mode:2|g|#dc:b,host:a");
  CHECK(sent([](MetricsSink& sink) { sink.emit_counter("runs", 3); }) == "rz_runs:3|c");
  CHECK(sent([](MetricsSink& sink) { sink.emit_histogram("run_seconds", 0.25); }) ==
        "rz_run_seconds:0.25|h");
}

TEST_CASE("a health check is sent as gauges and one histogram") {
  CHECK(sent_by(true, [](MetricsSink& sink) { sink.emit_health_check("db", "healthy", 5); }) ==
        "rz_health_check_status:1|g|#check:db,status:healthy\n"
        "rz_health_check_status:0|g|#check:db,status:degraded\n"
        "rz_health_check_status:0|g|#check:db,status:unhealthy\n"
        "rz_health_check_status:0|g|#check:db,status:unknown\n"
        "rz_health_check_latency_seconds:0.005|h|#check:db\n"
        "_sc|rz_health_check|0|#check:db");
}

TEST_CASE(
    "the status of a service check is that of Nagios, and no name forges another part of it") {
  const auto status = [](std::string_view word) {
    const std::string all =
        sent_by(true, [&](MetricsSink& sink) { sink.emit_health_check("x|m:y,z\n_sc", word, 1); });
    return all.substr(all.find("_sc|rz"));
  };
  CHECK(status("healthy") == "_sc|rz_health_check|0|#check:x_m:y_z_n_sc");
  CHECK(status("degraded") == "_sc|rz_health_check|1|#check:x_m:y_z_n_sc");
  CHECK(status("unhealthy") == "_sc|rz_health_check|2|#check:x_m:y_z_n_sc");
  CHECK(status("unknown") == "_sc|rz_health_check|3|#check:x_m:y_z_n_sc");
  const std::string plain =
      sent_by(false, [](MetricsSink& sink) { sink.emit_health_check("db", "healthy", 5); });
  CHECK(plain.find("_sc") == std::string::npos);
}

TEST_CASE("a service check has its message last, and no message forges another") {
  const auto message = [](std::string_view text) {
    const std::string all = sent_by(
        true, [&](MetricsSink& sink) { sink.emit_health_check("db", "unhealthy", 1, text); });
    return all.substr(all.find("#check:db|") + 10);
  };
  CHECK(message("Connection refused") == "m:Connection refused");
  CHECK(message("a\nb|m:c") == "m:a\\nb|m\\:c");
  CHECK(message(std::string(2'000, 'x')).size() < 250);
}

TEST_CASE("a transition is an event of DogStatsD, whatever its reason holds, and nothing else") {
  const auto emit = [](MetricsSink& sink) {
    sink.emit_event(
        {"The mode is safe", "a|t:success\n\u00e4", MetricEvent::Level::error, {{"to", "safe"}}});
  };
  CHECK(sent_by(true, emit) == "_e{16,15}:The mode is safe|a|t:success\\n\u00e4|t:error|#to:safe");
  CHECK(sent_by(false, [&](MetricsSink& sink) {
          emit(sink);
          sink.emit("x", 1);
        }) == "rz_x:1|g");
}

TEST_CASE("the configured tags are those of everything that DogStatsD gets") {
  UdpReceiver server;
  REQUIRE(server.is_open());
  const auto opened = ok(StatsdMetricsSink::open(
      {.address = server.address(), .dogstatsd = true, .tags = {"env:prod", "a,b|c#d"}}));
  MetricsSink& sink = *opened;
  sink.emit("mode", 2, {{"host", "a"}});
  sink.emit_counter("runs");
  CHECK(sink.flush().has_value());
  CHECK(server.next() == "rz_mode:2|g|#host:a,env:prod,a_b_c_d\nrz_runs:1|c|#env:prod,a_b_c_d");
}

TEST_CASE("a unix socket gets the same, and one that is away is told") {
  const TempFolder folder;
  const std::string path = folder / "dsd.socket";
  for (const std::string& address : {"unix:" + path, "unix://" + path}) {
    UnixReceiver server(path);
    const StatsdSink sink = open_statsd(address, true);
    for (int i = 0; i < 500; ++i) sink->emit("line", i);
    CHECK(message_of(sink->flush()).empty());
    std::string all;
    for (std::string text = server.next(); text != "(no datagram)"; text = server.next()) {
      CHECK(text.size() <= 1432);
      all += text + "\n";
    }
    CHECK(all.ends_with("rz_line:499|g\n"));
    server.close();
    sink->emit("mode", 1);
    CHECK(error_of(sink->flush()).where == "statsd " + address);
  }
  const StatsdSink nobody = open_statsd("unix:" + (folder / "nosuch"));
  nobody->emit("mode", 1);
  CHECK(error_of(nobody->flush()).code == ErrorCode::unavailable);
  const StatsdSink long_path = open_statsd("unix:/" + std::string(200, 'x'));
  long_path->emit("mode", 1);
  CHECK(error_of(long_path->flush()).code == ErrorCode::invalid_argument);
  CHECK(error_of(StatsdMetricsSink::open({.address = "unix:relative"})).message ==
        "'unix:relative' is not a socket; write it like unix:/run/datadog/dsd.socket");
}

TEST_CASE("no name or tag can forge a line, a value or another tag") {
  const auto emit = [](MetricsSink& sink) {
    sink.emit("a:9|g\nb", 1, {{"k:x|,#y", "v.w:1|c\nz,#q @\\\x1b\xff"}});
  };
  CHECK(sent_by(false, emit) == "rz_a_9_g_nb.k_x_,#y.v_w_1_c_nz,#q____x1b_xff:1|g");
  CHECK(sent_by(true, emit) == "rz_a_9_g_nb:1|g|#k_x___y:v.w:1_c_nz__q_@__x1b_xff");
}

TEST_CASE("lines share a datagram until it is full, and none is torn apart or lost") {
  UdpReceiver server;
  REQUIRE(server.is_open());
  const StatsdSink sink = open_statsd(server.address());
  constexpr int kLines = 500;
  for (int i = 0; i < kLines; ++i) sink->emit("line", i);
  CHECK(sink->flush().has_value());

  std::string all;
  int datagrams = 0;
  for (std::string text = server.next(); text != "(no datagram)"; text = server.next()) {
    CHECK(text.size() <= 1432);
    CHECK(text.size() > 0);
    all += text + "\n";
    ++datagrams;
  }
  std::string expected;
  for (int i = 0; i < kLines; ++i) expected += "rz_line:" + std::to_string(i) + "|g\n";
  CHECK(all == expected);
  // As few as can be: each but the last has no room for one more line.
  CHECK(datagrams == static_cast<int>(expected.size() / 1432) + 1);
}

TEST_CASE("a line that fills a datagram is sent, a longer one is told") {
  UdpReceiver server;
  REQUIRE(server.is_open());
  const StatsdSink sink = open_statsd(server.address());
  const std::string fits(1432 - std::string("rz_:1|g").size(), 'x');
  sink->emit(fits, 1);
  sink->emit(fits + "x", 1);
  CHECK(error_of(sink->flush()) ==
        Error{ErrorCode::invalid_argument,
              "a measurement is longer than a datagram: " + std::string(59, 'x') + "…",
              "statsd " + server.address()});
  CHECK(server.next() == "rz_" + fits + ":1|g");
  CHECK(server.next() == "(no datagram)");
  CHECK(sink->flush().has_value());
}

TEST_CASE("what is not finite is told once and not sent") {
  UdpReceiver server;
  REQUIRE(server.is_open());
  const StatsdSink sink = open_statsd(server.address());
  sink->emit("ratio", std::numeric_limits<double>::quiet_NaN());
  sink->emit_counter("more", std::numeric_limits<double>::infinity());
  sink->emit("good", 1);
  CHECK(error_of(sink->flush()) ==
        Error{ErrorCode::invalid_argument, "'ratio' is not finite", "statsd " + server.address()});
  CHECK(server.next() == "rz_good:1|g");
  CHECK(sink->flush().has_value());
}

TEST_CASE("a server that is not there is told, once") {
  UdpReceiver server;
  REQUIRE(server.is_open());
  const StatsdSink sink = open_statsd(server.address());
  server.close();
  sink->emit("mode", 1);
  CHECK(error_of(sink->flush()) ==
        Error{ErrorCode::unavailable, "Connection refused", "statsd " + server.address()});
  CHECK(sink->flush().has_value());
}

TEST_CASE("what is held back is sent at the end of the sink") {
  UdpReceiver server;
  REQUIRE(server.is_open());
  {
    const StatsdSink sink = open_statsd(server.address());
    sink->emit("mode", 1);
    CHECK(server.next() == "(no datagram)");
  }
  CHECK(server.next() == "rz_mode:1|g");
}

TEST_CASE("a server is reached over IPv6") {
  UdpReceiver server(AF_INET6);
  if (!server.is_open()) return;  // A machine without it.
  const StatsdSink sink = open_statsd(server.address());
  sink->emit("mode", 1);
  CHECK(sink->flush().has_value());
  CHECK(server.next() == "rz_mode:1|g");
}

TEST_CASE("an address is host and port") {
  for (const char* address : {"", "localhost", ":8125", "127.0.0.1:", "127.0.0.1:0",
                              "127.0.0.1:65536", "127.0.0.1:x", "::1:8125", "[]:8125"}) {
    CAPTURE(address);
    CHECK(error_of(StatsdMetricsSink::open({.address = address})) ==
          Error{ErrorCode::invalid_argument,
                std::string("'") + address +
                    "' is not an address; write it like 127.0.0.1:8125 or [::1]:8125",
                ""});
  }
}

TEST_CASE("a host is looked up by the flush, and one that is not there is told, once") {
  const StatsdSink sink = open_statsd("host.invalid:8125");
  CHECK(sink->flush().has_value());  // Nothing to send, nobody to ask.
  sink->emit("mode", 1);
  const Error error = error_of(sink->flush());
  CHECK(error.where == "statsd host.invalid:8125");
  // Where there is no name service at all, it does not answer.
  CHECK((error.message == "no such host" || error.code == ErrorCode::timeout));
  CHECK(sink->flush().has_value());
}

TEST_CASE("a total is sent as what this run added to it") {
  const auto sent = [](double added) {
    return sent_by(false, [&](MetricsSink& sink) { sink.emit_total("runs_total", 40, added, {}); });
  };
  CHECK(sent(2) == "rz_runs_total:2|c");
  CHECK(sent(0) == "(no datagram)");
}

TEST_CASE("what is measured before the host is known has a bound") {
  UdpReceiver server;
  REQUIRE(server.is_open());
  const StatsdSink sink = open_statsd(server.address());
  const std::string name(1400, 'x');
  for (int i = 0; i < 1'002; ++i) sink->emit(name, 1);
  CHECK(error_of(sink->flush()).message ==
        "more measurements than can be kept until the next flush");
}

}  // namespace
}  // namespace rz::metrics
