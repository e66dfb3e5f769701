#include "rz/health/checks/group_check.h"

#include <doctest/doctest.h>

#include "health/fake_check.h"
#include "support/print.h"

namespace rz::health {
namespace {

constexpr auto kHealthy = HealthStatus::healthy;
constexpr auto kDegraded = HealthStatus::degraded;
constexpr auto kUnhealthy = HealthStatus::unhealthy;
constexpr auto kUnknown = HealthStatus::unknown;

/// The result of a group over checks with these statuses, named a, b, c …
CheckResult run_group(std::vector<HealthStatus> members, std::int64_t min = 1) {
  std::vector<RegisteredCheck> checks;
  GroupCheckOptions options;
  options.name = "group";
  options.min = min;
  for (std::size_t i = 0; i < members.size(); ++i) {
    options.combines.emplace_back(1, static_cast<char>('a' + i));
  }
  // The group comes first, and waits for the others all the same.
  checks.push_back({make_group_check(options), options});
  for (std::size_t i = 0; i < members.size(); ++i) {
    checks.push_back(registered(options.combines[i], members[i]));
  }
  REQUIRE(validate_dependencies(checks));
  return run_checks_once(checks, {}, SystemClock::instance()).results.front();
}

TEST_CASE("some down is degraded, too many down unhealthy") {
  CHECK(run_group({kHealthy, kHealthy, kHealthy}).status == kHealthy);
  CHECK(run_group({kHealthy, kUnhealthy, kHealthy}).status == kDegraded);
  CHECK(run_group({kUnhealthy, kUnhealthy, kHealthy}).status == kDegraded);
  CHECK(run_group({kUnhealthy, kUnhealthy, kUnhealthy}).status == kUnhealthy);
  CHECK(run_group({kUnhealthy, kUnhealthy, kHealthy}, 2).status == kUnhealthy);
  CHECK(run_group({kUnhealthy, kHealthy, kHealthy}, 2).status == kDegraded);
  CHECK(run_group({kUnhealthy, kHealthy}, 2).status == kUnhealthy);
  // One that is degraded still serves.
  CHECK(run_group({kDegraded, kUnhealthy}, 1).status == kDegraded);
  CHECK(run_group({kDegraded, kHealthy}, 2).status == kDegraded);
}

TEST_CASE("what hangs on checks that are unknown is unknown, and nothing else") {
  CHECK(run_group({kHealthy, kUnknown}).status == kUnknown);
  CHECK(run_group({kUnknown, kUnknown}).status == kUnknown);
  CHECK(run_group({kUnhealthy, kUnknown}).status == kUnknown);
  CHECK(run_group({kHealthy, kUnhealthy, kUnknown}).status == kDegraded);
  CHECK(run_group({kUnhealthy, kUnhealthy, kUnknown}, 2).status == kUnhealthy);
}

TEST_CASE("a group tells who is not healthy") {
  const auto result = run_group({kHealthy, kUnhealthy, kUnknown}, 1);
  CHECK(result.message == "1 of 3 up, at least 1 expected: b is unhealthy, c is unknown");
  CHECK(result.type == "group");
  CHECK(*result.metadata.find("up") == Value(1));
  CHECK(*result.metadata.find("down") == Value(1));
  CHECK(*result.metadata.find("total") == Value(3));
  CHECK(run_group({kHealthy, kHealthy}).message == "2 of 2 up, at least 1 expected");
}

TEST_CASE("a group is a check like others: inverted, mapped, waited for, depended on") {
  GroupCheckOptions options;
  options.name = "group";
  options.combines = {"a"};
  options.severity = {{kUnhealthy, kDegraded}};
  CheckOptions child;
  child.depends_on = {"group"};
  std::vector<RegisteredCheck> checks = {registered("child", kHealthy, child),
                                         {make_group_check(options), options},
                                         registered("a", kUnhealthy)};
  auto report = run_checks_once(checks, {}, SystemClock::instance());
  CHECK(report.results[1].status == kDegraded);
  CHECK_FALSE(report.results[0].skipped);
  checks[1].options.severity.clear();
  report = run_checks_once(checks, {}, SystemClock::instance());
  CHECK(report.results[1].status == kUnhealthy);
  CHECK(report.results[0].skipped);
  checks[1].options.invert = true;
  report = run_checks_once(checks, {}, SystemClock::instance());
  CHECK(report.results[1].status == kHealthy);
}

TEST_CASE("a group of a check that is not there, or of itself, is refused") {
  GroupCheckOptions options;
  options.name = "group";
  options.combines = {"missing"};
  auto valid = validate_dependencies({{make_group_check(options), options}});
  REQUIRE_FALSE(valid);
  CHECK(valid.error().message == "check 'group' depends on 'missing', which is not a check");
  options.combines = {"group"};
  valid = validate_dependencies({{make_group_check(options), options}});
  REQUIRE_FALSE(valid);
  CHECK(valid.error().message == "check 'group' depends on itself");
}

TEST_CASE("a group of a check that does not end is answered with the run") {
  Gate gate;
  GroupCheckOptions options;
  options.name = "group";
  options.combines = {"stuck"};
  const auto report =
      run_checks_once({{make_group_check(options), options}, gate.stuck("stuck", Millis{20})}, {},
                      SystemClock::instance());
  CHECK(report.results[0].status == kUnhealthy);
  CHECK(report.results[0].message == "0 of 1 up, at least 1 expected: stuck is unhealthy");
}

TEST_CASE("a member that does not count is missed only where too few are up") {
  GroupCheckOptions options;
  options.min = 1;
  const auto group = make_group_check(options);
  CheckResult up = found(kHealthy);
  CheckResult down = found(kUnhealthy);
  CheckResult skipped = found(kUnknown);
  down.uncounted = skipped.uncounted = "in maintenance";
  CHECK(group->combine({&up, &down}).status == kHealthy);
  CHECK(group->combine({&up, &skipped}).status == kHealthy);
  CHECK(group->combine({&down, &down}).status == kUnhealthy);
  down.uncounted.clear();
  CHECK(group->combine({&up, &down}).status == kDegraded);
}

}  // namespace
}  // namespace rz::health
