#include "rz/health/judging/unchecked.h"

#include <doctest/doctest.h>

#include "rz/health/checks/component_check.h"
#include "rz/health/checks/http_check.h"
#include "rz/health/component_registry.h"
#include "rz/storage/faulty_storage.h"
#include "rz/storage/memory_storage.h"
#include "support/results.h"

namespace rz::health {
namespace {

TEST_CASE("what reports and no check names is found, and every breaker") {
  ManualClock clock;
  storage::MemoryStorage storage(clock);
  ComponentRegistry registry(storage, clock);
  HealthOptions options;
  ComponentCheckOptions watched;
  watched.name = "worker-heartbeat";
  watched.component = "worker";
  HttpCheckOptions api;
  api.name = "api";
  options.checks = {watched, api};
  CHECK_FALSE(ok(find_unchecked(storage, options, clock)).anything());

  for (const char* name : {"worker", "wroker", "api"}) ok(registry.report(name, "healthy"));
  ok(CircuitBreaker("defualt", storage, {}, clock).record_failure());
  REQUIRE(storage.set("health:component:torn", "{"));
  REQUIRE(storage.set("health:breaker:torn", "{}"));
  const Unchecked found = ok(find_unchecked(storage, options, clock));
  CHECK(found.anything());
  // A check of the same name that does not ask for its reports says nothing of them.
  REQUIRE(found.components.size() == 2);
  CHECK(found.components[0].name == "api");
  CHECK(found.components[1].name == "wroker");
  REQUIRE(found.breakers.size() == 1);
  CHECK(found.breakers[0].name == "defualt");
  CHECK(found.unreadable.size() == 2);

  REQUIRE(storage.set("health:component:worker", "{"));
  // Its check says so.
  CHECK(ok(find_unchecked(storage, options, clock)).unreadable.size() == 2);
}

TEST_CASE("a damaged record alone is something to tell") {
  ManualClock clock;
  storage::MemoryStorage storage(clock);
  REQUIRE(storage.set("health:breaker:torn", "{}x"));
  CHECK(ok(find_unchecked(storage, {}, clock)).anything());
}

TEST_CASE("the breakers are read in one call, however many there are") {
  ManualClock clock;
  storage::MemoryStorage storage(clock);
  for (const char* name : {"a", "b", "c"}) {
    ok(CircuitBreaker(name, storage, {}, clock).record_failure());
  }
  storage::FaultyStorage counting(storage, clock);
  CHECK(ok(find_unchecked(counting, {}, clock)).breakers.size() == 3);
  CHECK(counting.calls(storage::FaultyStorage::Operation::read_collection) == 2);
  CHECK(counting.calls() == 2);
}

TEST_CASE("that the store has answered is told before anything is read of it") {
  ManualClock clock;
  storage::MemoryStorage storage(clock);
  ok(ComponentRegistry(storage, clock).report("a", "healthy"));
  storage::FaultyStorage counting(storage, clock);
  std::size_t calls = 0;
  ok(find_unchecked(counting, {}, clock, [&] { calls = counting.calls(); }));
  CHECK(calls == counting.calls());
  counting.inject(storage::Fault::failure());
  calls = 0;
  CHECK_FALSE(find_unchecked(counting, {}, clock, [&] { calls = counting.calls(); }));
  CHECK(calls > 0);
}

}  // namespace
}  // namespace rz::health
