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
        "'faild' is not a status of a component; use healthy, degraded or failed; did you mean "
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
        "'o\\x1bk' is not a status of a component; use healthy, degraded or failed");
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
