#include "rz/health/judging/run_verdict.h"

namespace rz::health {
namespace {

// Behind the checks there may be results of what counts without one.
HealthStatus own_fail_on(const CheckReport& report, std::size_t i, HealthStatus fail_on) {
  if (i >= report.checks.size()) return fail_on;
  return report.checks[i].options.fail_on.value_or(fail_on);
}

}  // namespace

bool is_bad(const CheckReport& report, std::size_t i, HealthStatus fail_on) {
  const CheckResult& result = report.results[i];
  if (!result.uncounted.empty() || result.status == HealthStatus::healthy) return false;
  return result.status != HealthStatus::degraded ||
         own_fail_on(report, i, fail_on) != HealthStatus::unhealthy;
}

Verdict verdict_of(const CheckReport& report, HealthStatus fail_on) {
  const HealthStatus status = report.status();
  if (!report.void_because.empty()) return Verdict::could_not_tell;
  if (status == HealthStatus::unhealthy) return Verdict::no_badly;
  // Nothing counts, or nothing that counts is known.
  if (status == HealthStatus::unknown) return Verdict::could_not_tell;
  bool unknown_outranks = false;
  bool unknown = false;
  bool degraded = false;
  for (std::size_t i = 0; i < report.results.size(); ++i) {
    if (!is_bad(report, i, fail_on)) continue;
    if (report.results[i].status == HealthStatus::degraded) {
      degraded = true;
    } else {
      unknown = true;
      const HealthStatus own = own_fail_on(report, i, fail_on);
      unknown_outranks = unknown_outranks || own != HealthStatus::degraded;
    }
  }
  if (unknown && (unknown_outranks || !degraded)) return Verdict::could_not_tell;
  return degraded ? Verdict::no : Verdict::yes;
}

}  // namespace rz::health
