#include "rz/health/checks/grpc_check.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "support/certificates.h"
#include "support/http_server.h"
#include "support/paths.h"
#include "support/patience.h"
#include "support/scripted_server.h"
#include "support/server_process.h"
#include "support/temp_folder.h"

namespace rz::health {
namespace {

/// A real gRPC server; see support/grpc_health_server.py for the services that it knows.
class GrpcServer {
 public:
  explicit GrpcServer(const std::vector<std::string>& tls = {}) {
    std::vector<std::string> argv = {"/usr/bin/python3",
                                     test::source_dir() + "/tests/support/grpc_health_server.py",
                                     folder_ / "port"};
    argv.insert(argv.end(), tls.begin(), tls.end());
    process_ = std::make_unique<test::ServerProcess>(argv, folder_ / "log");
    process_->wait_until([this] { return std::filesystem::exists(folder_ / "port"); });
    std::string port;
    std::ifstream(folder_ / "port") >> port;
    address_ = "127.0.0.1:" + port;
  }

  const std::string& address() const { return address_; }

 private:
  TempFolder folder_;
  std::unique_ptr<test::ServerProcess> process_;
  std::string address_;
};

GrpcServer& grpc_server() {
  static GrpcServer server;
  return server;
}

GrpcCheckOptions grpc_options(const std::string& address, const std::string& service = "") {
  GrpcCheckOptions options;
  options.address = address;
  options.service = service;
  options.timeout = test::kPatience;
  return options;
}

CheckResult ask_grpc(const std::string& service) {
  return make_grpc_check(grpc_options(grpc_server().address(), service))->check();
}

struct GrpcAnswer {
  const char* service;
  HealthStatus status;
  const char* message;
};

TEST_CASE("what a server says of a service is its health") {
  const GrpcAnswer kAnswers[] = {
      {"", HealthStatus::healthy, ": SERVING"},
      {"up", HealthStatus::healthy, " (up): SERVING"},
      {"down", HealthStatus::unhealthy, " (down): got NOT_SERVING, expected SERVING"},
      {"unsure", HealthStatus::unknown, " (unsure): got UNKNOWN, expected SERVING"},
      {"watched", HealthStatus::unhealthy, " (watched): got SERVICE_UNKNOWN, expected SERVING"},
      {"nobody", HealthStatus::unhealthy,
       " (nobody): got NOT_FOUND (unknown service), expected OK; the server does not know this "
       "service"},
      {"denied", HealthStatus::unhealthy,
       " (denied): got PERMISSION_DENIED (not \\x1b[31m you), expected OK"},
      {"wrong", HealthStatus::unknown, " (wrong): got INVALID_ARGUMENT (what?), expected OK"},
      {"bare", HealthStatus::unknown,
       " (bare): got UNIMPLEMENTED, expected OK; the server does not have grpc.health.v1"},
  };
  for (const GrpcAnswer& expected : kAnswers) {
    const auto result = ask_grpc(expected.service);
    CHECK(result.status == expected.status);
    CHECK(result.message == grpc_server().address() + expected.message);
  }
  CHECK(*ask_grpc("down").metadata.find("serving") == Value("NOT_SERVING"));
  CHECK(*ask_grpc("nobody").metadata.find("grpc_status") == Value("NOT_FOUND"));
}

TEST_CASE("gRPC over TLS") {
  test::Certificates certificates;
  const auto files = certificates.issue("grpc", "IP:127.0.0.1");
  const GrpcServer server({files.cert, files.key});
  GrpcCheckOptions options = grpc_options(server.address());
  options.tls = true;
  CHECK(make_grpc_check(options)->check().status == HealthStatus::unhealthy);
  options.tls_options.ca = certificates.ca();
  CHECK(make_grpc_check(options)->check().status == HealthStatus::healthy);
  options.tls_options.ca = "";
  options.tls_options.verify = false;
  CHECK(make_grpc_check(options)->check().status == HealthStatus::healthy);
}

TEST_CASE("the days that the certificate has left are part of the same check") {
  test::Certificates certificates;
  const auto files = certificates.issue("grpc", "IP:127.0.0.1", -1, 15);
  const GrpcServer server({files.cert, files.key});
  GrpcCheckOptions options = grpc_options(server.address());
  options.tls = true;
  options.tls_options.ca = certificates.ca();
  CHECK(make_grpc_check(options)->check().metadata.find("certificate_days") == nullptr);
  const auto ask = [&](std::int64_t warning, std::int64_t critical,
                       const std::string& service = "") {
    options.certificate_days = {.warning = warning, .critical = critical};
    options.service = service;
    return make_grpc_check(options)->check();
  };
  const auto enough = ask(10, 5);
  CHECK(enough.status == HealthStatus::healthy);
  CHECK(*enough.metadata.find("certificate_days") == Value(13));
  const auto soon = ask(21, 5);
  CHECK(soon.status == HealthStatus::degraded);
  CHECK(soon.message.starts_with(server.address() +
                                 ": SERVING; the certificate (CN = grpc) ends in 13 days, at "));
  CHECK(soon.message.ends_with(" (warning below 21 days)"));
  CHECK(ask(30, 14).status == HealthStatus::unhealthy);
  // A service that is down stays so, whatever the certificate is like.
  CHECK(ask(21, 5, "down").status == HealthStatus::unhealthy);
}

TEST_CASE("a part of the question that takes too long makes it worse") {
  test::Certificates certificates;
  const auto files = certificates.issue("grpc", "IP:127.0.0.1");
  const GrpcServer server({files.cert, files.key});
  GrpcCheckOptions options = grpc_options(server.address(), "late");
  options.tls = true;
  options.tls_options.ca = certificates.ca();
  options.phases.first_byte.warning = Millis{20};
  const auto slow = make_grpc_check(options)->check();
  CHECK(slow.status == HealthStatus::degraded);
  CHECK(slow.message.starts_with(server.address() + " (late): SERVING, but the first byte took "));
  CHECK(slow.message.ends_with(" (warning from 20ms)"));
  CHECK(*slow.metadata.find("first_byte_ms")->as_double() >= 20);
  CHECK(*slow.metadata.find("tls_ms")->as_double() > 0);
  options.phases.first_byte.critical = Millis{25};
  CHECK(make_grpc_check(options)->check().status == HealthStatus::unhealthy);
  options.phases = {};
  options.phases.connect.warning = test::kPatience;
  CHECK(make_grpc_check(options)->check().status == HealthStatus::healthy);
}

TEST_CASE("a server that is away, or takes too long, is unhealthy") {
  const test::ClosedPort closed;
  const std::string nobody = "127.0.0.1:" + std::to_string(closed.port());
  const auto away = make_grpc_check(grpc_options(nobody))->check();
  CHECK(away.status == HealthStatus::unhealthy);
  CHECK(away.message == nobody + ": connection refused");
  const test::ScriptedServer silent({test::hang()});
  GrpcCheckOptions slow = grpc_options(silent.address());
  slow.timeout = Millis{50};
  CHECK(make_grpc_check(slow)->check().status == HealthStatus::unhealthy);
}

/// Answers each request with `response`.
class FixedClient final : public net::HttpClient {
 public:
  explicit FixedClient(net::HttpResponse response) : response_(std::move(response)) {}
  Result<net::HttpResponse> send(const net::HttpRequest&) override { return response_; }

 private:
  net::HttpResponse response_;
};

CheckResult check_response(int status, std::optional<std::string> grpc_status = {},
                           std::string body = {}) {
  net::HttpResponse response;
  response.status = status;
  response.body = std::move(body);
  if (grpc_status) response.headers = {{"grpc-status", *grpc_status}};
  return make_grpc_check(grpc_options("a:1"),
                         [&]() -> Result<std::unique_ptr<net::HttpClient>> {
                           return std::make_unique<FixedClient>(response);
                         })
      ->check();
}

TEST_CASE("what is not gRPC says little") {
  const auto page = check_response(404);
  CHECK(page.status == HealthStatus::unknown);
  CHECK(page.message ==
        "a:1: got the HTTP status 404 without a status of gRPC; does a gRPC server listen there?");
  CHECK(check_response(503).status == HealthStatus::unhealthy);
  CHECK(check_response(200, "0", "junk").status == HealthStatus::unhealthy);
  const auto strange = check_response(200, "42");
  CHECK(strange.status == HealthStatus::unhealthy);
  CHECK(strange.message == "a:1: got status 42, expected OK");
}

TEST_CASE("how an exchange in HTTP/2 ended is told in its words") {
  // Frames: an empty SETTINGS; GOAWAY; RST_STREAM of the first stream, INTERNAL_ERROR.
  const std::string settings("\0\0\0\4\0\0\0\0\0", 9);
  const std::string goaway("\0\0\x8\7\0\0\0\0\0\0\0\0\0\0\0\0\0", 17);
  const std::string reset("\0\0\4\3\0\0\0\0\1\0\0\0\2", 13);
  const auto said = [](std::vector<test::ServerStep> script) {
    script.insert(script.begin(), test::await("\r\n\r\nSM\r\n\r\n"));
    const test::ScriptedServer server(std::move(script));
    GrpcCheckOptions options;
    options.address = server.address();
    options.timeout = test::kPatience;
    const CheckResult result = make_grpc_check(options)->check();
    CHECK(result.status == HealthStatus::unhealthy);
    return result.message.substr(std::min(result.message.size(), server.address().size() + 2));
  };
  CHECK(said({test::say("HTTP/1.1 400 Bad Request\r\n\r\n")}) ==
        "the server closed the connection without an answer in HTTP/2, which it must speak in "
        "clear text here; is it a gRPC server?");
  CHECK(said({test::say(settings + goaway), test::hang()}) ==
        "the server has ended the HTTP/2 connection without an answer");
  CHECK(said({test::say(settings + reset), test::hang()}) ==
        "the server has broken off its answer (HTTP/2): INTERNAL_ERROR (err 2)");
  std::string flood;
  for (int i = 0; i < 20'000; ++i) flood += settings;
  CHECK(said({test::say(flood), test::hang()}) ==
        "the answer is damaged: Flooding was detected in this HTTP/2 session, and it must be "
        "closed");
}

}  // namespace
}  // namespace rz::health
