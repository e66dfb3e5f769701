#include "rz/metrics/graphite_metrics_sink.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <limits>
#include <string>

#include "metrics/udp_receiver.h"
#include "support/print.h"
#include "support/results.h"

namespace rz::metrics {
namespace {

/// A Graphite server on a free port of the loopback, as far as a client can see one. The kernel
/// takes connection and bytes, so that nothing has to run beside the test.
class GraphiteServer {
 public:
  GraphiteServer() : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* any = reinterpret_cast<sockaddr*>(&address);
    REQUIRE(::bind(listener_.get(), any, size) == 0);
    REQUIRE(::listen(listener_.get(), 4) == 0);
    REQUIRE(::getsockname(listener_.get(), any, &size) == 0);
    address_ = "127.0.0.1:" + std::to_string(::ntohs(address.sin_port));
  }

  const std::string& address() const { return address_; }

  /// All that came over the next connection, which must have been closed.
  std::string next() {
    const UniqueFd client(::accept(listener_.get(), nullptr, nullptr));
    std::string all;
    std::string part(4096, '\0');
    for (ssize_t n = 0; (n = ::recv(client.get(), part.data(), part.size(), 0)) > 0;) {
      all.append(part, 0, static_cast<std::size_t>(n));
    }
    return all;
  }

  void close() { listener_.reset(); }

 private:
  UniqueFd listener_;
  std::string address_;
};

struct GraphiteMetricsSinkFixture {
  ManualClock clock;
  GraphiteServer server;

  std::unique_ptr<MetricsSink> open(GraphiteOptions options = {}) {
    options.address = server.address();
    return ok(GraphiteMetricsSink::open(options, clock));
  }

  /// What `emit` makes a sink send.
  template <class Emit>
  std::string sent(Emit emit, GraphiteOptions options = {}) {
    const auto sink = open(std::move(options));
    emit(*sink);
    CHECK(message_of(sink->flush()).empty());
    return server.next();
  }
};

TEST_CASE_FIXTURE(GraphiteMetricsSinkFixture,
                  "a measurement is a line, at the time when it was made or is sent") {
  CHECK(sent([](MetricsSink& sink) { sink.emit("mode", 2); }) == "rz.mode 2 1700000000\n");
  CHECK(sent([](MetricsSink& sink) {
          sink.emit("mode", 0.5, {}, TimePoint{std::chrono::seconds{1'600'000'000}});
        }) == "rz.mode 0.5 1600000000\n");
}

TEST_CASE_FIXTURE(GraphiteMetricsSinkFixture,
                  "of one path the newest value is sent, and counters add up") {
  CHECK(sent([](MetricsSink& sink) {
          sink.emit("mode", 2);
          sink.emit("mode", 1);
          sink.emit_counter("runs");
          sink.emit_counter("runs", 3);
          sink.emit_total("transitions_total", 40, 1);
          sink.emit_total("transitions_total", 41, 1);
        }) == "rz.mode 1 1700000000\nrz.runs 4 1700000000\nrz.transitions_total 41 1700000000\n");
}

TEST_CASE_FIXTURE(GraphiteMetricsSinkFixture,
                  "observations are counted and added up, each flush for itself") {
  const auto sink = open();
  sink->emit_histogram("run_seconds", 0.25);
  sink->emit_histogram("run_seconds", 0.5);
  CHECK(sink->flush().has_value());
  CHECK(server.next() == "rz.run_seconds.count 2 1700000000\nrz.run_seconds.sum 0.75 1700000000\n");
  sink->emit_histogram("run_seconds", 1);
  CHECK(sink->flush().has_value());
  CHECK(server.next() == "rz.run_seconds.count 1 1700000000\nrz.run_seconds.sum 1 1700000000\n");
}

TEST_CASE_FIXTURE(GraphiteMetricsSinkFixture, "tags are parts of the path, or Graphite's own") {
  const auto emit = [](MetricsSink& sink) { sink.emit("mode", 2, {{"host", "a"}, {"dc", "b.c"}}); };
  CHECK(sent(emit) == "rz.mode.dc.b_c.host.a 2 1700000000\n");
  CHECK(sent(emit, {.tags = true}) == "rz.mode;dc=b_c;host=a 2 1700000000\n");
}

TEST_CASE_FIXTURE(GraphiteMetricsSinkFixture, "no name breaks a line or leaves the tree") {
  const auto path_of = [&](std::string_view name, const MetricTags& tags = {}) {
    const std::string line = sent([&](MetricsSink& sink) { sink.emit(name, 1, tags); });
    REQUIRE(line.ends_with(" 1 1700000000\n"));
    return line.substr(0, line.size() - 14);
  };
  CHECK(path_of("queue.depth") == "rz.queue.depth");
  CHECK(path_of("a b\nrz.evil 1 1\r") == "rz.a_b_rz.evil_1_1_");
  CHECK(path_of("..") == "rz._._._");
  CHECK(path_of("../x") == "rz._._._x");
  CHECK(path_of("") == "rz._");
  CHECK(path_of("m\xff\xc3\xa9;t=1") == "rz.m____t_1");
  CHECK(path_of("m", {{"", ""}, {"a=b;c", "~/x"}}) == "rz.m._._.a_b_c.__x");
}

TEST_CASE_FIXTURE(GraphiteMetricsSinkFixture, "what cannot be sent is told, and the rest is sent") {
  const auto sink = open();
  sink->emit("good", 1);
  sink->emit("bad", std::numeric_limits<double>::infinity());
  CHECK(error_of(sink->flush()) == Error{ErrorCode::invalid_argument, "'rz.bad' is not finite",
                                         "graphite " + server.address()});
  CHECK(server.next() == "rz.good 1 1700000000\n");
  sink->emit_histogram("bad_seconds", std::numeric_limits<double>::quiet_NaN());
  CHECK(message_of(sink->flush()).ends_with("'bad_seconds' is not finite"));
  sink->emit(std::string(2'000, 'n'), 1);
  CHECK(
      error_of(sink->flush()).message.starts_with("the path of a measurement is too long: rz.nnn"));
  CHECK(sink->flush().has_value());
}

TEST_CASE_FIXTURE(GraphiteMetricsSinkFixture,
                  "a server that is away costs no memory without end, and is told once") {
  const auto sink = open();
  server.close();
  for (std::size_t i = 0; i <= GraphiteMetricsSink::kMaxPaths; ++i) {
    sink->emit_counter("n" + std::to_string(i));
  }
  // A path that is there has its place.
  sink->emit_counter("n0");
  CHECK(error_of(sink->flush()).message ==
        "more measurements than can be kept until the next flush");
  sink->emit("mode", 1);
  CHECK(error_of(sink->flush()).code == ErrorCode::unavailable);
  CHECK(sink->flush().has_value());
}

TEST_CASE("over UDP lines are packed into datagrams") {
  UdpReceiver server;
  REQUIRE(server.is_open());
  const std::unique_ptr<MetricsSink> sink =
      ok(GraphiteMetricsSink::open({.address = server.address(), .udp = true}));
  for (int i = 0; i < 100; ++i) sink->emit("n" + std::to_string(100 + i), i);
  CHECK(message_of(sink->flush()).empty());
  std::string all;
  for (std::string datagram; (datagram = server.next()) != "(no datagram)";) {
    CHECK(datagram.size() <= 1432);
    CHECK(datagram.ends_with('\n'));
    all += datagram;
  }
  CHECK(std::count(all.begin(), all.end(), '\n') == 100);
  CHECK(all.starts_with("rz.n100 0 "));

  server.close();
  sink->emit("mode", 1);
  CHECK(error_of(sink->flush()).code == ErrorCode::unavailable);
}

TEST_CASE("nobody is asked before a flush, and an address that is none is refused") {
  const std::unique_ptr<MetricsSink> sink =
      ok(GraphiteMetricsSink::open({.address = "no.such.host.invalid:2003"}));
  sink->emit("mode", 1);
  CHECK(error_of(GraphiteMetricsSink::open({.address = "nowhere"})) ==
        Error{ErrorCode::invalid_argument,
              "'nowhere' is not an address; write it like 127.0.0.1:2003 or [::1]:2003", ""});
}

}  // namespace
}  // namespace rz::metrics
