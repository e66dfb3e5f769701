#include "rz/metrics/make_sinks.h"

#include <doctest/doctest.h>

#include "metrics/udp_receiver.h"
#include "rz/base/file.h"
#include "support/print.h"
#include "support/results.h"
#include "support/temp_folder.h"

namespace rz {
namespace {

using Type = SinkOptions::Type;
using Lines = std::vector<std::string>;

struct Fixture {
  Lines lines;

  Result<std::unique_ptr<MetricsSink>> make(const std::vector<SinkOptions>& sinks) {
    return make_sinks(sinks, [this](SinkOptions::Level level, std::string_view line) {
      lines.push_back(std::to_string(static_cast<int>(level)) + " " + std::string(line));
    });
  }
};

SinkOptions of_type(Type type) {
  SinkOptions options;
  options.type = type;
  return options;
}

TEST_CASE_FIXTURE(Fixture, "no sinks, or the one of that name, keep nothing") {
  for (const std::vector<SinkOptions>& sinks :
       {std::vector<SinkOptions>{}, {of_type(Type::noop)}}) {
    const auto sink = ok(make(sinks));
    sink->emit("mode", 1);
    CHECK(sink->flush().has_value());
  }
  CHECK(lines.empty());
}

TEST_CASE_FIXTURE(Fixture, "several sinks all get what is measured, with their own options") {
  const TempFolder folder;
  UdpReceiver server;
  REQUIRE(server.is_open());
  SinkOptions logging = of_type(Type::logging);
  logging.level = SinkOptions::Level::warning;
  SinkOptions prometheus = of_type(Type::prometheus);
  prometheus.path = folder / "rz.prom";
  SinkOptions statsd = of_type(Type::statsd);
  statsd.address = server.address();
  statsd.dogstatsd = true;

  const auto sink = ok(make({logging, prometheus, statsd}));
  sink->emit("mode", 1, {{"host", "a"}});
  CHECK(message_of(sink->flush()).empty());
  CHECK(lines == Lines{"2 metric=mode kind=gauge value=1 host=a"});
  CHECK(ok(read_file(folder / "rz.prom", 1'000)).ends_with("\nrz_mode{host=\"a\"} 1\n"));
  CHECK(server.next() == "rz_mode:1|g|#host:a");
}

TEST_CASE_FIXTURE(Fixture, "one sink that cannot be made is the error of all") {
  CHECK(error_of(make({of_type(Type::logging), of_type(Type::prometheus)})) ==
        Error{ErrorCode::invalid_argument, "a prometheus sink needs a path", ""});
  SinkOptions statsd = of_type(Type::statsd);
  statsd.address = "nowhere";
  CHECK(error_of(make({of_type(Type::noop), statsd})) ==
        Error{ErrorCode::invalid_argument,
              "'nowhere' is not an address; write it like 127.0.0.1:8125 or [::1]:8125", ""});
}

}  // namespace
}  // namespace rz
