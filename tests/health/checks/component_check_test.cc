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
  CHECK(late.message == "late: last report 40s ago (reported healthy), expected every 30s");
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
