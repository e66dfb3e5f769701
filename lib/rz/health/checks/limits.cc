#include "rz/health/checks/limits.h"

#include <fmt/format.h>

#include <cmath>

namespace rz::health {

std::string shown_percent(double percent) {
  return fmt::format("{:.1f} %", std::floor(percent * 10) / 10);
}

void judge_percent(Findings& findings, double percent, const std::string& what,
                   const Limits<double>& limits) {
  const auto add = [&](HealthStatus status, const char* kind, double limit) {
    const std::string measured = what.empty() ? "" : shown_percent(percent) + " " + what + ", ";
    findings.add(status, fmt::format("{}{} from {} %", measured, kind, format_double(limit)));
  };
  if (limits.critical && percent >= *limits.critical) {
    add(HealthStatus::unhealthy, "critical", *limits.critical);
  } else if (limits.warning && percent >= *limits.warning) {
    add(HealthStatus::degraded, "warning", *limits.warning);
  }
}

void judge_bytes_left(Findings& findings, std::uint64_t bytes, const std::string& what,
                      const Limits<std::uint64_t>& limits) {
  const auto add = [&](HealthStatus status, const char* kind, std::uint64_t limit) {
    findings.add(status, fmt::format("{} {}, {} below {}", humanize_size(bytes), what, kind,
                                     humanize_size(limit)));
  };
  if (limits.critical && bytes < *limits.critical) {
    add(HealthStatus::unhealthy, "critical", *limits.critical);
  } else if (limits.warning && bytes < *limits.warning) {
    add(HealthStatus::degraded, "warning", *limits.warning);
  }
}

}  // namespace rz::health
