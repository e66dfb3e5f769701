#include "rz/health/checks/tcp_check.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <string>
#include <thread>

#include "rz/base/file.h"
#include "rz/net/resolver.h"
#include "support/descriptor_limit.h"
#include "support/http_server.h"
#include "support/patience.h"
#include "support/scripted_server.h"

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
    const auto result = check_address(port.address(), "+OK");
    CHECK(result.status == HealthStatus::degraded);
    CHECK(result.message == port.address() +
                                ": got '-ERR \\x1b[31mno\\r\\n', expected '+OK' (then the other "
                                "side closed the connection)");
  }
  {
    // It may repeat what it was sent, and a password may be in that.
    const Port port("-ERR unknown command 'AUHT hunter2'\r\n", "AUHT hunter2\r\n");
    const auto result = check_address(port.address(), "+OK", "AUHT hunter2\r\n");
    CHECK(result.status == HealthStatus::degraded);
    CHECK(result.message == port.address() +
                                ": step 2: got an answer that begins with -ERR, expected +OK (then "
                                "the other side closed the connection)");
  }
}

TEST_CASE("of an answer that may hold a secret the code of a reply is shown, and no more") {
  const auto said = [](const std::string& answer, const std::string& send,
                       const std::string& expect) {
    const Port port(answer, send);
    const std::string message = check_address(port.address(), expect, send).message;
    return message.substr(port.address().size() + 2);
  };
  const std::string closed = " (then the other side closed the connection)";
  CHECK(said("502 hunter2\r\n", "AUTH hunter2\r\n", "235") ==
        "step 2: got an answer that begins with 502, expected 235" + closed);
  CHECK(said("502-hunter2\r\n", "AUTH hunter2\r\n", "235 hunter2") ==
        "step 2: got an answer that begins with 502, not the expected one" + closed);
  for (const char* answer : {"hunter2\r\n", "123456\r\n", "+hunter2\r\n", "123\r\n", "-\r\n"}) {
    CAPTURE(answer);
    CHECK(said(answer, "PIN 123\r\n", "+OK") ==
          "step 2: the answer is not the expected one" + closed);
  }
}

TEST_CASE("each part of the time is told, and held against its limits") {
  const Port slow("PONG", "PING\r\n", Millis{30});
  TcpCheckOptions options;
  options.address = slow.address();
  options.send = "PING\r\n";
  options.expect = "PONG";
  options.timeout = test::kPatience;
  options.phases = {.dns = {.warning = test::kPatience, .critical = {}},
                    .connect = {.warning = test::kPatience, .critical = {}},
                    .tls = {.warning = Millis{1}, .critical = {}},
                    .first_byte = {.warning = Millis{1}, .critical = Millis{20}}};
  const auto result = make_tcp_check(options)->check();
  CHECK(result.status == HealthStatus::unhealthy);
  CHECK(result.message.starts_with(slow.address() +
                                   " answers as expected, but the first byte took "));
  CHECK(result.message.ends_with(" (critical from 20ms)"));
  const auto measured = [&](const char* key) { return *result.metadata.find(key)->as_double(); };
  CHECK(measured("first_byte_ms") >= 20);
  // Each is a whole number of microseconds.
  CHECK(measured("duration_ms") + 0.01 >=
        measured("dns_ms") + measured("connect_ms") + measured("first_byte_ms"));
  CHECK(result.metadata.find("tls_ms") == nullptr);

  // Nothing is awaited, so that there is no first byte.
  const Port quiet("");
  options.address = quiet.address();
  options.send.clear();
  options.expect.clear();
  const auto open = make_tcp_check(options)->check();
  CHECK(open.status == HealthStatus::healthy);
  CHECK(open.metadata.find("first_byte_ms") == nullptr);
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
  CHECK(refused.message == "Connection refused (" + of(closed) + ")");

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
  CHECK(result.message == options.address + ": no answer within 50ms");
}

TEST_CASE("a name that does not exist is unhealthy, a name service that is away unknown") {
  const auto found =
      net::resolve("no-such-host.invalid", 80, std::chrono::steady_clock::now() + test::kPatience);
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

using test::await;
using test::begin_tls;
using test::say;
using test::ScriptedServer;
using Kind = TcpStep::Kind;

test::Certificates& authority() {
  static test::Certificates certificates;
  return certificates;
}

const test::CertificateFiles& local_certificate() {
  static const auto files = authority().issue("local", "IP:127.0.0.1", -1, 31);
  return files;
}

TcpCheckOptions options_for(const ScriptedServer& server) {
  TcpCheckOptions options;
  options.address = server.address();
  options.timeout = test::kPatience;
  options.tls_options.ca = authority().ca();
  return options;
}

CheckResult talk(const ScriptedServer& server, std::vector<TcpStep> steps) {
  TcpCheckOptions options = options_for(server);
  options.dialogue = std::move(steps);
  return make_tcp_check(options)->check();
}

TEST_CASE("a dialogue goes on where the step before ended") {
  const ScriptedServer server({say("220 mail\r\n"), await("NOOP\r\n"), say("250 one 250 two\r\n"),
                               await("QUIT\r\n"), say("221 bye\r\n")});
  const auto result = talk(server, {{Kind::expect, "220 "},
                                    {Kind::send, "NOOP\r\n"},
                                    {Kind::expect, "250 "},
                                    {Kind::expect, "250 "},
                                    {Kind::send, "QUIT\r\n"},
                                    {Kind::expect_regex, "^2[0-9]1 bye"}});
  CHECK(result.status == HealthStatus::healthy);
  CHECK(result.message == server.address() + " answers as expected");
}

TEST_CASE("the step and what was expected are named") {
  const ScriptedServer server({say("220 mail\r\n")});
  const auto banner = talk(server, {{Kind::expect_regex, "^SSH-[0-9]"}});
  CHECK(banner.status == HealthStatus::degraded);
  CHECK(banner.message == server.address() +
                              ": got '220 mail\\r\\n', expected a match of '^SSH-[0-9]' (then the "
                              "other side closed the connection)");
  const ScriptedServer silent({say("220 mail\r\n")});
  const auto result = talk(silent, {{Kind::expect, "220 mail"}, {Kind::expect, "250"}});
  CHECK(result.status == HealthStatus::unhealthy);
  CHECK(result.message == silent.address() + ": step 2: the other side closed the connection");
}

TEST_CASE("the code is that of the last line, not of what an earlier step has left of its own") {
  const ScriptedServer server(
      {say("220 mail\r\n"), await("VRFY\r\n"), say("501-no\r\n501 no\r\n")});
  const auto result =
      talk(server, {{Kind::expect, "220"}, {Kind::send, "VRFY\r\n"}, {Kind::expect, "250"}});
  CHECK(result.status == HealthStatus::degraded);
  CHECK(result.message ==
        server.address() +
            ": step 3: got an answer that begins with 501, expected 250 (then the "
            "other side closed the connection)");
}

TEST_CASE("TLS from the first byte, by a protocol, or in the midst of a dialogue") {
  const ScriptedServer at_once({begin_tls(), await("PING\r\n"), say("PONG\r\n")},
                               local_certificate());
  TcpCheckOptions options = options_for(at_once);
  options.tls = true;
  options.send = "PING\r\n";
  options.expect = "PONG";
  const auto result = make_tcp_check(options)->check();
  CHECK(result.status == HealthStatus::healthy);
  CHECK(result.message.starts_with(at_once.address() +
                                   " answers as expected over TLSv1.3; the certificate (CN=local) "
                                   "ends in 29 days, at "));
  CHECK(*result.metadata.find("tls_protocol") == Value("TLSv1.3"));
  CHECK(*result.metadata.find("certificate_days") == Value(29));

  const ScriptedServer pop({say("+OK\r\n"), await("STLS\r\n"), say("+OK\r\n"), begin_tls(),
                            await("QUIT\r\n"), say("+OK bye\r\n")},
                           local_certificate());
  options = options_for(pop);
  options.starttls = net::StartTls::pop3;
  options.dialogue = {{Kind::send, "QUIT\r\n"}, {Kind::expect, "bye"}};
  CHECK(make_tcp_check(options)->check().status == HealthStatus::healthy);

  const ScriptedServer own(
      {say("HELLO\r\n"), await("SECURE\r\n"), say("OK\r\n"), begin_tls(), say("WELCOME\r\n")},
      local_certificate());
  const auto amid = talk(own, {{Kind::expect, "HELLO"},
                               {Kind::send, "SECURE\r\n"},
                               {Kind::expect, "OK"},
                               {Kind::starttls},
                               {Kind::expect, "WELCOME"}});
  CHECK(amid.status == HealthStatus::healthy);
  CHECK(amid.metadata.find("tls_protocol") != nullptr);
}

TEST_CASE("words in clear text ahead of TLS are not taken for protected ones") {
  const ScriptedServer server({say("OK\r\nWELCOME\r\n"), begin_tls(), say("WELCOME\r\n")},
                              local_certificate());
  const auto result =
      talk(server, {{Kind::expect, "OK"}, {Kind::starttls}, {Kind::expect, "WELCOME"}});
  CHECK(result.status == HealthStatus::unhealthy);
  CHECK(result.message ==
        server.address() + ": step 2: the server sends more in clear text before TLS");
}

TEST_CASE("a server that declines TLS, or has a certificate that is not trusted, is unhealthy") {
  const ScriptedServer declines({say("+OK\r\n"), await("STLS\r\n"), say("-ERR no\r\n")});
  TcpCheckOptions options = options_for(declines);
  options.starttls = net::StartTls::pop3;
  const auto declined = make_tcp_check(options)->check();
  CHECK(declined.status == HealthStatus::unhealthy);
  CHECK(declined.message == declines.address() + ": the server declines STLS: got '-ERR no'");

  const ScriptedServer untrusted({begin_tls()}, authority().self_signed("self", "IP:127.0.0.1"));
  options = options_for(untrusted);
  options.tls = true;
  CHECK(make_tcp_check(options)->check().status == HealthStatus::unhealthy);
  options.tls_options.verify = false;
  CHECK(make_tcp_check(options)->check().status == HealthStatus::healthy);
}

TEST_CASE("a server that wants a client certificate is unhealthy without one") {
  const auto begin = begin_tls(authority().ca());
  const auto refuses = [](const ScriptedServer& server, const TcpCheckOptions& options) {
    const auto result = make_tcp_check(options)->check();
    CAPTURE(result.message);
    CHECK(result.status == HealthStatus::unhealthy);
    CHECK(result.message.starts_with(server.address()));
    CHECK(result.message.find("requires a client certificate") != std::string::npos);
  };
  const ScriptedServer server({begin, await("PING\r\n"), say("PONG\r\n")}, local_certificate());
  TcpCheckOptions options = options_for(server);
  options.tls = true;
  refuses(server, options);
  // What is sent last may be written before the refusal has come.
  options.send = "PING\r\n";
  refuses(server, options);
  options.expect = "PONG";
  refuses(server, options);
  const auto mine = authority().issue("client", "DNS:client");
  options.tls_options.cert = mine.cert;
  options.tls_options.key = mine.key;
  const auto let_in = make_tcp_check(options)->check();
  CHECK(let_in.status == HealthStatus::healthy);
  CHECK(*let_in.metadata.find("tls_ms")->as_double() > 0);

  const ScriptedServer pop({say("+OK\r\n"), await("STLS\r\n"), say("+OK\r\n"), begin},
                           local_certificate());
  options = options_for(pop);
  options.starttls = net::StartTls::pop3;
  refuses(pop, options);
}

TEST_CASE("an expired certificate is not healthy, even if nothing is verified") {
  const ScriptedServer server({begin_tls()}, authority().issue("old", "IP:127.0.0.1", -30, 20));
  TcpCheckOptions options = options_for(server);
  options.tls = true;
  options.tls_options.verify = false;
  const auto result = make_tcp_check(options)->check();
  CHECK(result.status == HealthStatus::unhealthy);
  CHECK(result.message.find("the certificate (CN=old) has expired, at ") != std::string::npos);
}

TEST_CASE("the days that are left are held against the limits") {
  const ScriptedServer server({begin_tls()}, local_certificate());
  TcpCheckOptions options = options_for(server);
  options.tls = true;
  options.certificate_days.warning = 60;
  CHECK(make_tcp_check(options)->check().status == HealthStatus::degraded);
  options.certificate_days.critical = 31;
  CHECK(make_tcp_check(options)->check().status == HealthStatus::unhealthy);
}

TEST_CASE("files of TLS that are missing here say nothing of the server") {
  const ScriptedServer server({begin_tls()}, local_certificate());
  TcpCheckOptions options = options_for(server);
  options.tls = true;
  options.tls_options.ca = "/no/such/ca.pem";
  const auto result = make_tcp_check(options)->check();
  CHECK(result.status == HealthStatus::unknown);
  CHECK(result.message ==
        server.address() + ": /no/such/ca.pem: cannot read: No such file or directory");
}

}  // namespace
}  // namespace rz::health
