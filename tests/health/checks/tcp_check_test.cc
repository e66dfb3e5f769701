#include "rz/health/checks/tcp_check.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <string>
#include <thread>

#include "rz/base/file.h"
#include "rz/net/transport.h"
#include "support/descriptor_limit.h"
#include "support/http_server.h"
#include "support/patience.h"

namespace rz::health {
namespace {

/// A port of 127.0.0.1 that takes one connection, reads `awaits`, and answers after a pause.
class Port {
 public:
  explicit Port(std::string answer, std::string awaits = "", Millis pause = Millis{0})
      : listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* any = reinterpret_cast<sockaddr*>(&address);
    REQUIRE(::bind(listener_.get(), any, size) == 0);
    REQUIRE(::listen(listener_.get(), 1) == 0);
    REQUIRE(::getsockname(listener_.get(), any, &size) == 0);
    port_ = ::ntohs(address.sin_port);
    thread_ = std::thread([this, answer = std::move(answer), awaits = std::move(awaits), pause] {
      const UniqueFd client(::accept(listener_.get(), nullptr, nullptr));
      std::string read(awaits.size(), '\0');
      ::recv(client.get(), read.data(), read.size(), awaits.empty() ? MSG_DONTWAIT : MSG_WAITALL);
      std::this_thread::sleep_for(pause);
      if (read == awaits) ::send(client.get(), answer.data(), answer.size(), MSG_NOSIGNAL);
    });
  }
  ~Port() {
    ::shutdown(listener_.get(), SHUT_RDWR);
    thread_.join();
  }
  Port(const Port&) = delete;
  Port& operator=(const Port&) = delete;

  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

 private:
  UniqueFd listener_;
  int port_ = 0;
  std::thread thread_;
};

CheckResult check_address(std::string address, std::string expect = "", std::string send = "",
                          std::optional<Millis> latency_warning = {}) {
  TcpCheckOptions options;
  options.address = std::move(address);
  options.expect = std::move(expect);
  options.send = std::move(send);
  options.latency_warning = latency_warning;
  options.timeout = test::kPatience;
  return make_tcp_check(options)->check();
}

std::string of(const ::rz::test::ClosedPort& port) {
  return "127.0.0.1:" + std::to_string(port.port());
}

TEST_CASE("a port that accepts connections is healthy") {
  const Port port("");
  const auto result = check_address(port.address());
  CHECK(result.status == HealthStatus::healthy);
  CHECK(result.message == port.address() + " accepts connections");
  CHECK(*result.metadata.find("address") == Value(port.address()));
  CHECK(result.metadata.find("duration_ms")->as_double() != nullptr);
}

TEST_CASE("what comes back is held against what is expected") {
  {
    const Port port("+OK\r\n+PONG\r\n", "PING\r\n");
    const auto result = check_address(port.address(), "PONG", "PING\r\n");
    CHECK(result.status == HealthStatus::healthy);
    CHECK(result.message == port.address() + " answers as expected");
  }
  {
    const Port port("-ERR \x1b[31mno\r\n");
    const auto result = check_address(port.address(), "hunter2");
    CHECK(result.status == HealthStatus::degraded);
    CHECK(result.message ==
          port.address() + " answers, but not as expected: '-ERR \\x1b[31mno\\r\\n'");
  }
  {
    // It may repeat what it was sent, and a password may be in that.
    const Port port("-ERR unknown command 'AUHT hunter2'\r\n", "AUHT hunter2\r\n");
    const auto result = check_address(port.address(), "+OK", "AUHT hunter2\r\n");
    CHECK(result.status == HealthStatus::degraded);
    CHECK(result.message == port.address() + " answers, but not as expected");
  }
}

TEST_CASE("a server that talks without end is read for 64 KiB") {
  const std::string much(64 * 1024, 'x');
  const Port port(much + "PONG");
  CHECK(check_address(port.address(), "PONG").status == HealthStatus::degraded);
}

TEST_CASE("a text that arrives in two pieces is found") {
  // As read_some fills 4096 bytes, the text lies across two of them.
  const Port port(std::string(4094, 'x') + "PONG");
  CHECK(check_address(port.address(), "PONG").status == HealthStatus::healthy);
}

TEST_CASE("slower than latency_warning is degraded") {
  const Port slow("PONG", "", Millis{20});
  const auto result = check_address(slow.address(), "PONG", "", Millis{5});
  CHECK(result.status == HealthStatus::degraded);
  CHECK(result.message.starts_with(slow.address() + " answers as expected, but took "));
  CHECK(result.message.ends_with(" (warning from 5ms)"));
  const Port quick("PONG");
  CHECK(check_address(quick.address(), "PONG", "", test::kPatience).status ==
        HealthStatus::healthy);
}

TEST_CASE("a port that refuses, is silent or hangs up is unhealthy") {
  const test::ClosedPort closed;
  const auto refused = check_address(of(closed));
  CHECK(refused.status == HealthStatus::unhealthy);
  CHECK(refused.message == of(closed) + ": Connection refused");

  const Port hangs_up("");
  CHECK(check_address(hangs_up.address(), "PONG").status == HealthStatus::unhealthy);

  // Accepts, as the system does that for it, and never says a word.
  const test::HttpServer silent(test::HttpServerReply{.delay = test::HttpServerReply::kForever});
  TcpCheckOptions options;
  options.address = silent.url().substr(std::string("http://").size());
  options.address.erase(options.address.find_last_not_of('/') + 1);
  options.expect = "PONG";
  options.timeout = Millis{50};
  const auto result = make_tcp_check(options)->check();
  CHECK(result.status == HealthStatus::unhealthy);
  CHECK(result.message == options.address + ": no answer in time");
}

TEST_CASE("a name that does not exist is unhealthy, a name service that is away unknown") {
  const auto found =
      find_host("no-such-host.invalid", std::chrono::steady_clock::now() + test::kPatience);
  REQUIRE(!found);
  const auto result = check_address("no-such-host.invalid:80");
  CHECK(result.status ==
        (found.error().own_side ? HealthStatus::unknown : HealthStatus::unhealthy));
}

TEST_CASE("what could not be asked is unknown") {
  CHECK(check_address("nowhere").status == HealthStatus::unknown);
  const test::ClosedPort closed;
  TcpCheckOptions options;
  options.address = of(closed);
  const auto asking = make_tcp_check(options);
  const auto result = [&] {
    const test::NoDescriptors none;
    return asking->check();
  }();
  CAPTURE(result.message);
  CHECK(result.status == HealthStatus::unknown);
}

}  // namespace
}  // namespace rz::health
