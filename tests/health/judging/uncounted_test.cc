#include "rz/health/judging/uncounted.h"

#include <doctest/doctest.h>

#include "health/fake_check.h"
#include "rz/base/timestamp.h"
#include "rz/health/health_monitor.h"
#include "rz/health/judging/run_verdict.h"
#include "rz/health/machine/uptime.h"

namespace rz::health {
namespace {

using enum HealthStatus;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

/// The clock of a test stands at 2023-11-14T22:13:20Z; this one is later.
TimePoint evening() { return *parse_timestamp("2026-11-27T22:10:00Z"); }

CheckOptions maintained(Millis start = hours{22}, Millis duration = hours{1}) {
  CheckOptions options;
  options.maintenance = {{{}, start, duration, {}, "UTC"}};
  return options;
}

CheckOptions starting(Millis period) {
  CheckOptions options;
  options.start_period = period;
  return options;
}

CheckResult noted(const CheckOptions& options, CheckResult result, Micros uptime = hours{1}) {
  result.timestamp = evening();
  note_uncounted(options, evening(), uptime, result);
  return result;
}

bool is_set(const CheckResult& result, std::string_view key) {
  const Value* member = result.metadata.find(key);
  return member != nullptr && member->as_bool() != nullptr && *member->as_bool();
}

RegisteredCheck failing(std::string name, Error error, bool canary = true) {
  CheckOptions options;
  options.canary = canary;
  const auto body = [error] {
    CheckResult result = found(error.own_side ? unknown : unhealthy, error.message);
    result.failure = error;
    return result;
  };
  return registered(std::move(name), body, options);
}

CheckReport run_at(const std::vector<RegisteredCheck>& checks, RunnerOptions options = {}) {
  ManualClock clock(evening());
  options.uptime = options.uptime.value_or(hours{1});
  return run_checks_once(checks, options, clock);
}

const Error kNoRoute{ErrorCode::unavailable, "Network is unreachable", "10.0.0.1:80", true};
const Error kRefused{ErrorCode::unavailable, "Connection refused", "10.0.0.1:80"};

}  // namespace

TEST_CASE("a result within a window is told as it is, and does not count") {
  const CheckResult result = noted(maintained(), found(unhealthy));
  CHECK(result.status == unhealthy);
  CHECK(result.message == "said so");
  CHECK(result.uncounted == "in maintenance until 2026-11-27T23:00:00Z");
  CHECK(is_set(result, "maintenance"));
  CHECK(!noted(maintained(), found(healthy)).uncounted.empty());
  CHECK(noted(maintained(hours{20}), found(unhealthy)).uncounted.empty());
}

TEST_CASE("a check that began within a window, and ended after it, does not count either") {
  CheckResult result = found(unhealthy);
  result.timestamp = evening();
  note_uncounted(maintained(), evening() + hours{1}, hours{1}, result);
  CHECK(!result.uncounted.empty());
}

TEST_CASE("where the clock cannot be, the result counts and says so") {
  CheckResult result = found(unhealthy);
  note_uncounted(maintained(), TimePoint{}, hours{1}, result);
  CHECK(result.uncounted.empty());
  CHECK(result.message ==
        "said so (no maintenance window applies: the clock of this host was never set: it says "
        "1970-01-01T00:00:00.000000Z)");
}

TEST_CASE("after a start bad results do not count, and good ones do") {
  const CheckResult bad = noted(starting(minutes{5}), found(unhealthy), seconds{90});
  CHECK(bad.uncounted == "started 1m 30s ago, within the start_period of 5m");
  CHECK(is_set(bad, "starting"));
  CHECK(noted(starting(minutes{5}), found(healthy), seconds{90}).uncounted.empty());
  CHECK(noted(starting(minutes{5}), found(unhealthy), minutes{5}).uncounted.empty());
  CHECK(noted(starting(Millis{0}), found(unhealthy), seconds{0}).uncounted.empty());
}

TEST_CASE("the start of what is watched counts, as far as the check knows it") {
  CheckResult young = found(degraded);
  young.metadata.set(kUptimeKey, 10);
  CHECK(!noted(starting(minutes{1}), young).uncounted.empty());
  young.metadata.set(kUptimeKey, 60);
  CHECK(noted(starting(minutes{1}), young).uncounted.empty());
  // A word of a check that cannot be.
  for (const std::int64_t odd : {std::int64_t{-1}, std::int64_t{9'000'000'000'000'000'000}}) {
    young.metadata.set(kUptimeKey, odd);
    CHECK(noted(starting(minutes{1}), young).uncounted.empty());
  }
}

TEST_CASE("what does not count is no part of the status, and nothing alone is no yes") {
  const auto report = run_at({registered("a", healthy), registered("b", unhealthy, maintained())});
  CHECK(report.status() == healthy);
  CHECK(verdict_of(report, degraded) == Verdict::yes);
  CHECK(report.results[1].status == unhealthy);
  const auto alone = run_at({registered("b", healthy, maintained())});
  CHECK(alone.status() == unknown);
  CHECK(verdict_of(alone, degraded) == Verdict::could_not_tell);
}

TEST_CASE("what does not count is no component of the system, and neither is its own report") {
  const auto report = run_at({registered("a", healthy), registered("b", unhealthy, maintained())});
  const auto system = system_health({}, report);
  CHECK(system.total_components == 1);
  CHECK(system.failed_components == 0);
  CHECK(system.status == "healthy");
  CHECK(system.problems.empty());
}

TEST_CASE("what was skipped for the sake of one that does not count does not count either") {
  CheckOptions child;
  child.depends_on = {"db"};
  CheckOptions grandchild;
  grandchild.depends_on = {"api"};
  const auto report =
      run_at({registered("db", unhealthy, maintained()), registered("api", healthy, child),
              registered("page", healthy, grandchild), registered("disk", healthy)});
  CHECK(report.results[1].skipped);
  CHECK(report.results[1].uncounted == "'db' does not count");
  CHECK(report.results[2].uncounted == "'api' does not count");
  CHECK(report.status() == healthy);
}

TEST_CASE("a run whose canaries all failed on this side says nothing of anything") {
  const auto report = run_at({failing("dns", kNoRoute), failing("gateway", kNoRoute),
                              registered("api", unhealthy), registered("disk", healthy)});
  CHECK(report.void_because ==
        "this host could reach nothing: all canaries failed on its own side (dns: Network is "
        "unreachable; gateway: Network is unreachable)");
  CHECK(report.status() == unknown);
  CHECK(verdict_of(report, unhealthy) == Verdict::could_not_tell);
  const auto system = system_health({}, report);
  CHECK(system.failed_components == 0);
  CHECK(system.unknown_components == 3);
  CHECK(report.results[2].status == unknown);
  CHECK(report.results[2].message == "said so (unhealthy in a run that is void)");
  CHECK(*report.results[2].metadata.find("found")->as_string() == "unhealthy");
  CHECK(report.results[3].status == healthy);
}

TEST_CASE(
    "a canary that fails in another way, or one of several that does not fail, voids nothing") {
  CHECK(run_at({failing("dns", kRefused), registered("api", unhealthy)}).status() == unhealthy);
  CHECK(run_at({failing("dns", kNoRoute), failing("web", kRefused)}).void_because.empty());
  CHECK(run_at({failing("dns", kNoRoute, false), registered("api", healthy)}).void_because.empty());
  CheckOptions canary;
  canary.canary = true;
  CHECK(
      run_at({failing("dns", kNoRoute), registered("web", healthy, canary)}).void_because.empty());
  CHECK(run_at({registered("api", healthy)}).void_because.empty());
}

TEST_CASE("the uptime of a host is that of its first process, where that is younger") {
  CHECK(machine_uptime() > Micros{0});
  CHECK(host_uptime() <= machine_uptime() + seconds{1});
  CHECK(host_uptime("/nonexistent") > Micros{0});
}

}  // namespace rz::health
