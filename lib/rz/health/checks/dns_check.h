#pragma once

#include <memory>
#include <string>
#include <vector>

#include "rz/health/check_type.h"
#include "rz/net/dns_message.h"

namespace rz::health {

/// `type: dns`: the records of a domain.
struct DnsCheckOptions : CheckOptions {
  static constexpr std::string_view kType = "dns";

  /// How the values of the records are held against the expected ones.
  enum class Match { all, any, exact };

  std::string domain;
  net::DnsType record = net::DnsType::a;
  std::string server;  ///< A host, or `host:port`; empty: those of the system.
  std::vector<std::string> expected;
  Match match = Match::all;
  std::string resolv_conf = "/etc/resolv.conf";  ///< Lists the system's servers; for tests.
};

void visit_fields(FieldVisitor& fields, DnsCheckOptions& options);

/// Healthy if the domain has records of the type, and their values are as expected; degraded if
/// they are not; unhealthy if the domain, or the record, does not exist. Where a server is named,
/// it is part of what is checked: it is unhealthy if it is silent or answers with an error, such as
/// SERVFAIL or REFUSED. Without one that is unknown: a resolver of this machine has failed, and the
/// domain may be well. Metadata: domain, record, server, and of an answer code, values and ttl.
std::shared_ptr<HealthCheck> make_dns_check(DnsCheckOptions options);
std::shared_ptr<HealthCheck> make_health_check(const DnsCheckOptions& options,
                                               const CheckDependencies& dependencies);

}  // namespace rz::health
