#pragma once

#include <string_view>

#include "rz/server/router.h"

namespace rz::server {

/// What stands before the name of a check, a component or a tag.
inline constexpr std::string_view kReadyPart = "/ready/";

/// The status code that a status is answered with: degraded as configured, and what is unhealthy or
/// not known is 503.
int status_code(HealthStatus status, const health::ServeOptions& options);

/// The answer of /ready and /ready/NAME, in the words of Kubernetes' own endpoints: `ok`, or a line
/// for each check. NAME is that of a check or a component, or else a tag.
Answer readiness(const Request& request, const Target& target, const View& view);

}  // namespace rz::server
