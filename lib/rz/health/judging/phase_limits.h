#pragma once

#include <chrono>

#include "rz/base/field_visitor.h"
#include "rz/health/check_options.h"
#include "rz/health/health_check.h"
#include "rz/net/phases.h"

namespace rz::health {

/// How long the parts of an exchange with a server may take.
struct PhaseLimits {
  LatencyLimits dns;
  LatencyLimits connect;
  LatencyLimits tls;
  LatencyLimits first_byte;
};

/// The key `phases`. `first_byte` says from when on the first byte is waited for; empty: the check
/// waits for none, and there is no such key.
void visit_phases(FieldVisitor& fields, PhaseLimits& limits, std::string_view first_byte);

/// Makes `result` worse for each part that reaches a limit, as judge_latency(), and adds the limits
/// of `dns_ms`, `connect_ms`, `tls_ms` and `first_byte_ms` to its metadata.
void judge_phases(const net::Phases& phases, const PhaseLimits& limits,
                  std::chrono::nanoseconds held_up, CheckResult& result);

double in_milliseconds(Micros time);

}  // namespace rz::health
