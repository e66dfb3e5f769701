#pragma once

#include <cstddef>

#include "rz/health/check_runner.h"
#include "rz/health/health_check.h"

namespace rz::health {

/// What a report is to somebody who asks whether all is well.
enum class Verdict { yes, no, no_badly, could_not_tell };

/// `fail_on` is from which status on a result is bad, for the checks that do not say it themselves
/// (CheckOptions::fail_on). Unhealthy results are always bad. With `unhealthy`, degraded ones are
/// good; with it and with `unknown`, an unknown result outranks what is degraded. What is unknown
/// is never a yes, and neither is a run in which nothing counts, or a void one.
Verdict verdict_of(const CheckReport& report, HealthStatus fail_on);

/// Whether the result number `i` of the report keeps it from being a yes.
bool is_bad(const CheckReport& report, std::size_t i, HealthStatus fail_on);

}  // namespace rz::health
