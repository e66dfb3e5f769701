#include "rz/health/judging/certificate_days.h"

#include <algorithm>
#include <chrono>

#include "rz/base/timestamp.h"
#include "rz/health/judging/measured_limits.h"

namespace rz::health {
namespace {

using std::chrono::days;

std::int64_t days_between(TimePoint from, TimePoint to) {
  return std::chrono::floor<days>(to - from).count();
}

std::string counted_days(std::int64_t count) {
  return std::to_string(count) + (count == 1 ? " day" : " days");
}

const net::PeerCertificate& first_to_end(const std::vector<net::PeerCertificate>& chain) {
  return *std::min_element(chain.begin(), chain.end(),
                           [](const net::PeerCertificate& a, const net::PeerCertificate& b) {
                             return a.not_after < b.not_after;
                           });
}

// Those above the server's own are of other people, who must be asked to renew them.
std::string name_of(const std::vector<net::PeerCertificate>& chain,
                    const net::PeerCertificate& certificate) {
  const bool own = &certificate == &chain.front();
  return (own ? "the certificate (" : "the authority's certificate in the chain (") +
         certificate.subject + ")";
}

}  // namespace

void visit_certificate_days(FieldVisitor& fields, CertificateDays& options) {
  constexpr Range<std::int64_t> kDays = {0, 3650};
  fields.section(
      {"certificate_days", "How many days each certificate of the server's chain must have left."},
      [&](FieldVisitor& limits) {
        limits.integer({"warning", "With fewer it is degraded.", "21"}, options.warning, kDays);
        limits.integer({"critical", "With fewer it is unhealthy.", "7"}, options.critical, kDays);
        if (options.warning && options.critical && *options.warning < *options.critical) {
          limits.error("warning", "is below 'critical', so it would never apply");
        }
      });
}

CertificateJudgement judge_chain(const std::vector<net::PeerCertificate>& chain,
                                 const CertificateDays& limits, TimePoint now) {
  if (chain.empty()) return {HealthStatus::unhealthy, "the server has shown no certificate"};
  const net::PeerCertificate& first = first_to_end(chain);
  if (first.not_after <= now) {
    return {HealthStatus::unhealthy, name_of(chain, first) + " has expired, at " +
                                         format_timestamp_seconds(first.not_after) + "; renew it"};
  }
  const auto early =
      std::find_if(chain.begin(), chain.end(),
                   [&](const net::PeerCertificate& each) { return each.not_before > now; });
  if (early != chain.end()) {
    return {HealthStatus::unhealthy, name_of(chain, *early) + " is valid only from " +
                                         format_timestamp_seconds(early->not_before) +
                                         "; is this machine's clock right?"};
  }
  const std::int64_t left = days_between(now, first.not_after);
  const std::string ends = name_of(chain, first) + " ends in " + counted_days(left) + ", at " +
                           format_timestamp_seconds(first.not_after);
  if (limits.critical && left < *limits.critical) {
    return {HealthStatus::unhealthy,
            ends + " (critical below " + counted_days(*limits.critical) + ")"};
  }
  if (limits.warning && left < *limits.warning) {
    return {HealthStatus::degraded,
            ends + " (warning below " + counted_days(*limits.warning) + ")"};
  }
  return {HealthStatus::healthy, ends};
}

void describe_certificate(Value& metadata, const std::vector<net::PeerCertificate>& chain,
                          const CertificateDays& limits, TimePoint now) {
  if (chain.empty()) return;
  const net::PeerCertificate& first = first_to_end(chain);
  metadata.set("certificate_subject", first.subject);
  metadata.set("certificate_not_after", format_timestamp(first.not_after));
  metadata.set("certificate_days", days_between(now, first.not_after));
  set_least(metadata, "certificate_days", limit_as_number(limits.warning),
            limit_as_number(limits.critical));
}

void describe_session(Value& metadata, const net::TlsSession& session,
                      const CertificateDays& limits, TimePoint now) {
  metadata.set("tls_protocol", session.protocol);
  metadata.set("tls_cipher", session.cipher);
  describe_certificate(metadata, session.chain, limits, now);
}

}  // namespace rz::health
