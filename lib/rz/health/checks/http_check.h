#pragma once

#include <memory>
#include <string>

#include "rz/health/check_type.h"

namespace rz::health {

/// `type: http`: a request to a downstream service.
struct HttpCheckOptions : CheckOptions {
  static constexpr std::string_view kType = "http";

  std::string url;
  int expected_status = 200;
  std::string proxy;  ///< An http URL; empty: none, whatever the environment says.
};

void visit_fields(FieldVisitor& fields, HttpCheckOptions& options);

/// A downstream service: healthy if it answers a GET with the expected status within the timeout,
/// degraded if with another status (it answers, but not as it should; the rule of the old system),
/// unhealthy if it does not answer, unknown if it could not be asked (check_failure.h). The client
/// is made at the first run. Metadata: url (redacted), status_code, expected_status.
std::shared_ptr<HealthCheck> make_http_check(HttpCheckOptions options,
                                             HttpClientFactory client = net::make_http_client);
std::shared_ptr<HealthCheck> make_health_check(const HttpCheckOptions& options,
                                               const CheckDependencies& dependencies);

}  // namespace rz::health
