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

}  // namespace rz::testing
