#include "rz/health/component_registry.h"

#include <doctest/doctest.h>

#include <string>
#include <thread>
#include <vector>

#include "rz/storage/faulty_storage.h"
#include "rz/storage/memory_storage.h"
#include "support/print.h"
#include "support/results.h"

namespace rz::health {
namespace {

struct ComponentRegistryFixture {
  ManualClock clock;
  storage::MemoryStorage storage{clock};
  ComponentRegistry registry{storage, clock};
  std::vector<Error> unreadable;
};

TEST_CASE_FIXTURE(ComponentRegistryFixture,
                  "what was reported is found, by everyone with the store") {
  CHECK_FALSE(ok(registry.get("db")));
  ok(registry.report("db", "degraded", "slow", std::nullopt, Value::object({{"lag", 3}})));
  ComponentRegistry other(storage, clock);
  const auto component = ok(other.get("db"));
  REQUIRE(component);
  CHECK(component->name == "db");
  CHECK(component->status == "degraded");
  CHECK(component->message == "slow");
  CHECK(component->last_updated == clock.now());
  CHECK(component->error_count == 0);
  CHECK(component->warning_count == 1);
  CHECK(component->last_error == "");
  CHECK(component->fallback_active);
  CHECK(component->metadata == Value::object({{"lag", 3}}));
}

TEST_CASE_FIXTURE(ComponentRegistryFixture, "a status is taken in any case, as a mode is") {
  CHECK(ok(registry.report("db", "Healthy")).status == "healthy");
  CHECK(ok(registry.report("db", "FAILED")).error_count == 1);
  CHECK(error_of(registry.report("db", "faild")).message ==
        "'faild' is not a status of a component; use healthy, degraded, failed or started; did you "
        "mean "
        "'failed'?");
}

TEST_CASE_FIXTURE(ComponentRegistryFixture,
                  "where the names are given, another is refused with the nearest") {
  ComponentRegistry named(storage, clock, {"worker", "payments"});
  ok(named.report("worker", "healthy"));
  CHECK(error_of(named.report("wroker", "healthy")) ==
        Error{ErrorCode::invalid_argument,
              "component 'wroker' is not in health.components of the configuration; did you mean "
              "'worker'?",
              ""});
  CHECK(message_of(named.report("disk", "healthy")) ==
        "component 'disk' is not in health.components of the configuration; it has worker, "
        "payments");
  // What was reported before is still seen, and can be removed.
  ok(registry.report("wroker", "healthy"));
  CHECK(ok(named.list(unreadable)).size() == 2);
  CHECK(ok(named.remove("wroker")));
}

TEST_CASE_FIXTURE(
    ComponentRegistryFixture,
    "there are as many components as there may be, and those that are there report on") {
  ComponentRegistry bounded(storage, clock, {}, 3);
  ok(bounded.report("a", "healthy"));
  const std::string refused =
      "there may be 3 (health.max_components); remove some with rz health forget, or raise that";
  // All of a payload, or nothing: the third new one is one too many.
  const ComponentReport good{.status = "healthy"};
  CHECK(error_of(bounded.report_all({{"b", good}, {"a", good}, {"c", good}, {"d", good}})) ==
        Error{ErrorCode::invalid_argument, "component 'd' is one too many: " + refused, ""});
  CHECK(ok(registry.list(unreadable)).size() == 1);
  CHECK(ok(bounded.report_all({{"b", good}, {"b", good}, {"c", good}})).size() == 2);
  CHECK(message_of(bounded.report("d", "failed")) == "component 'd' is one too many: " + refused);
  ok(bounded.report("a", "failed"));
  CHECK(ok(bounded.remove("b")));
  ok(bounded.report("d", "failed", "", Millis{10}));
  CHECK_FALSE(bounded.report("e", "healthy"));
  clock.advance(Millis{20});
  ok(bounded.report("e", "healthy"));
  ok(registry.report("f", "healthy"));
}

TEST_CASE_FIXTURE(ComponentRegistryFixture, "counts and the last error outlive a recovery") {
  ok(registry.report("db", "failed", "disk full"));
  ok(registry.report("db", "degraded", "slow"));
  ok(registry.report("db", "failed", "gone"));
  const auto now = ok(registry.report("db", "healthy"));
  CHECK(now.status == "healthy");
  CHECK(now.message == "");
  CHECK(now.error_count == 2);
  CHECK(now.warning_count == 1);
  CHECK(now.last_error == "gone");
  CHECK_FALSE(now.fallback_active);
}

TEST_CASE_FIXTURE(ComponentRegistryFixture, "a report with a life is forgotten at its end") {
  ok(registry.report("db", "healthy", "", Millis{1000}));
  clock.advance(Millis{999});
  CHECK(ok(registry.get("db")));
  clock.advance(Millis{1});
  CHECK_FALSE(ok(registry.get("db")));
  CHECK(ok(registry.list(unreadable)).empty());
  // One without a life ends that of the one before.
  ok(registry.report("db", "healthy", "", Millis{1000}));
  ok(registry.report("db", "healthy"));
  clock.advance(Millis{5000});
  CHECK(ok(registry.get("db")));
}

TEST_CASE_FIXTURE(ComponentRegistryFixture, "components are listed by name, and removed") {
  for (const char* name : {"web", "db:1", "a*b", "\xff"}) ok(registry.report(name, "healthy"));
  std::vector<std::string> names;
  for (const ComponentHealth& component : ok(registry.list(unreadable)))
    names.push_back(component.name);
  CHECK(names == std::vector<std::string>{"a*b", "db:1", "web", "\xff"});
  CHECK(ok(registry.remove("web")));
  CHECK_FALSE(ok(registry.remove("web")));
  CHECK(ok(registry.list(unreadable)).size() == 3);
}

TEST_CASE_FIXTURE(ComponentRegistryFixture, "what cannot be reported changes nothing") {
  const auto unnamed = registry.report("", "healthy");
  REQUIRE_FALSE(unnamed);
  CHECK(unnamed.error() == Error{ErrorCode::invalid_argument, "a component needs a name", ""});
  for (const char* status : {"unknown", "unhealthy", ""}) {
    CHECK(code_of(registry.report("db", status)) == ErrorCode::invalid_argument);
  }
  CHECK(message_of(registry.report("db", "o\x1bk")) ==
        "'o\\x1bk' is not a status of a component; use healthy, degraded, failed or started");
  CHECK_FALSE(ok(registry.get("db")));
}

TEST_CASE_FIXTURE(ComponentRegistryFixture,
                  "a corrupt record is an error with its key and the way out") {
  for (const char* bytes : {"", "nonsense", "[]", "{\"status\":"}) {
    CAPTURE(bytes);
    REQUIRE(storage.set("health:component:db", bytes));
    const Error expected{
        ErrorCode::corrupt,
        "the stored record is not a JSON object; look at it, and remove the key to start anew",
        "health:component:db"};
    const auto got = registry.get("db");
    REQUIRE_FALSE(got);
    CHECK(got.error() == expected);
    const auto reported = registry.report("db", "healthy");
    REQUIRE_FALSE(reported);
    CHECK(reported.error() == expected);
    ok(registry.report("web", "healthy"));
    unreadable.clear();
    CHECK(ok(registry.list(unreadable)).size() == 1);
    CHECK(unreadable == std::vector{expected});
  }
}

TEST_CASE_FIXTURE(ComponentRegistryFixture,
                  "a record without its members reads as of old and of unknown status") {
  REQUIRE(storage.set("health:component:db", R"({"status":7,"last_updated":"yesterday"})"));
  const auto component = ok(registry.get("db"));
  REQUIRE(component);
  CHECK(component->status == "unknown");
  CHECK(component->last_updated == TimePoint{});
}

TEST_CASE_FIXTURE(ComponentRegistryFixture,
                  "a status that another program wrote is read in any case") {
  REQUIRE(storage.set("health:component:db", R"({"status":"FAILED"})"));
  CHECK(ok(registry.get("db"))->status == "failed");
  CHECK(ok(registry.list(unreadable)).front().status == "failed");
}

TEST_CASE_FIXTURE(ComponentRegistryFixture,
                  "a start keeps what is known, and the next report ends the run") {
  ok(registry.report("job", "failed", "disk full"));
  const TimePoint failed_at = clock.now();
  clock.advance(std::chrono::seconds{60});
  ok(registry.report("job", "Started"));
  auto job = ok(registry.get("job"));
  REQUIRE(job);
  CHECK(job->status == "failed");
  CHECK(job->message == "disk full");
  CHECK(job->last_updated == failed_at);
  REQUIRE(job->running);
  CHECK(job->running->started == clock.now());
  CHECK_FALSE(job->last_run);
  clock.advance(std::chrono::seconds{90});
  ok(registry.report("job", "healthy"));
  job = ok(registry.get("job"));
  CHECK_FALSE(job->running);
  REQUIRE(job->last_run);
  CHECK(job->last_run->duration_seconds == 90.0);
  CHECK(job->last_run->ended == clock.now());
  // A heartbeat without a start is of no run.
  ok(registry.report("job", "healthy"));
  CHECK_FALSE(ok(registry.get("job"))->last_run);
}

TEST_CASE_FIXTURE(ComponentRegistryFixture, "the first thing that is heard may be a start") {
  ok(registry.report("job", "started"));
  const auto job = ok(registry.get("job"));
  REQUIRE(job);
  CHECK(job->status == "unknown");
  CHECK(job->last_updated == clock.now());
  CHECK(job->running);
}

TEST_CASE_FIXTURE(ComponentRegistryFixture,
                  "runs that overlap are told apart, and a report of the program ends none") {
  const auto run = [this](const char* id) {
    return ComponentRun{.id = id, .started = clock.now()};
  };
  const ComponentRun first = run("a");
  ok(registry.report("job", {.status = "started", .run = first}));
  const ComponentRun second = run("b");
  ok(registry.report("job", {.status = "started", .run = second}));
  ok(registry.report("job", "degraded", "half done"));
  CHECK(ok(registry.get("job"))->running->id == "b");
  ComponentRun ended = first;
  ended.exit_code = 3;
  ended.duration_seconds = 1.5;
  ended.limits = {std::chrono::hours{1}, Millis{1500}};
  ok(registry.report("job", {.status = "failed", .run = ended}));
  auto job = ok(registry.get("job"));
  CHECK(job->running->id == "b");
  CHECK(job->last_run->exit_code == 3);
  CHECK(job->last_run->duration_seconds == 1.5);
  CHECK(job->last_run->limits.max == std::chrono::hours{1});
  CHECK(job->last_run->limits.min == Millis{1500});
  ok(registry.report("job", {.status = "healthy", .run = second}));
  CHECK_FALSE(ok(registry.get("job"))->running);
}

TEST_CASE_FIXTURE(
    ComponentRegistryFixture,
    "an end whose start was not reported is of a later run than the one that goes on") {
  ok(registry.report(
      "job", {.status = "started", .run = ComponentRun{.id = "a", .started = clock.now()}}));
  clock.advance(std::chrono::hours{1});
  ok(registry.report(
      "job", {.status = "healthy", .run = ComponentRun{.id = "b", .started = clock.now()}}));
  CHECK_FALSE(ok(registry.get("job"))->running);
}

TEST_CASE_FIXTURE(ComponentRegistryFixture, "what was missed is counted where it is known") {
  ComponentReport beat{.status = "healthy", .interval = Millis{60'000}, .grace = Millis{30'000}};
  CHECK(ok(registry.report("job", beat)).missed_count == 0);
  clock.advance(std::chrono::seconds{90});
  CHECK(ok(registry.report("job", beat)).missed_count == 0);
  clock.advance(std::chrono::seconds{91});
  CHECK(ok(registry.report("job", beat)).missed_count == 1);
  clock.advance(std::chrono::seconds{270});
  CHECK(ok(registry.report("job", beat)).missed_count == 5);
  CHECK(ok(registry.report("job", "healthy")).missed_count == 5);
}

TEST_CASE_FIXTURE(ComponentRegistryFixture,
                  "what an old rz left, or damaged, is read as far as it goes") {
  REQUIRE(storage.set("health:component:old", R"({"status":"healthy","running":7,"last_run":[]})"));
  REQUIRE(
      storage.set("health:component:odd",
                  R"({"status":"healthy","running":{"started_at":"soon"},"last_run":)"
                  R"({"started_at":"2026-01-01T00:00:00Z","duration_seconds":"x","exit_code":-9,)"
                  R"("max_seconds":-1,"min_seconds":1e300}})"));
  CHECK_FALSE(ok(registry.get("old"))->running);
  const auto odd = ok(registry.get("odd"));
  CHECK_FALSE(odd->running);
  REQUIRE(odd->last_run);
  CHECK_FALSE(odd->last_run->duration_seconds);
  CHECK_FALSE(odd->last_run->limits.max);
  CHECK_FALSE(odd->last_run->limits.min);
  CHECK(odd->last_run->exit_code == 0);
}

TEST_CASE_FIXTURE(ComponentRegistryFixture, "several reports are one commit: all or none") {
  using Reports = std::vector<std::pair<std::string, ComponentReport>>;
  const Reports reports = {{"web", ComponentReport{.status = "failed", .message = "first"}},
                           {"db", ComponentReport{.status = "healthy"}},
                           {"web", ComponentReport{.status = "degraded", .message = "second"}}};
  const auto components = ok(registry.report_all(reports));
  REQUIRE(components.size() == 2);
  CHECK(components[0].name == "web");
  CHECK(components[0].status == "degraded");
  CHECK(components[0].error_count == 1);
  CHECK(components[0].last_error == "first");
  CHECK(components[1].name == "db");
  CHECK(ok(registry.report_all({})).empty());
  // One that cannot be stored keeps the others out.
  const Reports bad = {{"new", ComponentReport{.status = "healthy"}},
                       {"web", ComponentReport{.status = "broken"}}};
  CHECK(code_of(registry.report_all(bad)) == ErrorCode::invalid_argument);
  const Reports long_name = {{"new", ComponentReport{.status = "healthy"}},
                             {std::string(256, 'x'), ComponentReport{.status = "healthy"}}};
  CHECK(code_of(registry.report_all(long_name)) == ErrorCode::invalid_argument);
  REQUIRE(storage.set("health:component:torn", "{"));
  const Reports torn = {{"new", ComponentReport{.status = "healthy"}},
                        {"torn", ComponentReport{.status = "healthy"}}};
  CHECK(code_of(registry.report_all(torn)) == ErrorCode::corrupt);
  CHECK_FALSE(ok(registry.get("new")));
}

TEST_CASE_FIXTURE(ComponentRegistryFixture, "an outage is the store's error") {
  storage::FaultyStorage faulty(storage, clock);
  ComponentRegistry remote(faulty, clock);
  faulty.inject(storage::Fault::failure());
  CHECK(code_of(remote.report("db", "healthy")) == ErrorCode::unavailable);
  CHECK(code_of(remote.get("db")) == ErrorCode::unavailable);
  CHECK(code_of(remote.list(unreadable)) == ErrorCode::unavailable);
  CHECK(code_of(remote.remove("db")) == ErrorCode::unavailable);
}

TEST_CASE_FIXTURE(ComponentRegistryFixture, "reports of many threads at once are all counted") {
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 50; ++n) static_cast<void>(registry.report("db", "failed", "x"));
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(ok(registry.get("db"))->error_count == 400);
}

}  // namespace
}  // namespace rz::health
