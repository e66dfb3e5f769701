#pragma once

#include <string>
#include <utility>

#include "rz/reports/health_report.h"
#include "written.h"

namespace rz::testing {

/// What a check of type http found, which took a millisecond and a half.
inline CheckResult result_of(std::string name, HealthStatus status, std::string message) {
  CheckResult result;
  result.name = std::move(name);
  result.type = "http";
  result.status = status;
  result.message = std::move(message);
  result.latency_ms = 1.5;
  result.timestamp = kNow;
  return result;
}

/// One healthy check, one that is unhealthy and says `text` as its name, its message and in its
/// metadata, and one that is unknown.
inline reports::HealthReport three_checks(const std::string& text) {
  reports::HealthReport report;
  report.run.results = {result_of("good", HealthStatus::healthy, "200"),
                        result_of(text, HealthStatus::unhealthy, text),
                        result_of("unsure", HealthStatus::unknown, "no idea")};
  report.run.results[1].metadata = Value::object({{text, 1.5}, {"url", text}});
  report.run.timestamp = kNow;
  report.run.duration_ms = 2.5;
  report.now = kNow;
  return report;
}

/// A check of each sort, from good to bad; a disk with its limits, and a component without a check.
inline reports::HealthReport one_of_each_sort() {
  reports::HealthReport report;
  report.run.results = {result_of("web", HealthStatus::healthy, "200"),
                        result_of("mail", HealthStatus::healthy, "250"),
                        result_of("disk", HealthStatus::degraded, "/: 85.0 % used (warning)"),
                        result_of("api", HealthStatus::unhealthy, "connection refused"),
                        result_of("db", HealthStatus::unknown, "no thread left"),
                        result_of("rows", HealthStatus::unknown, "skipped: see 'api'")};
  report.run.results[1].metadata = Value::object({{"attempts", 2}, {"flaky", true}});
  report.run.results[2].type = "disk";
  report.run.results[2].metadata = Value::object(
      {{"usage_percent", 85.5},
       {"available_bytes", 1024},
       {"warning", 80.0},
       {"critical", 95.0},
       {"limits",
        Value::object({{"usage_percent", Value::object({{"warning", 80}, {"critical", 95}})}})}});
  report.run.results[5].skipped = true;
  report.run.timestamp = kNow;
  report.run.duration_ms = 2.5;
  report.now = kNow;
  ComponentHealth component;
  component.name = "worker";
  component.status = "failed";
  component.last_updated = kNow;
  report.unchecked.emplace();
  report.unchecked->components.push_back(component);
  return report;
}

}  // namespace rz::testing
