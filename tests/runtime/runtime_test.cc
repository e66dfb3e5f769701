#include "rz/runtime/runtime.h"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

#include "rz/runtime/decide.h"
#include "rz/storage/open_storage.h"
#include "storage/sqlite/raw_sqlite.h"
#include "support/fake_redis.h"
#include "support/temp_folder.h"
#include "world.h"

namespace rz::runtime {
namespace {

using testing::World;

std::string status_of_store(const std::string& url) {
  World world("", url);
  const auto monitor = world.runtime.monitor({{"store"}, {}, {}});
  if (!monitor) return to_string(monitor.error());
  return to_string((*monitor)->run_checks()->results.at(0).status);
}

constexpr const char* kComponent =
    "health: {checks: [{type: component, name: worker, component: worker}]}";

}  // namespace

TEST_CASE("config and store are opened once, and said to those who look for a fault") {
  World world("");
  CHECK(*world.runtime.config() == *world.runtime.config());
  CHECK(*world.runtime.storage() == *world.runtime.storage());
  const std::string file = world.home.folder / "rz.yaml";
  CHECK((world.notices.kept() ==
         std::vector<Notice>{{Notice::Severity::note, "configuration: " + file},
                             {Notice::Severity::note, "store: memory:"}}));
}

TEST_CASE("a store that cannot be opened fails the checks that need it; a wrong URL all") {
  CHECK(status_of_store("memory:") == "healthy");
  CHECK(status_of_store("sqlite:/proc/rz.db") == "unhealthy");
  CHECK(status_of_store("redis://").starts_with("--storage: wrong storage URL: "));
}

TEST_CASE("the store has the clock of the runtime") {
  ManualClock clock;
  World world("", "memory:", clock);
  Storage* store = *world.runtime.storage();
  REQUIRE(store->set("key", "value", Millis{1000}));
  CHECK(*store->get("key") == "value");
  clock.advance(Millis{1001});
  CHECK(*store->get("key") == std::nullopt);
}

TEST_CASE("a store in memory keeps nothing") {
  World world("");
  const auto lasting = world.runtime.lasting_storage();
  REQUIRE(!lasting.has_value());
  CHECK(to_string(lasting.error()).starts_with("--storage: a store in memory is gone when "));
}

TEST_CASE("the store is waited for 10s, or twice its own timeout where that is longer") {
  CHECK(*World("").runtime.default_deadline() == std::chrono::seconds{10});
  CHECK(*World("storage: {timeout: 7s}").runtime.default_deadline() == std::chrono::seconds{14});
}

TEST_CASE("a sink whose host is not found stands before nothing, and is told by the flush") {
  World world(
      "health:\n  metrics:\n"
      "    - {type: statsd, address: \"no.such.host.invalid:8125\"}\n"
      "    - {type: logging, level: warning}\n");
  const auto sink = world.runtime.sinks();
  REQUIRE(sink.has_value());
  (*sink)->emit("load", 2);
  CHECK(world.logged == "metric=load kind=gauge value=2\n");
  const std::string told = to_string((*sink)->flush().error());
  // A slow machine has not looked it up in the time that a sink has.
  const std::string late = "no answer in time from the name service";
  CHECK((told.ends_with(": no such host") || told.ends_with(late)));
  CHECK(told.starts_with("statsd no.such.host.invalid:8125: "));
}

TEST_CASE("a manager has the policy, the callbacks and the detectors of the configuration") {
  World world(
      "fallback:\n"
      "  policy: {failed_components: 7}\n"
      "  callbacks: {safe: {command: [/no/such/pager]}}\n"
      "  detectors: {heuristic: {when: \"severity > 0.5\"}}\n");
  const auto manager = world.runtime.manager();
  REQUIRE(manager.has_value());
  HealthState state;
  state.system.failed_components = 6;
  CHECK((*manager)->cascade(state)->after.mode == Mode::primary);
  state.system.failed_components = 7;
  const auto safe = (*manager)->cascade(state);
  CHECK(safe->after.mode == Mode::safe);
  REQUIRE(safe->store.warnings.size() == 1);
  CHECK(safe->store.warnings[0].find("/no/such/pager") != std::string::npos);
  CHECK((*manager)->set_mode("heuristic").has_value());
  CHECK(world.runtime.detection().has_value());
}

TEST_CASE("what is observed is the whole state, or, without a store, that of the checks") {
  World whole(kComponent);
  const auto seen = whole.runtime.observe();
  REQUIRE(seen.has_value());
  CHECK(!seen->outage);
  CHECK(seen->state.complete);
  CHECK(seen->store_until);

  World alone(kComponent, "sqlite:/proc/rz.db");
  const auto part = alone.runtime.observe();
  REQUIRE(part.has_value());
  REQUIRE(part->outage);
  CHECK(!part->state.complete);
  CHECK(!alone.runtime.threads_abandoned);
  // A worse mode is decided all the same, and says why it is this host's alone.
  const auto manager = alone.runtime.manager({.after = &*part});
  REQUIRE(manager.has_value());
  HealthState bad = part->state;
  bad.system.failed_components = 7;
  const auto decided = (*manager)->cascade(bad);
  REQUIRE(decided.has_value());
  CHECK(decided->after.mode == Mode::safe);
  CHECK(decided->store.outage.has_value());
}

TEST_CASE("what a run decides after its observation has what is left of the run's time") {
  ManualClock clock;
  // A machine whose disk is full would have a worse mode decided all the same.
  World world("fallback: {policy: {resources_critical: false}}", "memory:", clock);
  const auto seen = world.runtime.observe(nullptr, Millis{7000});
  REQUIRE(seen.has_value());
  CHECK(decide(world.runtime, *seen).has_value());
  clock.advance(Millis{7000});
  const auto late = decide(world.runtime, *seen);
  REQUIRE(!late.has_value());
  CHECK(to_string(late.error()).find("the deadline of this run (7s) has passed") !=
        std::string::npos);
}

TEST_CASE(
    "a callback that takes longer than the run's deadline is recorded in the store, and once") {
  ManualClock clock;
  int called = 0;
  const auto slow_call = [&](const Transition&) -> Result<void> {
    ++called;
    clock.advance(Millis{25'000});
    return {};
  };
  World world("fallback: {callbacks: {safe: {command: [page]}}}", "memory:", clock, slow_call);
  const auto manager = world.runtime.manager({.deadline = Millis{10'000}});
  REQUIRE(manager.has_value());
  HealthState bad;
  bad.system.failed_components = 7;
  const auto decided = (*manager)->cascade(bad);
  REQUIRE(decided.has_value());
  CHECK(called == 1);
  CHECK_FALSE(decided->store.outage.has_value());
  CHECK(decided->store.warnings.empty());
  CHECK(decided->after.callbacks_owed == 0);
}

TEST_CASE("what the checks wait for the store is not given to the run once more") {
  const TempFolder folder;
  const std::string url = "sqlite:" + (folder / "rz.db");
  REQUIRE(open_storage({.url = url}).has_value());
  storage::RawSqlite other(folder / "rz.db");
  other.query("BEGIN IMMEDIATE");
  // The store can be read, but the check waits for it until the time of the run is over.
  World world("", url);
  const auto seen = world.runtime.observe(nullptr, Millis{300});
  REQUIRE(seen.has_value());
  REQUIRE(seen->outage.has_value());
  CHECK(seen->outage->message.starts_with("locked by another process for "));
  CHECK(seen->outage->where == url);
}

TEST_CASE("a store that could not be opened in time says why, whatever asks it next") {
  const TempFolder folder;
  const std::string url = "sqlite:" + (folder / "rz.db");
  REQUIRE(open_storage({.url = url}).has_value());
  storage::RawSqlite other(folder / "rz.db");
  // Out of WAL mode one process keeps all others out.
  other.query("PRAGMA journal_mode = DELETE");
  other.query("BEGIN EXCLUSIVE");
  World world("", url);
  const auto manager = world.runtime.manager({.deadline = Millis{200}});
  REQUIRE(manager.has_value());
  const auto status = (*manager)->status();
  const std::string said =
      status ? to_string(status->store.outage.value_or(Error{})) : to_string(status.error());
  CHECK(said.find("locked by another process") != std::string::npos);
  CHECK(said.find("deadline of this run") == std::string::npos);
}

TEST_CASE("the outage that a silent check found has the store as its place") {
  const test::FakeRedis server([](const std::vector<std::string>&) { return test::FakeReply{}; });
  World world(
      "storage: {timeout: 1h, deadline: 1h}\n"
      "health: {checks: [{type: component, name: w, component: w, timeout: 50ms}]}",
      server.url());
  const auto seen = world.runtime.observe();
  REQUIRE(seen.has_value());
  REQUIRE(seen->outage.has_value());
  CHECK(seen->outage->message == "no answer within 50ms");
  CHECK(seen->outage->where == server.url());
}

TEST_CASE("nothing waits for a store that was never away") {
  World world("", "memory:");
  CHECK(*world.runtime.reconcile(Reconcile::waiting));
  CHECK(*world.runtime.reconcile(Reconcile::all));
  CHECK(world.warnings().empty());
}

}  // namespace rz::runtime
