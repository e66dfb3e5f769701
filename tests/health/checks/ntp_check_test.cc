#include "rz/health/checks/ntp_check.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <fstream>
#include <string>
#include <thread>

#include "rz/base/file.h"
#include "rz/net/sntp.h"
#include "support/descriptor_limit.h"
#include "support/patience.h"
#include "support/server_process.h"

namespace rz::health {
namespace {

/// What a time server answers; its clock stands at `seconds` since 1900, in the middle of a second;
/// 0: it tells no time.
struct NtpReply {
  unsigned char leap = 0;
  unsigned char stratum = 2;
  std::uint32_t seconds = 0;
  std::string code = "GPS ";
  bool wrong_token = false;
  int ignored = 0;               ///< So many questions get no answer.
  std::uint32_t sent_later = 0;  ///< How much later than it came it says that the answer was sent.
};

/// A small answerer of SNTP on a port of 127.0.0.1.
class TimeServer {
 public:
  explicit TimeServer(NtpReply reply)
      : reply_(std::move(reply)), socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* any = reinterpret_cast<sockaddr*>(&address);
    REQUIRE(::bind(socket_.get(), any, size) == 0);
    REQUIRE(::getsockname(socket_.get(), any, &size) == 0);
    port_ = ::ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~TimeServer() {
    ::shutdown(socket_.get(), SHUT_RDWR);
    thread_.join();
  }
  TimeServer(const TimeServer&) = delete;
  TimeServer& operator=(const TimeServer&) = delete;

  std::uint16_t port() const { return port_; }

 private:
  static void put(std::string& packet, std::size_t at, std::uint32_t seconds) {
    if (seconds == 0) return;
    for (std::size_t i = 0; i < 4; ++i) {
      packet[at + i] = static_cast<char>(seconds >> (24 - 8 * i));
    }
    packet[at + 4] = static_cast<char>(0x80);
  }

  std::string answer_to(const std::string& question) const {
    std::string answer(48, '\0');
    answer[0] = static_cast<char>(reply_.leap << 6 | 4 << 3 | 4);
    answer[1] = static_cast<char>(reply_.stratum);
    answer.replace(12, 4, reply_.code);
    answer.replace(24, 8, question.substr(40, 8));
    if (reply_.wrong_token) answer[24] = static_cast<char>(~answer[24]);
    put(answer, 32, reply_.seconds);
    put(answer, 40, reply_.seconds + reply_.sent_later);
    return answer;
  }

  void serve() {
    int ignored = 0;
    while (true) {
      std::string question(512, '\0');
      sockaddr_in client{};
      socklen_t size = sizeof client;
      auto* any = reinterpret_cast<sockaddr*>(&client);
      const ssize_t n = ::recvfrom(socket_.get(), question.data(), question.size(), 0, any, &size);
      // A shutdown wakes it without a datagram.
      if (n < 48) return;
      if (ignored++ < reply_.ignored) continue;
      const std::string answer = answer_to(question);
      ::sendto(socket_.get(), answer.data(), answer.size(), 0, any, size);
    }
  }

  NtpReply reply_;
  UniqueFd socket_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

constexpr std::uint32_t kNtpNow = 3'000'000'000;  // 1995, in the seconds of NTP.

/// A clock that stands half a second into the second `now` since 1900, and `later` after that.
ManualClock clock_at(std::uint64_t now, Micros later = Micros{0}) {
  return ManualClock(TimePoint{std::chrono::seconds{now - 2'208'988'800} +
                               std::chrono::milliseconds{500} + later});
}

CheckResult check_time(std::uint16_t port, Clock& clock, Millis timeout = test::kPatience) {
  NtpCheckOptions options;
  options.server = "127.0.0.1";
  options.port = port;
  options.timeout = timeout;
  return make_ntp_check(options, clock)->check();
}

TEST_CASE("the offset of the clock is judged in both directions") {
  const TimeServer server({.seconds = kNtpNow});
  const auto check = [&](Micros later) {
    ManualClock clock = clock_at(kNtpNow, later);
    return check_time(server.port(), clock);
  };
  auto result = check(Micros{0});
  CHECK(result.status == HealthStatus::healthy);
  CHECK(*result.metadata.find("offset_seconds") == Value(0.0));
  CHECK(*result.metadata.find("limits")->find("offset_seconds")->find("warning") ==
        Value("-0.1:0.1"));
  CHECK(*result.metadata.find("limits")->find("offset_seconds")->find("critical") == Value("-1:1"));
  CHECK(*result.metadata.find("stratum") == Value(2));
  CHECK(check(Millis{99}).status == HealthStatus::healthy);
  CHECK(check(Millis{99}).message == "127.0.0.1: this clock is 99.0 ms ahead (stratum 2)");
  CHECK(check(Millis{-101}).status == HealthStatus::degraded);
  CHECK(check(Millis{-101}).message ==
        "127.0.0.1: this clock is 101.0 ms behind (stratum 2), warning from 100ms"
        "; does chronyd or systemd-timesyncd run here, and reach its servers?");
  CHECK(check(Millis{1'001}).status == HealthStatus::unhealthy);
  CHECK(check(Millis{-86'400'000}).status == HealthStatus::unhealthy);
  CHECK(check(Millis{1'001}).message ==
        "127.0.0.1: this clock is 1s ahead (stratum 2), critical from 1s"
        "; does chronyd or systemd-timesyncd run here, and reach its servers?");
}

/// A clock by which each look at how long something took adds `way`.
class SlowWay final : public Clock {
 public:
  explicit SlowWay(Micros way) : way_(way) {}
  TimePoint now() const override { return clock_.now(); }
  std::chrono::nanoseconds monotonic() const override { return way_ * looks_++; }
  void sleep_for(Micros) override {}

 private:
  ManualClock clock_ = clock_at(kNtpNow);
  Micros way_;
  mutable int looks_ = 0;
};

TEST_CASE("an offset that the way of the answer leaves open is unknown") {
  // Half a second of the way looks like an offset of a quarter.
  const TimeServer server({.seconds = kNtpNow});
  SlowWay half(Millis{500});
  const auto result = check_time(server.port(), half);
  CHECK(result.status == HealthStatus::unknown);
  CHECK(result.message.ends_with(", give or take 250.0 ms, since the answer took that long"));
  SlowWay quick(Millis{20});
  CHECK(check_time(server.port(), quick).status == HealthStatus::healthy);
}

TEST_CASE("times that contradict each other tell nothing right") {
  const TimeServer server({.seconds = kNtpNow - 20, .sent_later = 40});
  ManualClock clock = clock_at(kNtpNow);
  const auto result = check_time(server.port(), clock);
  CHECK(result.status == HealthStatus::unhealthy);
  CHECK(result.message == "127.0.0.1: the times of the answer contradict each other");
}

TEST_CASE("the seconds of NTP wrap around in 2036, and the offset is right all the same") {
  const TimeServer server({.seconds = 5});
  ManualClock clock = clock_at((std::uint64_t{1} << 32) + 4);
  const auto answer = net::ask_time("127.0.0.1", server.port(), clock,
                                    std::chrono::steady_clock::now() + test::kPatience);
  REQUIRE(answer.has_value());
  CHECK(answer->offset_seconds == doctest::Approx(1));
}

TEST_CASE("a server that is not synchronized, or refuses, is unhealthy") {
  ManualClock clock = clock_at(kNtpNow);
  const TimeServer unsynchronized({.leap = 3, .seconds = kNtpNow});
  auto result = check_time(unsynchronized.port(), clock);
  CHECK(result.status == HealthStatus::unhealthy);
  CHECK(result.message == "127.0.0.1: the clock of the server is not synchronized");
  const TimeServer far_away({.stratum = 16, .seconds = kNtpNow});
  CHECK(check_time(far_away.port(), clock).status == HealthStatus::unhealthy);
  const TimeServer refuses({.stratum = 0, .seconds = kNtpNow, .code = "RATE"});
  result = check_time(refuses.port(), clock);
  CHECK(result.status == HealthStatus::unhealthy);
  CHECK(result.message == "127.0.0.1: the server refuses to answer (kiss of death RATE)");
  const TimeServer zero({.seconds = 0});
  ManualClock epoch = clock_at(kNtpNow);
  CHECK(check_time(zero.port(), epoch).status == HealthStatus::unhealthy);
}

TEST_CASE("a datagram that is lost is sent again, and a stranger's answer is none") {
  ManualClock clock = clock_at(kNtpNow);
  const TimeServer loses_one({.seconds = kNtpNow, .ignored = 1});
  CHECK(check_time(loses_one.port(), clock, Millis{3'000}).status == HealthStatus::healthy);
  const TimeServer stranger({.seconds = kNtpNow, .wrong_token = true});
  const auto result = check_time(stranger.port(), clock, Millis{60});
  CHECK(result.status == HealthStatus::unhealthy);
  CHECK(result.message == "127.0.0.1: no answer within 60ms");
}

TEST_CASE("a port without a server refuses; what could not be asked is unknown") {
  ManualClock clock = clock_at(kNtpNow);
  const auto port = static_cast<std::uint16_t>(test::unused_port(SOCK_DGRAM));
  const auto refused = check_time(port, clock);
  CHECK(refused.status == HealthStatus::unhealthy);
  CHECK(refused.message == "127.0.0.1: Connection refused");
  const auto unknown = [&] {
    const test::NoDescriptors none;
    return check_time(port, clock);
  }();
  CAPTURE(unknown.message);
  CHECK(unknown.status == HealthStatus::unknown);
}

/// The machine's clock, an hour ahead.
class ClockAhead final : public Clock {
 public:
  TimePoint now() const override { return clock_.now() + std::chrono::hours{1}; }
  std::chrono::nanoseconds monotonic() const override { return clock_.monotonic(); }
  void sleep_for(Micros time) override { clock_.sleep_for(time); }

 private:
  Clock& clock_ = SystemClock::instance();
};

TEST_CASE("a real server is asked: chrony, with the clock of this machine") {
  const TempFolder folder;
  const int port = test::unused_port(SOCK_DGRAM);
  std::ofstream(folder / "chrony.conf")
      << "port " << port << "\nbindaddress 127.0.0.1\nallow\nlocal stratum 5\ncmdport 0\n"
      << "bindcmdaddress /\npidfile " << (folder / "pid") << "\n";
  // It leaves the machine's clock alone (-x), and may be started by anybody (-U).
  test::ServerProcess chrony(
      {"/usr/sbin/chronyd", "-d", "-x", "-U", "-u", "root", "-f", folder / "chrony.conf"},
      folder / "log");
  CheckResult result;
  chrony.wait_until([&] {
    result = check_time(static_cast<std::uint16_t>(port), SystemClock::instance(), Millis{1'000});
    return result.status == HealthStatus::healthy;
  });
  CHECK(*result.metadata.find("stratum") == Value(5));

  ClockAhead wrong;
  result = check_time(static_cast<std::uint16_t>(port), wrong);
  CHECK(result.status == HealthStatus::unhealthy);
  CHECK(*result.metadata.find("offset_seconds")->as_double() < -3'590);
}

}  // namespace
}  // namespace rz::health
