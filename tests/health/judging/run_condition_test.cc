#include "rz/health/judging/run_condition.h"

#include <doctest/doctest.h>
#include <sys/utsname.h>

#include <atomic>
#include <string>

#include "health/fake_check.h"
#include "rz/health/judging/run_verdict.h"
#include "support/results.h"

namespace rz::health {
namespace {

using enum HealthStatus;

std::string node_name() {
  utsname system{};
  REQUIRE(::uname(&system) == 0);
  return system.nodename;
}

CheckOptions if_true(std::string condition, std::vector<std::string> awaits = {}) {
  CheckOptions options;
  options.run_if = std::move(condition);
  options.awaits = std::move(awaits);
  return options;
}

CheckReport run_all(const std::vector<RegisteredCheck>& checks) {
  REQUIRE(validate_dependencies(checks));
  return run_checks_once(checks, {}, SystemClock::instance());
}

}  // namespace

TEST_CASE("a condition may ask for the host's name, its system, and for results of others") {
  const std::string here = node_name();
  CHECK(!ok(why_not_run("hostname == '" + here + "'", {})).has_value());
  CHECK(ok(why_not_run("hostname == 'elsewhere'", {})) ==
        "skipped: run_if is false: hostname == 'elsewhere' (hostname is \"" + here + "\")");
  CheckResult disk = found(healthy);
  disk.name = "disk";
  disk.metadata.set("usage_percent", 12.5);
  CHECK(!ok(why_not_run("`disk.usage_percent` < 50 and arch != ''", {&disk})).has_value());
  // What was not measured is not known, and neither is the answer.
  CHECK(!why_not_run("`disk.inodes` < 50", {&disk}).has_value());
  CHECK(!why_not_run("weather == 'fine'", {}).has_value());
}

TEST_CASE("a check whose condition is false is not run, does not count, and is not missed") {
  std::atomic<int> calls = 0;
  const auto count = [&calls] {
    ++calls;
    return found(unhealthy);
  };
  CheckOptions child;
  child.depends_on = {"replica"};
  const auto report = run_all({registered("replica", count, if_true("hostname == 'elsewhere'")),
                               registered("api", healthy, child)});
  CHECK(calls == 0);
  CHECK(report.results[0].skipped);
  CHECK(report.results[0].status == unknown);
  CHECK(report.results[0].uncounted == "run_if is false");
  CHECK(report.results[1].status == healthy);
  CHECK(report.status() == healthy);
}

TEST_CASE("a condition over a result waits for that, and one without a value is unknown") {
  const auto checks = [](const std::string& condition) {
    return std::vector{registered("late", healthy, if_true(condition, {"role"})),
                       registered("role", [] {
                         CheckResult result = found(healthy);
                         result.metadata.set("role", "primary");
                         return result;
                       })};
  };
  CHECK(run_all(checks("`role.role` == 'primary'")).results[0].status == healthy);
  CHECK(run_all(checks("`role.role` == 'replica'")).results[0].skipped);
  const auto untold = run_all(checks("`role.lag` < 5"));
  CHECK(untold.results[0].status == unknown);
  CHECK(!untold.results[0].skipped);
  CHECK(untold.results[0].message.starts_with("run_if cannot be evaluated: "));
  CHECK(verdict_of(untold, degraded) == Verdict::could_not_tell);
}

TEST_CASE("checks that wait for each other by their conditions are refused") {
  const std::vector checks = {registered("a", healthy, if_true("`b.status` == 'healthy'", {"b"})),
                              registered("b", healthy, if_true("`a.status` == 'healthy'", {"a"}))};
  CHECK(!validate_dependencies(checks).has_value());
  CHECK(!validate_dependencies({registered("a", healthy, if_true("x", {"nobody"}))}).has_value());
}

}  // namespace rz::health
