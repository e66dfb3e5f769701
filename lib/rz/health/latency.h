#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "rz/base/clock.h"
#include "rz/base/field_visitor.h"
#include "rz/health/check_options.h"
#include "rz/health/health_check.h"

namespace rz::health {

/// The durations `warning` and `critical`, of which one must be given, and in this order.
void visit_fields(FieldVisitor& fields, LatencyLimits& limits);

/// Makes `result` worse if `took` reaches a limit: degraded from `warning` on, unhealthy from
/// `critical` on, and its message says so. A result that is worse already has a cause of its own,
/// and stays as it is. `phase` is what took so long, as in `connecting`; empty: all of it.
void judge_latency(CheckResult& result, std::string_view phase, Micros took,
                   const LatencyLimits& limits);

}  // namespace rz::health
