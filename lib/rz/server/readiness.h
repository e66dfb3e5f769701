#pragma once

#include <string_view>

#include "rz/server/router.h"

namespace rz::server {

/// What stands before the name of a check, a component or a tag.
inline constexpr std::string_view kReadyPart = "/ready/";

/// The status code of all results, by the rule of health/run_verdict.h: 200 or 503. What is
/// degraded is answered as the check's `fail_on` says, or else the option `degraded_http`; what is
/// unhealthy or not known, a void run, and one in which nothing counts, are 503.
int status_code(const Snapshot& snapshot, const health::ServeOptions& options);

/// The answer of /ready and /ready/NAME, in the words of Kubernetes' own endpoints: `ok`, or a line
/// for each check. NAME is that of a check or a component, or else a tag.
Answer readiness(const Request& request, const Target& target, const View& view);

}  // namespace rz::server
