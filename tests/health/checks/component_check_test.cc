#include "rz/health/checks/component_check.h"

#include <doctest/doctest.h>

#include <string>

#include "rz/health/component_registry.h"
#include "rz/storage/memory_storage.h"
#include "support/results.h"

namespace rz::health {
namespace {

using std::chrono::seconds;

struct ComponentCheckFixture {
  ManualClock clock;
  storage::MemoryStorage storage{clock};
  ComponentRegistry registry{storage, clock};

  CheckResult check(Millis interval = Millis{0}, Millis grace = Millis{0}) {
    ComponentCheckOptions options;
    options.name = std::string("database");
    options.component = std::string("db");
    options.interval = interval;
    options.grace = grace;
    const auto source = [this]() -> Result<Storage*> { return &storage; };
    return make_component_check(options, source, clock)->check();
  }
};

TEST_CASE_FIXTURE(ComponentCheckFixture, "what the component said of itself") {
  ok(registry.report("db", "healthy"));
  CHECK(check().status == HealthStatus::healthy);
  CHECK(check().message == "reported healthy");
  ok(registry.report("db", "degraded", "slow"));
  CHECK(check().status == HealthStatus::degraded);
  CHECK(check().message == "slow");
  ok(registry.report("db", "failed", "gone"));
  CHECK(check().status == HealthStatus::unhealthy);
  CHECK(*check().metadata.find("error_count")->as_int() == 1);
  CHECK(*check().metadata.find("component")->as_string() == "db");
}

TEST_CASE_FIXTURE(ComponentCheckFixture, "never seen is not late") {
  CHECK(check(seconds{30}).status == HealthStatus::unknown);
  CHECK(check(seconds{30}).message == "never seen: no report, or the last one was forgotten");
}

TEST_CASE_FIXTURE(ComponentCheckFixture,
                  "late is beyond interval and grace, and without an interval never") {
  ok(registry.report("db", "healthy"));
  clock.advance(seconds{40});
  CHECK(check(seconds{30}, seconds{10}).status == HealthStatus::healthy);
  clock.advance(Millis{1});
  const auto late = check(seconds{30}, seconds{10});
  CHECK(late.status == HealthStatus::unhealthy);
  CHECK(late.message ==
        "late: last report 40s ago (reported healthy), expected every 30s; 1 report is "
        "missing");
  CHECK(check().status == HealthStatus::healthy);
}

TEST_CASE_FIXTURE(ComponentCheckFixture,
                  "a report from the future is degraded and names the clock") {
  ok(registry.report("db", "healthy"));
  clock.set_now(clock.now() - seconds{3600});
  for (const Millis interval : {Millis{0}, Millis{30'000}}) {
    const auto result = check(interval);
    CHECK(result.status == HealthStatus::degraded);
    CHECK(
        result.message ==
        "the report is from the future (2023-11-14T22:13:20.000000Z, 1h ahead of this clock); set "
        "the clock that is wrong, and report again (reported healthy)");
    CHECK(*result.metadata.find("age_seconds")->as_double() == 0);
  }
  // However long it stands: its time proves nothing when it comes.
  clock.advance(seconds{3590});
  CHECK(check(seconds{30}).status == HealthStatus::degraded);
  ok(registry.report("db", "healthy"));
  CHECK(check(seconds{30}).status == HealthStatus::healthy);
}

TEST_CASE_FIXTURE(ComponentCheckFixture,
                  "bad news from the future stays bad, and clocks may differ a little") {
  ok(registry.report("db", "failed", "stuck"));
  clock.set_now(clock.now() - seconds{3600});
  CHECK(check().status == HealthStatus::unhealthy);
  CHECK(check().message.ends_with("(stuck)"));
  ok(registry.report("db", "healthy"));
  clock.set_now(clock.now() - seconds{5});
  CHECK(check().status == HealthStatus::healthy);
  clock.set_now(clock.now() - seconds{1});
  CHECK(check().status == HealthStatus::degraded);
}

TEST_CASE_FIXTURE(ComponentCheckFixture, "how many reports are missing, and the last one's time") {
  ok(registry.report("db", "healthy"));
  clock.advance(seconds{40});
  CHECK(*check(seconds{30}, seconds{10}).metadata.find("missed_reports")->as_int() == 0);
  clock.advance(seconds{60});
  const auto late = check(seconds{30}, seconds{10});
  CHECK(late.message ==
        "late: last report 1m 40s ago (reported healthy), expected every 30s; 3 reports are "
        "missing");
  CHECK(*late.metadata.find("missed_reports")->as_int() == 3);
  CHECK(*late.metadata.find("last_seen")->as_string() == "2023-11-14T22:13:20.000000Z");
}

TEST_CASE_FIXTURE(ComponentCheckFixture, "a run that has started and not ended") {
  const auto judged = [this](std::optional<Millis> max, Millis grace) {
    ComponentCheckOptions options;
    options.component = std::string("db");
    options.max_duration = max;
    options.run_grace = grace;
    const auto source = [this]() -> Result<Storage*> { return &storage; };
    return make_component_check(options, source, clock)->check();
  };
  ok(registry.report("db", "started"));
  clock.advance(seconds{5});
  CHECK(check().status == HealthStatus::unknown);
  CHECK(check().message == "started 5s ago; how a run ends is not known yet");
  ok(registry.report("db", "healthy"));
  ok(registry.report("db", "started"));
  clock.advance(seconds{61});
  // Nobody said how long it may take.
  CHECK(check().status == HealthStatus::healthy);
  CHECK(judged(seconds{61}, seconds{9}).status == HealthStatus::healthy);
  const auto slow = judged(seconds{60}, seconds{9});
  CHECK(slow.status == HealthStatus::degraded);
  CHECK(slow.message == "too slow: running for 1m 1s, expected at most 1m");
  clock.advance(seconds{9});
  const auto stuck = judged(seconds{60}, seconds{9});
  CHECK(stuck.status == HealthStatus::unhealthy);
  CHECK(stuck.message == "not ended: started 1m 10s ago, expected to end within 1m9s");
  CHECK(*stuck.metadata.find("running_seconds")->as_double() == 70);
  CHECK(judged(std::nullopt, seconds{69}).status == HealthStatus::unhealthy);
}

TEST_CASE_FIXTURE(ComponentCheckFixture, "a run that ended well in a wrong time is degraded") {
  const auto judged = [this](std::optional<Millis> max, std::optional<Millis> min) {
    ComponentCheckOptions options;
    options.component = std::string("db");
    options.max_duration = max;
    options.min_duration = min;
    const auto source = [this]() -> Result<Storage*> { return &storage; };
    return make_component_check(options, source, clock)->check();
  };
  ComponentRun run{.id = "a", .started = clock.now(), .exit_code = 0};
  run.duration_seconds = 1.5;
  ok(registry.report("db", {.status = "healthy", .message = "done", .run = run}));
  CHECK(judged(Millis{1500}, Millis{1500}).status == HealthStatus::healthy);
  const auto slow = judged(Millis{1499}, std::nullopt);
  CHECK(slow.status == HealthStatus::degraded);
  CHECK(slow.message == "too slow: took 1s500ms (done), expected at most 1s499ms");
  const auto fast = judged(std::nullopt, Millis{1501});
  CHECK(fast.status == HealthStatus::degraded);
  CHECK(fast.message == "too fast: took 1s500ms (done), expected at least 1s501ms");
  CHECK(*fast.metadata.find("exit_code")->as_int() == 0);
  // The limits of who started it count where the check has none.
  run.limits.max = Millis{1000};
  ok(registry.report("db", {.status = "healthy", .run = run}));
  CHECK(check().status == HealthStatus::degraded);
  CHECK(judged(Millis{2000}, std::nullopt).status == HealthStatus::healthy);
  // What failed is unhealthy however long it took.
  ok(registry.report("db", {.status = "failed", .run = run}));
  CHECK(check().status == HealthStatus::unhealthy);
}

TEST_CASE_FIXTURE(ComponentCheckFixture,
                  "a start from the future is degraded and names the clock") {
  ok(registry.report("db", "healthy"));
  clock.advance(seconds{3600});
  ok(registry.report("db", "started"));
  clock.set_now(clock.now() - seconds{3600});
  const auto result = check();
  CHECK(result.status == HealthStatus::degraded);
  CHECK(result.message.starts_with("the start of the run is from the future (2023-11-14T23:13:20"));
}

TEST_CASE_FIXTURE(ComponentCheckFixture,
                  "a store that cannot be asked says nothing of the component") {
  ComponentCheckOptions options;
  options.component = std::string("db");
  const auto source = []() -> Result<Storage*> {
    return fail(ErrorCode::unavailable, "refused", "redis://h:1/0");
  };
  const auto result = make_component_check(options, source, clock)->check();
  CHECK(result.status == HealthStatus::unknown);
  CHECK(result.message == "redis://h:1/0: refused");
  REQUIRE(result.store_outage);
  CHECK(result.store_outage->message == "refused");
}

}  // namespace
}  // namespace rz::health
