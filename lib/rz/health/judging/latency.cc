#include "rz/health/judging/latency.h"

#include <string>

#include "rz/base/duration.h"

namespace rz::health {
namespace {

struct LimitVerdict {
  HealthStatus status = HealthStatus::healthy;
  std::string_view limit_name{};
  Millis limit{0};
};

LimitVerdict verdict_on(Micros took, const LatencyLimits& limits) {
  if (limits.critical && took >= *limits.critical) {
    return {HealthStatus::unhealthy, "critical", *limits.critical};
  }
  if (limits.warning && took >= *limits.warning) {
    return {HealthStatus::degraded, "warning", *limits.warning};
  }
  return {};
}

std::string humanized(std::chrono::nanoseconds time) {
  return humanize_duration(std::chrono::duration_cast<Micros>(time));
}

}  // namespace

void visit_fields(FieldVisitor& fields, LatencyLimits& limits) {
  fields.duration({"warning", "Taking so long or longer is degraded.", "200ms"}, limits.warning,
                  kTimeoutRange);
  fields.duration({"critical", "Taking so long or longer is unhealthy.", "1s"}, limits.critical,
                  kTimeoutRange);
  if (limits.warning && limits.critical && *limits.warning > *limits.critical) {
    fields.error("warning", "is longer than critical, which would hide it");
  }
}

void judge_latency(CheckResult& result, std::string_view phase, Micros took,
                   const LatencyLimits& limits, std::chrono::nanoseconds held_up) {
  if (result.status != HealthStatus::healthy && result.status != HealthStatus::degraded) return;
  const LimitVerdict verdict = verdict_on(took, limits);
  const auto least = took - std::chrono::duration_cast<Micros>(held_up);
  const bool certain = verdict_on(least, limits).status == verdict.status;
  const HealthStatus status = certain ? verdict.status : HealthStatus::unknown;
  if (worst(result.status, status) == result.status) return;
  result.status = status;
  result.message += ", but " + std::string(phase) + (phase.empty() ? "took " : " took ") +
                    humanize_duration(took) + " (" + std::string(verdict.limit_name) + " from " +
                    format_duration(verdict.limit) + ")";
  if (!certain) {
    result.message += ", of which other checks held it up for up to " + humanized(held_up);
  }
}

void judge_timeout(CheckResult& result, Millis timeout, std::chrono::nanoseconds held_up) {
  const bool timed_out = result.failure && result.failure->code == ErrorCode::timeout;
  if (!timed_out || result.failure->own_side || held_up < timeout / 10) return;
  result.status = HealthStatus::unknown;
  result.failure->own_side = true;
  result.message += ", and other checks held this one up for " + humanized(held_up);
}

}  // namespace rz::health
