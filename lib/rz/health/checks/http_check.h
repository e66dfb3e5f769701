#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "rz/health/check_type.h"
#include "rz/health/judging/certificate_days.h"
#include "rz/health/judging/http_expectation.h"
#include "rz/health/judging/phase_limits.h"
#include "rz/net/tls_options.h"

namespace rz::health {

/// `type: http`: a request to a downstream service.
struct HttpCheckOptions : CheckOptions {
  static constexpr std::string_view kType = "http";

  std::string url;
  std::string method = "GET";
  std::vector<std::pair<std::string, std::string>> headers{};
  std::string body{};
  std::string user{};  ///< For basic authentication; empty: none.
  std::string password{};
  std::string bearer_token{};
  HttpExpectation expect{};
  bool follow_redirects = false;
  std::string proxy{};        ///< An http URL; empty: none, whatever the environment says.
  std::string unix_socket{};  ///< A path; empty: none.
  TlsOptions tls{};
  net::IpVersion ip = net::IpVersion::any;
  net::HttpVersion http_version = net::HttpVersion::any;
  CertificateDays certificate_days{};
  PhaseLimits phases{};
};

void visit_fields(FieldVisitor& fields, HttpCheckOptions& options);

/// A downstream service: healthy if it answers as expected within the timeout; unhealthy if it
/// does not answer, answers with another 5xx, or has a certificate that ends too soon; degraded if
/// anything else is not as expected (it answers, but not as it should; see HttpJudge); unknown if
/// it could not be asked (check_failure.h). The client is made at the first run. Messages hold no
/// header and no text that is sent or looked for. Metadata: url (redacted), status_code,
/// expected_status, http_version, redirects, the parts of the time (dns_ms, connect_ms, tls_ms,
/// first_byte_ms), and with certificate_days those of the certificate that ends first.
std::shared_ptr<HealthCheck> make_http_check(HttpCheckOptions options,
                                             HttpClientFactory client = net::make_http_client,
                                             Clock& clock = SystemClock::instance());
std::shared_ptr<HealthCheck> make_health_check(const HttpCheckOptions& options,
                                               const CheckDependencies& dependencies);

}  // namespace rz::health
