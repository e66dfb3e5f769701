#include "rz/health/latency.h"

#include <string>

#include "rz/base/duration.h"

namespace rz::health {
namespace {

void worsen(CheckResult& result, HealthStatus status, std::string_view phase, Micros took,
            std::string_view limit_name, Millis limit) {
  if (worst(result.status, status) == result.status) return;
  result.status = status;
  result.message += ", but " + std::string(phase) + (phase.empty() ? "took " : " took ") +
                    humanize_duration(took) + " (" + std::string(limit_name) + " from " +
                    format_duration(limit) + ")";
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
                   const LatencyLimits& limits) {
  if (result.status != HealthStatus::healthy && result.status != HealthStatus::degraded) return;
  if (limits.critical && took >= *limits.critical) {
    worsen(result, HealthStatus::unhealthy, phase, took, "critical", *limits.critical);
  } else if (limits.warning && took >= *limits.warning) {
    worsen(result, HealthStatus::degraded, phase, took, "warning", *limits.warning);
  }
}

}  // namespace rz::health
