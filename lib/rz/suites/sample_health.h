#pragma once

#include <string>

#include "rz/health/health_state.h"
#include "rz/reports/health_report.h"

/// What is written and read in the benchmarks of several families.
namespace rz::suites {

/// The state of a system of `components` components, of which each tenth has failed, and as many
/// results of checks.
HealthState sample_state(std::int64_t components);

/// A run of as many checks.
reports::HealthReport sample_report(std::int64_t checks);

}  // namespace rz::suites
