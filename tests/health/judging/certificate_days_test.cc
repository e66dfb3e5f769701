#include "rz/health/judging/certificate_days.h"

#include <doctest/doctest.h>

#include "rz/base/json.h"

namespace rz::health {
namespace {

using std::chrono::hours;

constexpr TimePoint kNow{std::chrono::seconds{1'700'000'000}};

net::PeerCertificate lasting(const char* subject, hours left, hours since = hours{24}) {
  return {.subject = subject,
          .issuer = "CN=ca",
          .names = subject,
          .not_before = kNow - since,
          .not_after = kNow + left};
}

CertificateJudgement judge(const std::vector<net::PeerCertificate>& chain) {
  return judge_chain(chain, {.warning = 21, .critical = 7}, kNow);
}

TEST_CASE("the certificate that ends first decides, wherever it stands in the chain") {
  const auto good = judge({lasting("CN=a", hours{24 * 22}), lasting("CN=ca", hours{24 * 900})});
  CHECK(good.status == HealthStatus::healthy);
  CHECK(good.message == "the certificate (CN=a) ends in 22 days, at 2023-12-06T22:13:20Z");
  const auto soon = judge({lasting("CN=a", hours{24 * 80}), lasting("CN=ca", hours{24 * 21 - 1})});
  CHECK(soon.status == HealthStatus::degraded);
  CHECK(soon.message ==
        "the authority's certificate in the chain (CN=ca) ends in 20 days, at "
        "2023-12-05T21:13:20Z (warning below 21 days)");
  const auto now = judge({lasting("CN=a", hours{25})});
  CHECK(now.status == HealthStatus::unhealthy);
  CHECK(now.message ==
        "the certificate (CN=a) ends in 1 day, at 2023-11-15T23:13:20Z (critical below 7 "
        "days)");
}

TEST_CASE("one that has ended or not begun is unhealthy, whatever the limits are") {
  for (const CertificateDays& limits :
       {CertificateDays{}, CertificateDays{.warning = 0, .critical = 0}}) {
    const auto ended = judge_chain({lasting("CN=a", hours{0})}, limits, kNow);
    CHECK(ended.status == HealthStatus::unhealthy);
    CHECK(ended.message == "the certificate (CN=a) has expired, at 2023-11-14T22:13:20Z; renew it");
    const auto early = judge_chain({lasting("CN=a", hours{24 * 90}, hours{-1})}, limits, kNow);
    CHECK(early.status == HealthStatus::unhealthy);
    CHECK(early.message ==
          "the certificate (CN=a) is valid only from 2023-11-14T23:13:20Z; is this "
          "machine's clock right?");
    CHECK(judge_chain({lasting("CN=a", hours{1})}, limits, kNow).status == HealthStatus::healthy);
  }
  CHECK(judge({}).status == HealthStatus::unhealthy);
}

TEST_CASE("what is known of a connection is measured") {
  Value metadata = Value::object();
  describe_session(metadata,
                   {.protocol = "TLSv1.3",
                    .cipher = "TLS_X",
                    .chain = {lasting("CN=a", hours{24 * 80}), lasting("CN=ca", hours{47})},
                    .names_host = true},
                   {.warning = 21, .critical = 7}, kNow);
  CHECK(*metadata.find("tls_protocol") == Value("TLSv1.3"));
  CHECK(*metadata.find("tls_cipher") == Value("TLS_X"));
  CHECK(*metadata.find("certificate_subject") == Value("CN=ca"));
  CHECK(*metadata.find("certificate_days") == Value(1));
  CHECK(to_json(*metadata.find("limits")) ==
        R"({"certificate_days":{"warning":"21:","critical":"7:"}})");
}

}  // namespace
}  // namespace rz::health
