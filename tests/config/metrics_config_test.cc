#include <doctest/doctest.h>

#include "reading.h"
#include "rz/base/text.h"
#include "rz/metrics/logging_metrics_sink.h"
#include "rz/metrics/noop_metrics_sink.h"
#include "rz/metrics/prometheus_metrics_sink.h"
#include "rz/metrics/sink_type.h"
#include "rz/metrics/statsd_metrics_sink.h"

namespace rz::config {

using testing::good;
using testing::wrong;

TEST_CASE("each type of sink gets its options") {
  const auto sinks = good(R"(
health:
  metrics:
    - {type: prometheus, path: /x/rz.prom}
    - {type: logging, level: warning}
    - {type: statsd, address: "[::1]:9125", dialect: dogstatsd}
    - {type: noop}
    - {type: statsd}
)")
                         .health.metrics;
  REQUIRE(sinks.size() == 5);
  REQUIRE(sinks[0].get_if<metrics::PrometheusOptions>() != nullptr);
  CHECK(sinks[0].get_if<metrics::PrometheusOptions>()->path == "/x/rz.prom");
  REQUIRE(sinks[1].get_if<metrics::LoggingOptions>() != nullptr);
  CHECK(sinks[1].get_if<metrics::LoggingOptions>()->level == metrics::MetricsLogLevel::warning);
  REQUIRE(sinks[2].get_if<metrics::StatsdOptions>() != nullptr);
  CHECK(sinks[2].get_if<metrics::StatsdOptions>()->address == "[::1]:9125");
  CHECK(sinks[2].get_if<metrics::StatsdOptions>()->dogstatsd);
  CHECK(sinks[3].get_if<metrics::NoOpOptions>() != nullptr);
  CHECK(sinks[3].type() == "noop");
  REQUIRE(sinks[4].get_if<metrics::StatsdOptions>() != nullptr);
  CHECK(sinks[4].get_if<metrics::StatsdOptions>()->address == "127.0.0.1:8125");
  CHECK(!sinks[4].get_if<metrics::StatsdOptions>()->dogstatsd);
}

TEST_CASE("names may have another prefix, or none, but nothing that is no name") {
  const auto sinks = good(R"(
health:
  metrics:
    - {type: prometheus, path: /x/rz.prom, prefix: ""}
    - {type: statsd, prefix: ops.rz_}
)")
                         .health.metrics;
  CHECK(sinks[0].get_if<metrics::PrometheusOptions>()->prefix.empty());
  CHECK(sinks[1].get_if<metrics::StatsdOptions>()->prefix == "ops.rz_");
  const auto refused = [](const std::string& keys) {
    return wrong("health: {metrics: [{" + keys + "}]}").find("is not the beginning of a name") !=
           std::string::npos;
  };
  CHECK(refused("type: prometheus, path: /x, prefix: a.b"));
  CHECK(refused("type: pushgateway, url: \"http://p\", prefix: \"a-\""));
  CHECK(refused("type: statsd, prefix: \"1a\""));
  CHECK(refused("type: graphite, prefix: \"a|b\""));
}

TEST_CASE("a sink that leads nowhere is refused") {
  const auto sink = [](const char* text) {
    return wrong(std::string("health: {metrics: [") + text + "]}");
  };
  CHECK(sink("{}") == "rz.yaml:1:20: health.metrics[0]: a sink needs 'type'");
  CHECK(sink("{type: prometheus}") ==
        "rz.yaml:1:20: health.metrics[0]: a prometheus sink needs 'path'");
  std::vector<std::string> types;
  for (const metrics::SinkType& type : metrics::sink_types()) types.emplace_back(type.name);
  const std::string last = types.back();
  types.pop_back();
  CHECK(sink("{type: nosuch}") == "rz.yaml:1:27: health.metrics[0].type: expected " +
                                      join(types, ", ") + " or " + last +
                                      ", got the text 'nosuch'");
  CHECK(sink("{type: noop, path: x}") == "rz.yaml:1:33: unknown key 'path' in health.metrics[0]");
  for (const char* address : {"localhost", ":8125", "host:", "host:0", "host:65536", "host:x",
                              "host:99999", "::1:8125", "[::1:8125", "[host]:1", "a b:1"}) {
    INFO(address);
    CHECK(sink((std::string("{type: statsd, address: \"") + address + "\"}").c_str()) ==
          "rz.yaml:1:44: health.metrics[0].address: is not an address; write it like "
          "127.0.0.1:8125 or [::1]:8125");
  }
}

}  // namespace rz::config
