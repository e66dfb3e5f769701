#include "rz/health/health_monitor.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "health/fake_check.h"
#include "rz/health/checks/component_check.h"
#include "rz/health/circuit_breaker.h"
#include "rz/health/component_registry.h"
#include "rz/health/retry_tracker.h"
#include "rz/storage/faulty_storage.h"
#include "rz/storage/memory_storage.h"
#include "support/print.h"
#include "support/results.h"

namespace rz::health {
namespace {

using enum HealthStatus;

struct HealthMonitorFixture {
  ManualClock clock;
  storage::MemoryStorage storage{clock};
  HealthMonitor monitor{{}, clock, nullptr, [] { return ResourceUsage{1, 2, 96}; }};
  ComponentRegistry registry{storage, clock};

  void add(const std::string& name, HealthStatus status, CheckOptions options = {}) {
    auto check = registered(name, status, std::move(options));
    monitor.register_check(check.check, check.options);
  }
  HealthState state() { return ok(monitor.comprehensive_state(storage)); }
};

TEST_CASE_FIXTURE(HealthMonitorFixture, "nothing known: unknown, and nothing that degrades") {
  const auto now = state();
  CHECK(now.timestamp == clock.now());
  CHECK(now.system.status == "unknown");
  CHECK(now.system.total_components == 0);
  CHECK_FALSE(now.circuit_breaker.available);
  CHECK(now.circuit_breaker.state == "UNKNOWN");
  CHECK(now.retry.state == "STABLE");
  CHECK(now.resources.overall == "critical");
  CHECK(now.uptime_seconds == 0);
}

TEST_CASE_FIXTURE(HealthMonitorFixture, "components are reports and checks together") {
  ok(registry.report("db", "failed"));
  ok(registry.report("web", "healthy"));
  add("disk", degraded);
  add("dim", unknown);
  CheckOptions aside;
  aside.counts = false;
  add("canary", unhealthy, aside);
  const auto system = state().system;
  CHECK(system.status == "failed");
  CHECK(system.total_components == 4);
  CHECK(system.failed_components == 1);
  CHECK(system.degraded_components == 1);
  CHECK(system.healthy_components == 1);
  CHECK(system.unknown_components == 1);
  const std::vector<ComponentProblem> expected = {
      {"db", "failed", ""}, {"disk", "degraded", "said so"}, {"dim", "unknown", "said so"}};
  CHECK(system.problems == expected);
}

TEST_CASE_FIXTURE(HealthMonitorFixture,
                  "a component counts once, also where the check on it was skipped") {
  ok(registry.report("worker", "healthy"));
  add("db", unhealthy);
  ComponentCheckOptions watching;
  watching.name = "worker-heartbeat";
  watching.component = "worker";
  watching.depends_on = {"db"};
  monitor.register_check(make_component_check(
                             watching, [this]() -> Result<Storage*> { return &storage; }, clock),
                         watching);
  const auto system = state().system;
  CHECK(system.total_components == 2);
  CHECK(system.failed_components == 1);
  CHECK(system.healthy_components == 0);
}

TEST_CASE_FIXTURE(HealthMonitorFixture, "a check is replaced by one of its name, and taken away") {
  add("a", unhealthy);
  add("a", healthy);
  CHECK(ok(monitor.run_checks()).results.size() == 1);
  CHECK(ok(monitor.run_checks()).status() == healthy);
  CHECK(monitor.unregister_check("a"));
  CHECK_FALSE(monitor.unregister_check("a"));
  CHECK(ok(monitor.run_checks()).results.empty());
}

TEST_CASE_FIXTURE(HealthMonitorFixture,
                  "a state tells of the checks of its run, whatever is registered since") {
  add("a", unhealthy);
  add("b", healthy);
  const auto run = ok(monitor.run_checks());
  monitor.unregister_check("a");
  CheckOptions aside;
  aside.counts = false;
  add("b", healthy, aside);
  add("c", healthy);
  const auto system = ok(monitor.comprehensive_state(storage, run)).system;
  CHECK(system.total_components == 2);
  CHECK(system.failed_components == 1);
  CHECK(system.healthy_components == 1);
}

TEST_CASE_FIXTURE(HealthMonitorFixture, "dependencies that cannot be are an error of the run") {
  CheckOptions child;
  child.depends_on = {"nobody"};
  add("a", healthy, child);
  CHECK(code_of(monitor.run_checks()) == ErrorCode::config);
  CHECK(code_of(monitor.comprehensive_state(storage)) == ErrorCode::config);
}

TEST_CASE_FIXTURE(HealthMonitorFixture,
                  "the worst breaker speaks for all, the totals are those of all") {
  CircuitBreaker closed("a", storage, {}, clock);
  ok(closed.record_success());
  CHECK(state().circuit_breaker.state == "CLOSED");
  CircuitBreaker open("b", storage, {}, clock);
  for (int i = 0; i < 5; ++i) ok(open.record_failure());
  clock.advance(std::chrono::seconds{12});
  const auto breaker = state().circuit_breaker;
  CHECK(breaker.available);
  CHECK(breaker.state == "OPEN");
  CHECK(breaker.open_duration_seconds == 12);
  CHECK(breaker.consecutive_failures == 5);
  CHECK(breaker.failures_total == 5);
  CHECK(breaker.successes_total == 1);
  CHECK(breaker.trips_total == 1);
  clock.advance(std::chrono::seconds{48});
  CHECK(state().circuit_breaker.state == "HALF_OPEN");
}

TEST_CASE_FIXTURE(HealthMonitorFixture,
                  "uptime counts from the first look at the store, for every process") {
  CHECK(state().uptime_seconds == 0);
  clock.advance(Millis{90'500});
  CHECK(state().uptime_seconds == 90.5);
  HealthMonitor other({}, clock);
  CHECK(ok(other.comprehensive_state(storage)).uptime_seconds == 90.5);
  // A beginning in the future is now, and is stored so.
  clock.set_now(clock.now() - std::chrono::hours{1});
  CHECK(state().uptime_seconds == 0);
  clock.advance(Millis{1'500});
  CHECK(ok(other.comprehensive_state(storage)).uptime_seconds == 1.5);
  REQUIRE(storage.set("health:started_at", "long ago"));
  const HealthState damaged = state();
  CHECK(damaged.uptime_seconds == 0);
  REQUIRE(damaged.unreadable.size() == 1);
  CHECK(to_string(damaged.unreadable[0]) ==
        "health:started_at: does not hold a time; remove the key to start anew");
}

TEST_CASE_FIXTURE(HealthMonitorFixture,
                  "a record that is damaged is told of, and the others count") {
  ok(registry.report("db", "failed"));
  ok(registry.report("web", "healthy"));
  CircuitBreaker open("b", storage, {}, clock);
  for (int i = 0; i < 5; ++i) ok(open.record_failure());
  CHECK(state().complete);
  SUBCASE("a component") {
    REQUIRE(storage.set("health:component:web", "{"));
    CHECK(state().system.failed_components == 1);
    CHECK(state().components.size() == 1);
  }
  SUBCASE("a breaker") {
    REQUIRE(storage.set("health:breaker:a", "[]"));
    CHECK(state().circuit_breaker.state == "OPEN");
  }
  SUBCASE("a breaker without a state") { REQUIRE(storage.set("health:breaker:a", "{}")); }
  SUBCASE("the retries") { REQUIRE(storage.set("health:retry:total", "many")); }
  const HealthState now = state();
  CHECK_FALSE(now.complete);
  CHECK(now.unreadable.size() == 1);
  CHECK(now.system.failed_components == 1);
  CHECK(now.circuit_breaker.available);
}

TEST_CASE_FIXTURE(HealthMonitorFixture,
                  "an outage is an error of the state and leaves the checks' results") {
  add("a", healthy);
  storage::FaultyStorage faulty(storage, clock);
  faulty.inject(storage::Fault::failure());
  CHECK(ok(monitor.run_checks()).status() == healthy);
  CHECK(code_of(monitor.comprehensive_state(faulty)) == ErrorCode::unavailable);
}

TEST_CASE_FIXTURE(HealthMonitorFixture,
                  "a component that reported from the future is degraded without a check") {
  ok(registry.report("db", "healthy"));
  clock.set_now(clock.now() - std::chrono::hours{1});
  const HealthState now = state();
  CHECK(now.system.degraded_components == 1);
  REQUIRE(now.system.problems.size() == 1);
  CHECK(now.system.problems[0].message.starts_with("the report is from the future"));
}

TEST_CASE_FIXTURE(HealthMonitorFixture, "a store that the checks found away is not asked again") {
  storage::FaultyStorage faulty(storage, clock);
  faulty.inject(storage::Fault::lost_request(std::chrono::seconds{15}));
  ComponentCheckOptions options;
  for (const char* name : {"a", "b", "c"}) {
    options.name = options.component = std::string(name);
    // One after the other.
    if (*name != 'a') options.depends_on = {std::string(1, static_cast<char>(*name - 1))};
    monitor.register_check(make_component_check(
                               options, [&]() -> Result<Storage*> { return &faulty; }, clock),
                           options);
  }
  const auto report = ok(monitor.run_checks());
  CHECK(report.status() == unknown);
  REQUIRE(report.store_outage);
  CHECK(report.store_outage->code == ErrorCode::timeout);
  CHECK(code_of(monitor.comprehensive_state(faulty, report)) == ErrorCode::timeout);
  CHECK(faulty.calls() == 1);
  const HealthState alone = ok(monitor.state_without_store(report));
  CHECK(alone.system.unknown_components == 3);
  CHECK(alone.system.failed_components == 0);
  // The next run asks anew.
  faulty.heal();
  CHECK_FALSE(ok(monitor.run_checks()).store_outage);
}

TEST_CASE("checks that did not return are counted") {
  Gate gate;
  HealthMonitor monitor({}, SystemClock::instance());
  const auto stuck = gate.stuck("nfs", Millis{1});
  monitor.register_check(stuck.check, stuck.options);
  CHECK(ok(monitor.run_checks()).status() == unhealthy);
  CHECK(monitor.abandoned() == 1);
}

TEST_CASE("what is read ahead serves a run that goes on into the next minute") {
  ManualClock clock(TimePoint{std::chrono::seconds{1'700'000'039}});  // 59 seconds into one.
  const HealthOptions options;
  const HealthMonitor monitor(options, clock);
  const std::vector<std::string> read = monitor.read_set().keys;
  clock.advance(std::chrono::seconds{2});
  for (const std::string& key : RetryTracker::keys_to_read(clock.now(), options.failure_window)) {
    CAPTURE(key);
    CHECK(std::find(read.begin(), read.end(), key) != read.end());
  }
}

}  // namespace
}  // namespace rz::health
