#include "rz/suites/sample_health.h"

namespace rz::suites {
namespace {

// One second of the year 2026: what is written has the same length in each run.
constexpr TimePoint kSampleTime{std::chrono::seconds{1'790'000'000}};

bool has_failed(std::int64_t i) { return i % 10 == 9; }

CheckResult sample_result(std::int64_t i) {
  CheckResult result;
  result.name = "check-" + std::to_string(i);
  result.type = "http";
  result.status = has_failed(i) ? HealthStatus::unhealthy : HealthStatus::healthy;
  result.message = has_failed(i) ? "expected status 200, got 503 from https://api.internal/health"
                                 : "200 in 12 ms";
  result.latency_ms = 12.5;
  result.timestamp = kSampleTime;
  result.metadata = Value::object({{"status_code", has_failed(i) ? 503 : 200}, {"bytes", 1043}});
  return result;
}

ComponentHealth sample_component(std::int64_t i) {
  ComponentHealth component;
  component.name = "component-" + std::to_string(i);
  component.status = has_failed(i) ? "failed" : "healthy";
  component.message = has_failed(i) ? "queue is full" : "";
  component.last_updated = kSampleTime;
  component.error_count = has_failed(i) ? 3 : 0;
  component.metadata = Value::object({{"version", "2.14.1"}});
  return component;
}

}  // namespace

HealthState sample_state(std::int64_t components) {
  HealthState state;
  state.timestamp = kSampleTime;
  state.system.total_components = components;
  state.system.failed_components = components / 10;
  state.system.healthy_components = components - components / 10;
  state.system.status = state.system.failed_components > 0 ? "failed" : "healthy";
  state.circuit_breaker.available = true;
  state.circuit_breaker.state = "CLOSED";
  state.resources.available = true;
  state.resources.overall = "healthy";
  for (std::int64_t i = 0; i < components; ++i) {
    state.components.push_back(sample_component(i));
    state.health_checks.push_back(sample_result(i));
  }
  return state;
}

reports::HealthReport sample_report(std::int64_t checks) {
  reports::HealthReport report;
  for (std::int64_t i = 0; i < checks; ++i) report.run.results.push_back(sample_result(i));
  report.run.timestamp = kSampleTime;
  report.run.duration_ms = 41.5;
  report.now = kSampleTime;
  report.host = "db1";
  return report;
}

}  // namespace rz::suites
