// `invert` turns what was answered. A server that is dead, and one that is silent, answer nothing.

#include <doctest/doctest.h>
#include <sys/socket.h>

#include <memory>
#include <string>
#include <vector>

#include "health/fake_check.h"
#include "rz/health/checks/disk_check.h"
#include "rz/health/checks/dns_check.h"
#include "rz/health/checks/grpc_check.h"
#include "rz/health/checks/http_check.h"
#include "rz/health/checks/mysql_check.h"
#include "rz/health/checks/ntp_check.h"
#include "rz/health/checks/ping_check.h"
#include "rz/health/checks/postgres_check.h"
#include "rz/health/checks/process_check.h"
#include "rz/health/checks/redis_check.h"
#include "rz/health/checks/tcp_check.h"
#include "rz/health/checks/tls_check.h"
#include "support/http_server.h"
#include "support/patience.h"
#include "support/print.h"
#include "support/scripted_server.h"
#include "support/unused_port.h"

namespace rz::health {
namespace {

using enum HealthStatus;

CheckResult run_inverted(const std::shared_ptr<HealthCheck>& check) {
  CheckOptions options;
  options.name = "inverted";
  options.invert = true;
  return run_checks_once({{check, options}}, {.timeout = test::kPatience}, SystemClock::instance())
      .results.at(0);
}

template <class Options>
std::shared_ptr<HealthCheck> check_with(Options options, Millis timeout = test::kPatience) {
  options.name = "inverted";
  options.timeout = timeout;
  return make_health_check(options, CheckDependencies{});
}

/// A check of each type that asks a server, of the server at `port` of this host.
std::vector<std::shared_ptr<HealthCheck>> checks_of(std::uint16_t port, Millis timeout) {
  const std::string address = "127.0.0.1:" + std::to_string(port);
  TlsCheckOptions tls;
  tls.address = address;
  HttpCheckOptions http;
  http.url = "http://" + address + "/";
  GrpcCheckOptions grpc;
  grpc.address = address;
  RedisCheckOptions redis;
  redis.server.url = "redis://" + address;
  PostgresCheckOptions postgres;
  postgres.url = "postgresql://rz@" + address + "/app";
  MysqlCheckOptions mysql;
  mysql.url = "mysql://rz@" + address + "/app";
  DnsCheckOptions dns;
  dns.domain = "www.example.com";
  dns.server = address;
  NtpCheckOptions ntp;
  ntp.server = "127.0.0.1";
  ntp.port = port;
  return {check_with(tls, timeout),   check_with(http, timeout),     check_with(grpc, timeout),
          check_with(redis, timeout), check_with(postgres, timeout), check_with(mysql, timeout),
          check_with(dns, timeout),   check_with(ntp, timeout)};
}

TEST_CASE("an inverted check of a dead server is unknown, whatever its type") {
  const test::ClosedPort closed;
  for (const auto& check : checks_of(static_cast<std::uint16_t>(closed.port()), test::kPatience)) {
    CAPTURE(check->type());
    CHECK(check->check().status == unhealthy);
    const CheckResult result = run_inverted(check);
    CAPTURE(result.message);
    CHECK(result.status == unknown);
    CHECK(result.message.starts_with("no answer that could be inverted: "));
  }
}

TEST_CASE("an inverted check of a silent server is unknown, whatever its type") {
  const test::ScriptedServer silent({test::hang()});
  TcpCheckOptions tcp;
  tcp.address = silent.address();
  tcp.expect = "hello";
  auto checks = checks_of(static_cast<std::uint16_t>(silent.port()), Millis{200});
  checks.push_back(check_with(tcp, Millis{200}));
  for (const auto& check : checks) {
    CAPTURE(check->type());
    const CheckResult result = run_inverted(check);
    CAPTURE(result.message);
    CHECK(result.status == unknown);
  }
}

TEST_CASE("a port that must be closed is healthy if it refuses, and no otherwise") {
  const test::ClosedPort closed;
  TcpCheckOptions options;
  options.address = "127.0.0.1:" + std::to_string(closed.port());
  const CheckResult refused = run_inverted(check_with(options));
  CHECK(refused.status == healthy);
  CHECK(refused.message ==
        "fails, as expected (invert): Connection refused (" + options.address + ")");

  const test::ScriptedServer open({test::hang()});
  options.address = open.address();
  CHECK(run_inverted(check_with(options)).status == unhealthy);

  options.address = "no-such-host.invalid:80";
  CHECK(run_inverted(check_with(options)).status == unknown);
}

TEST_CASE("what a server has answered is inverted") {
  const test::HttpServer server(test::HttpServerReply{.status = 503});
  HttpCheckOptions http;
  http.url = server.url();
  CHECK(run_inverted(check_with(http)).status == healthy);
  ProcessCheckOptions process;
  process.process = "no-such-program-of-a-test";
  CHECK(run_inverted(check_with(process)).status == healthy);
}

TEST_CASE("a file system that does not answer is no answer, alone or among others") {
  const DiskMeter meter = [](const std::string& path) -> Result<DiskUsage> {
    if (path == "/dead") return fail(ErrorCode::timeout, "no answer in time", path);
    return DiskUsage{.total_bytes = 1 << 30, .available_bytes = 1 << 30};
  };
  for (const std::vector<std::string>& paths :
       {std::vector<std::string>{"/dead"}, std::vector<std::string>{"/good", "/dead"}}) {
    DiskCheckOptions options;
    options.name = "inverted";
    options.path.clear();
    options.paths = paths;
    options.available_warning.reset();
    const auto check = make_disk_check(options, meter);
    CHECK(check->check().status == unhealthy);
    CHECK(run_inverted(check).status == unknown);
  }
}

/// A host that swallows each request.
class SilentHost final : public net::EchoSocket {
 public:
  Result<void> send(std::uint16_t) override { return {}; }
  Result<net::EchoReply> receive(Deadline) override { return fail(ErrorCode::timeout, "silence"); }
  std::string_view way() const override { return "none"; }
};

TEST_CASE("the silence of a host that is pinged is no answer") {
  PingCheckOptions options;
  options.name = "inverted";
  options.host = "127.0.0.1";
  options.count = 1;
  const auto check = make_ping_check(
      options, [](const net::SocketAddress&) -> Result<std::unique_ptr<net::EchoSocket>> {
        return std::make_unique<SilentHost>();
      });
  CHECK(check->check().status == unhealthy);
  CHECK(run_inverted(check).status == unknown);
}

}  // namespace
}  // namespace rz::health
