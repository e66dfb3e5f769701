#include "rz/health/judging/run_verdict.h"

#include <doctest/doctest.h>

#include <optional>
#include <utility>
#include <vector>

#include "health/fake_check.h"

namespace rz::health {
namespace {

using enum HealthStatus;

/// Results, each with what its check says of `fail_on`.
using Found = std::vector<std::pair<HealthStatus, std::optional<HealthStatus>>>;

CheckReport report_of(const Found& found) {
  CheckReport report;
  for (const auto& [status, fail_on] : found) {
    CheckOptions options;
    options.fail_on = fail_on;
    report.checks.push_back(registered("check", status, options));
    CheckResult result;
    result.status = status;
    report.results.push_back(result);
  }
  return report;
}

struct VerdictCase {
  Found found;
  HealthStatus fail_on;
  Verdict verdict;
};

}  // namespace

TEST_CASE("what a report is to somebody who asks, by what is bad to them") {
  using enum Verdict;
  const std::optional<HealthStatus> as_asked;
  const std::vector<VerdictCase> cases = {
      {{}, degraded, could_not_tell},
      {{{healthy, as_asked}}, degraded, yes},
      {{{degraded, as_asked}}, degraded, no},
      {{{degraded, as_asked}}, unknown, no},
      {{{degraded, as_asked}}, unhealthy, yes},
      {{{unhealthy, as_asked}, {unknown, as_asked}}, unhealthy, no_badly},
      {{{unknown, as_asked}, {healthy, as_asked}}, unhealthy, could_not_tell},
      {{{unknown, as_asked}, {degraded, as_asked}}, degraded, no},
      {{{unknown, as_asked}, {degraded, as_asked}}, unknown, could_not_tell},
      {{{unknown, as_asked}, {degraded, as_asked}}, unhealthy, could_not_tell},
      // The word of a check goes before what was asked for.
      {{{degraded, unhealthy}}, degraded, yes},
      {{{degraded, unhealthy}, {degraded, as_asked}}, degraded, no},
      {{{degraded, degraded}}, unhealthy, no},
      {{{unhealthy, unhealthy}}, degraded, no_badly},
      {{{unknown, unhealthy}}, degraded, could_not_tell},
      {{{unknown, unknown}, {degraded, as_asked}}, degraded, could_not_tell},
      {{{unknown, degraded}, {degraded, unhealthy}}, unhealthy, could_not_tell},
  };
  for (std::size_t i = 0; i < cases.size(); ++i) {
    CAPTURE(i);
    CHECK(verdict_of(report_of(cases[i].found), cases[i].fail_on) == cases[i].verdict);
  }
}

TEST_CASE("what counts without a check is judged as it was asked for") {
  CheckReport report = report_of({{healthy, {}}});
  CheckResult component;
  component.status = degraded;
  report.results.push_back(component);
  CHECK(verdict_of(report, degraded) == Verdict::no);
  CHECK(verdict_of(report, unhealthy) == Verdict::yes);
  CHECK(!is_bad(report, 0, degraded));
  CHECK(is_bad(report, 1, degraded));
}

TEST_CASE("what does not count is not bad") {
  CheckReport report = report_of({{healthy, {}}, {unhealthy, {}}});
  report.results[1].uncounted = "in maintenance";
  CHECK(!is_bad(report, 1, degraded));
  CHECK(verdict_of(report, degraded) == Verdict::yes);
}

}  // namespace rz::health
