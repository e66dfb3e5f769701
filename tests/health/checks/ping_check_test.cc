#include "rz/health/checks/ping_check.h"

#include <doctest/doctest.h>

#include <deque>
#include <optional>
#include <string>
#include <utility>

#include "support/patience.h"

namespace rz::health {
namespace {

/// What a socket answers to each request: a time, or a complaint; nothing is a lost one.
struct Echo {
  std::optional<Micros> took{};
  std::string complaint{};
};

class FakeEchoSocket final : public net::EchoSocket {
 public:
  explicit FakeEchoSocket(std::deque<Echo> echoes) : echoes_(std::move(echoes)) {}

  std::string_view way() const override { return "fake"; }

  Result<void> send(std::uint16_t sequence) override {
    sequence_ = sequence;
    waiting_ = true;
    return {};
  }

  Result<net::EchoReply> receive(Deadline) override {
    const bool answers = std::exchange(waiting_, false) && !echoes_.empty();
    const Echo echo = answers ? echoes_.front() : Echo{};
    if (answers) echoes_.pop_front();
    if (echo.took) return net::EchoReply{sequence_, *echo.took};
    if (!echo.complaint.empty()) return fail(ErrorCode::unavailable, echo.complaint);
    return fail(ErrorCode::timeout, "no answer in time");
  }

 private:
  std::deque<Echo> echoes_;
  std::uint16_t sequence_ = 0;
  bool waiting_ = false;
};

PingCheckOptions ping_options() {
  PingCheckOptions options;
  options.host = "127.0.0.1";
  options.count = 4;
  options.timeout = test::kPatience;
  return options;
}

CheckResult ping(std::deque<Echo> echoes, PingCheckOptions options = ping_options()) {
  return make_ping_check(
             options,
             [&](const net::SocketAddress&) -> Result<std::unique_ptr<net::EchoSocket>> {
               return std::make_unique<FakeEchoSocket>(echoes);
             })
      ->check();
}

const Echo kQuick{Micros{1'500}};

TEST_CASE("a host that answers all is healthy, with its times") {
  const auto result = ping({kQuick, {Micros{2'500}}, kQuick, {Micros{500}}});
  CHECK(result.status == HealthStatus::healthy);
  CHECK(result.message == "127.0.0.1: got 4 of 4 answers, 1.50 ms on average");
  CHECK(*result.metadata.find("way") == Value("fake"));
  CHECK(*result.metadata.find("received") == Value(4));
  CHECK(*result.metadata.find("loss_percent") == Value(0.0));
  CHECK(*result.metadata.find("rtt_min_ms") == Value(0.5));
  CHECK(*result.metadata.find("rtt_avg_ms") == Value(1.5));
  CHECK(*result.metadata.find("rtt_max_ms") == Value(2.5));
}

TEST_CASE("lost answers are held against the limits") {
  const auto some = ping({kQuick, {}, kQuick, kQuick});
  CHECK(some.status == HealthStatus::degraded);
  CHECK(some.message ==
        "127.0.0.1: got 3 of 4 answers, 25.0 % are lost (warning from 20 %), 1.50 ms on average");
  const auto most = ping({{}, {}, {}, kQuick});
  CHECK(most.status == HealthStatus::unhealthy);
  CHECK(most.message ==
        "127.0.0.1: got 1 of 4 answers, 75.0 % are lost (critical from 60 %), 1.50 ms on average");
  PingCheckOptions lenient = ping_options();
  lenient.loss_warning = 30;
  CHECK(ping({kQuick, {}, kQuick, kQuick}, lenient).status == HealthStatus::healthy);
  lenient.loss_warning = lenient.loss_critical = 0;
  CHECK(ping({kQuick, kQuick, kQuick, kQuick}, lenient).status == HealthStatus::healthy);
}

TEST_CASE("a host without any answer is unhealthy, and a complaint is told") {
  const auto silent = ping({});
  CHECK(silent.status == HealthStatus::unhealthy);
  CHECK(silent.message == "127.0.0.1: got 0 of 4 answers");
  const auto result = ping({{{}, "No route to host"}, {}, {}, {}});
  CHECK(result.status == HealthStatus::unhealthy);
  CHECK(result.message == "127.0.0.1: got 0 of 4 answers (No route to host)");
}

TEST_CASE("slow answers are held against the limits") {
  PingCheckOptions options = ping_options();
  options.rtt_warning = Millis{1};
  const auto slow = ping({kQuick, kQuick, kQuick, kQuick}, options);
  CHECK(slow.status == HealthStatus::degraded);
  CHECK(slow.message == "127.0.0.1: got 4 of 4 answers, 1.50 ms on average (warning from 1ms)");
  options.rtt_critical = Millis{1};
  CHECK(ping({kQuick, kQuick, kQuick, kQuick}, options).status == HealthStatus::unhealthy);
  options.rtt_warning = options.rtt_critical = Millis{2};
  CHECK(ping({kQuick, kQuick, kQuick, kQuick}, options).status == HealthStatus::healthy);
}

TEST_CASE("this machine answers, where this user may ask") {
  for (const char* host : {"127.0.0.1", "::1"}) {
    PingCheckOptions options = ping_options();
    options.host = host;
    options.count = 2;
    options.interval = Millis{10};
    const auto result = make_ping_check(options)->check();
    CAPTURE(result.message);
    if (result.status == HealthStatus::unknown) {
      // It may not, or the machine has no IPv6.
      const bool may_not = result.message.find("net.ipv4.ping_group_range") != std::string::npos;
      CHECK((may_not || std::string(host) == "::1"));
    } else {
      CHECK(result.status == HealthStatus::healthy);
      CHECK(*result.metadata.find("received") == Value(2));
    }
  }
}

TEST_CASE("what could not be sent is unknown") {
  PingCheckOptions options = ping_options();
  options.ip = PingCheckOptions::Ip::v6;
  const auto refused = make_ping_check(ping_options(), [](const net::SocketAddress&) {
                         return Result<std::unique_ptr<net::EchoSocket>>(
                             fail_own_side(ErrorCode::unavailable, "this user may not"));
                       })->check();
  CHECK(refused.status == HealthStatus::unknown);
  CHECK(refused.message == "127.0.0.1: this user may not");
  const auto other = ping({kQuick}, options);
  CHECK(other.status == HealthStatus::unhealthy);
  CHECK(other.message == "127.0.0.1: has no address of IPv6");
}

}  // namespace
}  // namespace rz::health
