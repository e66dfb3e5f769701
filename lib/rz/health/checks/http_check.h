#pragma once

#include <functional>
#include <memory>

#include "rz/base/result.h"
#include "rz/health/health_check.h"
#include "rz/health/health_options.h"
#include "rz/net/http_client.h"

namespace rz {

using HttpClientFactory = std::function<Result<std::unique_ptr<HttpClient>>()>;

/// A downstream service: healthy if it answers a GET with the expected status within the timeout,
/// degraded if with another (it answers, but not as it should; the rule of the notes), unhealthy if
/// it does not answer, unknown if it could not be asked (check_failure.h). The client is made at
/// the first run. Metadata: url (redacted), status_code, expected_status.
std::shared_ptr<HealthCheck> make_http_check(HttpCheckOptions options,
                                             HttpClientFactory client = make_http_client);

}  // namespace rz
