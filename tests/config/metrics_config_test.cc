#include <doctest/doctest.h>

#include "reading.h"

namespace rz {

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
  CHECK(sinks[0].type == SinkOptions::Type::prometheus);
  CHECK(sinks[0].path == "/x/rz.prom");
  CHECK(sinks[1].type == SinkOptions::Type::logging);
  CHECK(sinks[1].level == SinkOptions::Level::warning);
  CHECK(sinks[2].type == SinkOptions::Type::statsd);
  CHECK(sinks[2].address == "[::1]:9125");
  CHECK(sinks[2].dogstatsd);
  CHECK(sinks[3].type == SinkOptions::Type::noop);
  CHECK(sinks[4].address == "127.0.0.1:8125");
  CHECK(!sinks[4].dogstatsd);
}

TEST_CASE("a sink that leads nowhere is refused") {
  const auto sink = [](const char* text) {
    return wrong(std::string("health: {metrics: [") + text + "]}");
  };
  CHECK(sink("{}") == "rz.yaml:1:20: health.metrics[0]: a sink needs 'type'");
  CHECK(sink("{type: prometheus}") ==
        "rz.yaml:1:20: health.metrics[0]: a prometheus sink needs 'path'");
  CHECK(sink("{type: influx}") ==
        "rz.yaml:1:27: health.metrics[0].type: expected noop, logging, "
        "prometheus or statsd, got the text 'influx'");
  CHECK(sink("{type: noop, path: x}") == "rz.yaml:1:33: unknown key 'path' in health.metrics[0]");
  for (const char* address : {"localhost", ":8125", "host:", "host:0", "host:65536", "host:x",
                              "host:99999", "::1:8125", "[::1:8125", "[host]:1", "a b:1"}) {
    INFO(address);
    CHECK(sink((std::string("{type: statsd, address: \"") + address + "\"}").c_str()) ==
          "rz.yaml:1:44: health.metrics[0].address: is not an address; write it like "
          "127.0.0.1:8125 or [::1]:8125");
  }
}

}  // namespace rz
