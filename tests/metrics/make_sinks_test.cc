#include "rz/metrics/make_sinks.h"

#include <doctest/doctest.h>

#include "metrics/udp_receiver.h"
#include "rz/base/file.h"
#include "rz/metrics/logging_metrics_sink.h"
#include "rz/metrics/noop_metrics_sink.h"
#include "rz/metrics/prometheus_metrics_sink.h"
#include "rz/metrics/statsd_metrics_sink.h"
#include "support/print.h"
#include "support/results.h"
#include "support/temp_folder.h"

namespace rz::metrics {
namespace {

using Lines = std::vector<std::string>;

struct MakeSinksFixture {
  Lines lines;

  Result<std::unique_ptr<MetricsSink>> make(const std::vector<SinkSpec>& sinks) {
    return make_sinks(sinks, [this](MetricsLogLevel level, std::string_view line) {
      lines.push_back(std::to_string(static_cast<int>(level)) + " " + std::string(line));
    });
  }
};

TEST_CASE_FIXTURE(MakeSinksFixture, "no sinks, or the one of that name, keep nothing") {
  for (const std::vector<SinkSpec>& sinks :
       {std::vector<SinkSpec>{}, std::vector<SinkSpec>{NoOpOptions{}}}) {
    const auto sink = ok(make(sinks));
    sink->emit("mode", 1);
    CHECK(sink->flush().has_value());
  }
  CHECK(lines.empty());
}

TEST_CASE_FIXTURE(MakeSinksFixture,
                  "several sinks all get what is measured, with their own options") {
  const TempFolder folder;
  UdpReceiver server;
  REQUIRE(server.is_open());
  const auto sink = ok(make({LoggingOptions{.level = MetricsLogLevel::warning},
                             PrometheusOptions{.path = folder / "rz.prom"},
                             StatsdOptions{.address = server.address(), .dogstatsd = true}}));
  sink->emit("mode", 1, {{"host", "a"}});
  CHECK(message_of(sink->flush()).empty());
  CHECK(lines == Lines{"2 metric=mode kind=gauge value=1 host=a"});
  CHECK(ok(read_file(folder / "rz.prom", 1'000)).ends_with("\nrz_mode{host=\"a\"} 1\n"));
  CHECK(server.next() == "rz_mode:1|g|#host:a");
}

TEST_CASE_FIXTURE(MakeSinksFixture, "one sink that cannot be made is the error of all") {
  CHECK(error_of(make({LoggingOptions{}, PrometheusOptions{}})) ==
        Error{ErrorCode::invalid_argument, "a prometheus sink needs a path", ""});
  CHECK(error_of(make({NoOpOptions{}, StatsdOptions{.address = "nowhere"}})) ==
        Error{ErrorCode::invalid_argument,
              "'nowhere' is not an address; write it like 127.0.0.1:8125 or [::1]:8125", ""});
}

}  // namespace
}  // namespace rz::metrics
