#include "rz/health/checks/tls_check.h"

#include <doctest/doctest.h>

#include <string>

#include "support/http_server.h"
#include "support/patience.h"
#include "support/scripted_server.h"

namespace rz::health {
namespace {

test::Certificates& tls_authority() {
  static test::Certificates certificates;
  return certificates;
}

const test::CertificateFiles& month_long() {
  static const auto files = tls_authority().issue("month", "IP:127.0.0.1,DNS:*.rz.example", -1, 31);
  return files;
}

TlsCheckOptions tls_options(const std::string& address) {
  TlsCheckOptions options;
  options.address = address;
  options.timeout = test::kPatience;
  options.tls.ca = tls_authority().ca();
  return options;
}

CheckResult check_tls(const test::CertificateFiles& files, bool verify = true) {
  const test::ScriptedServer server({test::begin_tls()}, files);
  TlsCheckOptions options = tls_options(server.address());
  options.tls.verify = verify;
  return make_tls_check(options)->check();
}

bool holds(const CheckResult& result, const std::string& text) {
  return result.message.find(text) != std::string::npos;
}

TEST_CASE("a certificate that verifies and lasts is healthy") {
  const auto result = check_tls(month_long());
  CHECK(result.status == HealthStatus::healthy);
  CHECK(holds(result, ": TLSv1.3; the certificate (CN=month) ends in 29 days, at "));
  CHECK(*result.metadata.find("certificate_days") == Value(29));
  CHECK(*result.metadata.find("certificate_subject") == Value("CN=month"));
  CHECK(*result.metadata.find("names_host") == Value(true));
}

TEST_CASE("fewer days than the limits are degraded, then unhealthy") {
  const auto soon = check_tls(tls_authority().issue("soon", "IP:127.0.0.1", -1, 15));
  CHECK(soon.status == HealthStatus::degraded);
  CHECK(holds(soon, "ends in 13 days"));
  const auto now = check_tls(tls_authority().issue("now", "IP:127.0.0.1", -1, 5));
  CHECK(now.status == HealthStatus::unhealthy);
  CHECK(holds(now, "(critical below 7 days)"));
}

TEST_CASE("a certificate between that ends first counts, verified or not") {
  const auto files = tls_authority().issue_through("leaf", "IP:127.0.0.1", 90, 15);
  for (const bool verify : {true, false}) {
    const auto result = check_tls(files, verify);
    CHECK(result.status == HealthStatus::degraded);
    CHECK(holds(result,
                "the authority's certificate in the chain (CN=rz authority between) ends "
                "in 13 days"));
  }
}

TEST_CASE("one that has expired or is not valid yet is unhealthy, verified or not") {
  const auto old = tls_authority().issue("old", "IP:127.0.0.1", -30, 20);
  const auto early = tls_authority().issue("early", "IP:127.0.0.1", 2, 30);
  for (const bool verify : {true, false}) {
    CAPTURE(verify);
    const auto expired = check_tls(old, verify);
    CHECK(expired.status == HealthStatus::unhealthy);
    CHECK(holds(expired, "has expired, at "));
    const auto not_yet = check_tls(early, verify);
    CHECK(not_yet.status == HealthStatus::unhealthy);
    CHECK(holds(not_yet, "is valid only from "));
  }
}

TEST_CASE("one that has issued itself is unhealthy, unless nothing is verified") {
  const auto files = tls_authority().self_signed("self", "IP:127.0.0.1");
  const auto result = check_tls(files);
  CHECK(result.status == HealthStatus::unhealthy);
  CHECK(holds(result, "is not from a trusted authority"));
  CHECK(check_tls(files, false).status == HealthStatus::healthy);
}

TEST_CASE("one for another name is unhealthy, also if only the name is verified") {
  const test::ScriptedServer server({test::begin_tls()}, month_long());
  TlsCheckOptions options = tls_options(server.address());
  options.tls.server_name = "a.rz.example";
  CHECK(make_tls_check(options)->check().status == HealthStatus::healthy);
  options.tls.server_name = "b.a.rz.example";
  for (const bool verify : {true, false}) {
    options.tls.verify = verify;
    const auto result = make_tls_check(options)->check();
    CHECK(result.status == HealthStatus::unhealthy);
    CHECK(holds(result,
                "the server's certificate is for 127.0.0.1, *.rz.example, not for "
                "b.a.rz.example"));
  }
  options.verify_name = false;
  const auto result = make_tls_check(options)->check();
  CHECK(result.status == HealthStatus::healthy);
  CHECK(*result.metadata.find("names_host") == Value(false));
}

TEST_CASE("an older version of TLS than wanted is degraded") {
  const test::ScriptedServer server({test::begin_tls()}, month_long(), TLS1_2_VERSION);
  TlsCheckOptions options = tls_options(server.address());
  CHECK(make_tls_check(options)->check().status == HealthStatus::healthy);
  options.min_protocol = TlsCheckOptions::Protocol::tls_1_3;
  const auto result = make_tls_check(options)->check();
  CHECK(result.status == HealthStatus::degraded);
  CHECK(result.message.starts_with(server.address() +
                                   ": got TLSv1.2, expected TLSv1.3; the certificate"));
}

TEST_CASE("a server that wants a client certificate is unhealthy without one, with any TLS") {
  const auto mine = tls_authority().issue("client", "DNS:client");
  for (const int version : {TLS1_2_VERSION, 0}) {
    CAPTURE(version);
    const test::ScriptedServer server({test::begin_tls(tls_authority().ca())}, month_long(),
                                      version);
    TlsCheckOptions options = tls_options(server.address());
    const auto refused = make_tls_check(options)->check();
    CAPTURE(refused.message);
    CHECK(refused.status == HealthStatus::unhealthy);
    CHECK(holds(refused, "client certificate"));
    CHECK(refused.failure->code == ErrorCode::auth);

    // One that the server does not trust.
    test::Certificates others;
    const auto other = others.issue("client", "DNS:client");
    options.tls.cert = other.cert;
    options.tls.key = other.key;
    CHECK(make_tls_check(options)->check().status == HealthStatus::unhealthy);

    options.tls.cert = mine.cert;
    options.tls.key = mine.key;
    CHECK(make_tls_check(options)->check().status == HealthStatus::healthy);
  }
}

TEST_CASE(
    "a server that asks for a certificate, and lets in who has none, tells so or is unknown") {
  // Its own end of the connection is an answer; so would be a ticket.
  const test::ScriptedServer speaks({test::begin_tls_and_ask(), test::say("220 mail\r\n")},
                                    month_long());
  CHECK(make_tls_check(tls_options(speaks.address()))->check().status == HealthStatus::healthy);
  const test::ScriptedServer silent({test::begin_tls_and_ask(), test::hang()}, month_long());
  const auto result = make_tls_check(tls_options(silent.address()))->check();
  CHECK(result.status == HealthStatus::unknown);
  CHECK(holds(result,
              "; the server asks for a client certificate, and does not say whether it "
              "does without ('cert' and 'key')"));
}

TEST_CASE("a protocol is spoken before TLS") {
  const test::ScriptedServer server(
      {test::say("+OK\r\n"), test::await("STLS\r\n"), test::say("+OK\r\n"), test::begin_tls()},
      month_long());
  TlsCheckOptions options = tls_options(server.address());
  options.starttls = net::StartTls::pop3;
  CHECK(make_tls_check(options)->check().status == HealthStatus::healthy);
}

TEST_CASE("the clock of the check says which certificates last") {
  const test::ScriptedServer server({test::begin_tls()}, month_long());
  ManualClock clock(SystemClock::instance().now());
  const auto check = make_tls_check(tls_options(server.address()), clock);
  CHECK(check->check().status == HealthStatus::healthy);
  clock.advance(std::chrono::hours{24 * 15});
  CHECK(check->check().status == HealthStatus::degraded);
  clock.advance(std::chrono::hours{24 * 30});
  CHECK(check->check().status == HealthStatus::unhealthy);
}

TEST_CASE("a port without TLS, or without anybody, is unhealthy") {
  const test::ScriptedServer plain({test::say("220 mail\r\n")});
  CHECK(make_tls_check(tls_options(plain.address()))->check().status == HealthStatus::unhealthy);
  const test::ClosedPort closed;
  const std::string nobody = "127.0.0.1:" + std::to_string(closed.port());
  CHECK(make_tls_check(tls_options(nobody))->check().status == HealthStatus::unhealthy);
  CHECK(make_tls_check(tls_options("nowhere"))->check().status == HealthStatus::unknown);
}

TEST_CASE("a handshake that takes too long makes it worse, and each part of the time is told") {
  const test::ScriptedServer slow({test::pause(), test::begin_tls()}, month_long());
  TlsCheckOptions options = tls_options(slow.address());
  options.phases.tls.warning = Millis{20};
  const auto result = make_tls_check(options)->check();
  CHECK(result.status == HealthStatus::degraded);
  CHECK(holds(result, ", but the TLS handshake took "));
  CHECK(result.message.ends_with(" (warning from 20ms)"));
  CHECK(*result.metadata.find("tls_ms")->as_double() >= 20);
  CHECK(result.metadata.find("connect_ms")->is_number());
  CHECK(result.metadata.find("dns_ms")->is_number());
  options.phases.tls.critical = Millis{25};
  CHECK(make_tls_check(options)->check().status == HealthStatus::unhealthy);
  options.phases.tls = {};
  options.phases.connect.warning = test::kPatience;
  CHECK(make_tls_check(options)->check().status == HealthStatus::healthy);
}

}  // namespace
}  // namespace rz::health
