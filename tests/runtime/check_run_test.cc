#include "rz/runtime/check_run.h"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <optional>
#include <thread>
#include <utility>

#include "rz/base/file.h"
#include "rz/health/component_registry.h"
#include "rz/storage/open_storage.h"
#include "storage/sqlite/raw_sqlite.h"
#include "support/fake_redis.h"
#include "support/patience.h"
#include "support/temp_folder.h"
#include "world.h"

namespace rz::runtime {
namespace {

using testing::World;

constexpr const char* kChecks =
    "health: {checks: [{type: component, name: worker, component: worker},"
    " {type: component, name: batch, component: batch}]}";

void report(World& world, const std::string& component) {
  REQUIRE(world.runtime.storage().has_value());
  ComponentRegistry registry(**world.runtime.storage(), world.runtime.clock());
  REQUIRE(registry.report(component, "healthy").has_value());
}

Result<CheckRun> run_once(Runtime& runtime, const CheckSelection& selection = {},
                          std::optional<Millis> timeout = std::nullopt) {
  auto checks = SelectedChecks::make(runtime, selection, timeout);
  if (!checks) return fail(std::move(checks).error());
  return checks->run();
}

}  // namespace

TEST_CASE("a run of all checks also has what no check shows") {
  World world(kChecks);
  report(world, "worker");
  report(world, "batch");
  report(world, "wroker");
  const auto run = run_once(world.runtime);
  REQUIRE(run.has_value());
  CHECK(run->report.results.size() == 2);
  CHECK(run->report.status() == HealthStatus::healthy);
  REQUIRE(run->unchecked.has_value());
  REQUIRE(run->unchecked->components.size() == 1);
  CHECK(run->unchecked->components[0].name == "wroker");
  CHECK(!world.runtime.threads_abandoned);
  CHECK(world.warnings().empty());
}

TEST_CASE("whoever asks for some checks hears of nothing else") {
  World world(kChecks);
  report(world, "wroker");
  const auto run = run_once(world.runtime, {{"batch"}, {}, {}});
  REQUIRE(run.has_value());
  CHECK(run->report.results.size() == 1);
  CHECK(!run->unchecked.has_value());
  CHECK(!run_once(world.runtime, {{"bathc"}, {}, {}}).has_value());
}

TEST_CASE("results are held back until there are enough of them, in a run and in a decision") {
  World world(
      "health: {checks: [{type: component, name: worker, component: worker, fail_after: 3}]}");
  report(world, "worker");
  REQUIRE(run_once(world.runtime).has_value());
  ComponentRegistry registry(**world.runtime.storage(), world.runtime.clock());
  REQUIRE(registry.report("worker", "failed", "stuck").has_value());
  const auto held = run_once(world.runtime);
  REQUIRE(held.has_value());
  CHECK(held->report.status() == HealthStatus::healthy);
  CHECK(held->report.results[0].message == "unhealthy 1 of 3: still healthy (stuck)");
  const auto seen = world.runtime.observe();
  REQUIRE(seen.has_value());
  CHECK(seen->state.system.failed_components == 0);
  CHECK(run_once(world.runtime)->report.status() == HealthStatus::unhealthy);
  CHECK(world.warnings().empty());
}

TEST_CASE("without the store results are reported as they were found, and that is said") {
  World world(
      "health: {checks: [{type: component, name: worker, component: worker, fail_after: 3,"
      " severity: {unknown: unhealthy}}]}",
      "sqlite:/proc/rz.db");
  const auto run = run_once(world.runtime);
  REQUIRE(run.has_value());
  CHECK(run->report.status() == HealthStatus::unhealthy);
  REQUIRE(world.warnings().size() == 1);
  CHECK(world.warnings()[0].starts_with(
      "every result is reported as it was found: earlier ones, which fail_after, pass_after and "
      "fail_within count, are unknown: "));
}

TEST_CASE(
    "what has grown is counted from run to run and in a decision; without a store it is unknown") {
  std::atomic<int> evicted{5};
  const test::FakeRedis redis(
      test::ok_to_greeting([&](const std::vector<std::string>& command) -> test::FakeReply {
        if (command.front() != "INFO") return {"+PONG\r\n"};
        return {test::bulk("role:master\r\nrun_id:abc\r\nevicted_keys:" + std::to_string(evicted) +
                           "\r\n")};
      }));
  const std::string config = "health: {checks: [{type: redis, name: cache, url: '" + redis.url() +
                             "', evictions: {warning: 10}}]}";
  World world(config);
  const auto status = [&] {
    const auto run = run_once(world.runtime);
    REQUIRE(run.has_value());
    return run->report.status();
  };
  CHECK(status() == HealthStatus::unknown);  // Of the five nobody knows when.
  CHECK(status() == HealthStatus::healthy);
  evicted = 15;
  CHECK(status() == HealthStatus::degraded);
  CHECK(status() == HealthStatus::healthy);
  evicted = 25;
  const auto seen = world.runtime.observe();
  REQUIRE(seen.has_value());
  CHECK(seen->state.system.degraded_components == 1);
  CHECK(status() == HealthStatus::healthy);
  CHECK(world.warnings().empty());

  World alone(config, "sqlite:/proc/rz.db");
  const auto run = run_once(alone.runtime);
  REQUIRE(run.has_value());
  CHECK(run->report.results[0].status == HealthStatus::unknown);
  REQUIRE(!alone.warnings().empty());
  CHECK(alone.warnings()[0].starts_with("what has grown since the last run is unknown: "));
}

TEST_CASE("thousands of components are read, however long this host takes for that") {
  World world("health: {checks: [{type: disk, name: disk, path: /}]}");
  const auto storage = world.runtime.storage();
  REQUIRE(storage.has_value());
  constexpr std::size_t kMany = 5000;
  std::vector<std::pair<std::string, ComponentReport>> reports;
  for (std::size_t i = 0; i < kMany; ++i) {
    reports.emplace_back("component-" + std::to_string(i), ComponentReport{.status = "healthy"});
  }
  ComponentRegistry registry(**storage, world.runtime.clock());
  REQUIRE(registry.report_all(reports).has_value());
  const auto run = run_once(world.runtime);
  REQUIRE(run.has_value());
  REQUIRE(run->unchecked.has_value());
  CHECK(run->unchecked->components.size() == kMany);
}

TEST_CASE("a damaged record is named, and the others are listed") {
  World world(kChecks);
  report(world, "wroker");
  REQUIRE((*world.runtime.storage())->set("health:component:torn", "{").has_value());
  const auto run = run_once(world.runtime);
  REQUIRE(run.has_value());
  REQUIRE(run->unchecked.has_value());
  CHECK(run->unchecked->components.size() == 1);
  REQUIRE(world.warnings().size() == 1);
  CHECK(world.warnings()[0].find("health:component:torn") != std::string::npos);
}

TEST_CASE("a store that is away is told by its check, and not a second time") {
  World world(kChecks, "sqlite:/proc/rz.db");
  const auto run = run_once(world.runtime);
  REQUIRE(run.has_value());
  CHECK(run->report.store_outage.has_value());
  CHECK(!run->unchecked.has_value());
  CHECK(!run->unchecked_error.has_value());
  CHECK(world.warnings().empty());
}

TEST_CASE("a check that says of an absent store what is no trouble does not stand for the list") {
  World world(
      "health: {checks: [{type: component, name: worker, component: worker,"
      " severity: {unknown: healthy}}]}",
      "sqlite:/proc/rz.db");
  const auto run = run_once(world.runtime);
  REQUIRE(run.has_value());
  CHECK(run->report.status() == HealthStatus::healthy);
  CHECK(run->unchecked_error.has_value());
}

TEST_CASE("a store that hangs makes what no check shows unknown") {
  const test::FakeRedis server([](const std::vector<std::string>&) { return test::FakeReply{}; });
  World world("health: {checks: [{type: disk, name: disk, path: /}]}", server.url());
  const auto run = run_once(world.runtime, {}, Millis{200});
  REQUIRE(run.has_value());
  CHECK(!run->unchecked.has_value());
  REQUIRE(run->unchecked_error.has_value());
  CHECK(*run->unchecked_error == Error{ErrorCode::timeout, "no answer in time", server.url()});
  CHECK(world.runtime.threads_abandoned);
}

TEST_CASE("in a series a store that hangs is asked once, and the trouble has one name") {
  std::atomic<int> asked = 0;
  const test::FakeRedis server([&asked](const std::vector<std::string>&) {
    ++asked;
    return test::FakeReply{};
  });
  World world(
      "storage: {timeout: 1h, deadline: 1h}\n"
      "health: {checks: [{type: disk, name: disk, path: /, warning: 100%, critical: 100%}]}",
      server.url());
  // Time enough for the disk on any machine; for the store a run waits for a second at most.
  auto series = SelectedChecks::make(world.runtime, {}, test::kPatience);
  REQUIRE(series.has_value());
  const auto first = series->run();
  REQUIRE(first.has_value());
  REQUIRE(first->unchecked_error.has_value());
  CHECK(first->unchecked_error->message == "no answer in time");
  for (int i = 0; i < 20; ++i) {
    const auto again = series->run();
    REQUIRE(again.has_value());
    // On a slow machine the disk is not measured in a tenth of a second, either.
    CHECK(again->report.results[0].status != HealthStatus::unhealthy);
    REQUIRE(again->unchecked_error.has_value());
    CHECK(*again->unchecked_error == *first->unchecked_error);
  }
  CHECK(asked < 10);  // A question is a few commands.
  CHECK(world.runtime.threads_abandoned);
}

TEST_CASE("opening the store takes no longer than the run may") {
  const TempFolder folder;
  const std::string url = "sqlite:" + (folder / "rz.db");
  REQUIRE(open_storage({.url = url}).has_value());
  storage::RawSqlite other(folder / "rz.db");
  other.query("PRAGMA journal_mode = DELETE");
  other.query("BEGIN EXCLUSIVE");
  // Were it the store's own bound, this would not end. On a slow machine the time of the run may be
  // over before it is known who has the lock.
  for (Millis within{200};; within *= 2) {
    World world(
        "storage: {timeout: 1h, deadline: 1h}\n"
        "health: {checks: [{type: disk, name: disk, path: /}]}",
        url);
    const auto run = run_once(world.runtime, {}, within);
    REQUIRE(run.has_value());
    REQUIRE(run->unchecked_error.has_value());
    const std::string& message = run->unchecked_error->message;
    if (!message.starts_with("locked by another process") && within < test::kPatience) continue;
    CHECK_MESSAGE(message.starts_with("locked by another process"), message);
    return;
  }
}

TEST_CASE("what no check shows is waited for until the run ends, and for a second at most") {
  using namespace std::chrono_literals;
  CHECK(patience_after(30s) == 1s);
  CHECK(patience_after(990ms) == 990ms);
  CHECK(patience_after(0s) == 0s);
}

TEST_CASE("where no check asks the store, its absence is told by the list") {
  World world("health: {checks: [{type: disk, name: disk, path: /}]}", "sqlite:/proc/rz.db");
  const auto run = run_once(world.runtime);
  REQUIRE(run.has_value());
  CHECK(!run->unchecked.has_value());
  REQUIRE(run->unchecked_error.has_value());
  CHECK(run->unchecked_error->where.starts_with("sqlite:/proc/rz.db"));
  REQUIRE(world.warnings().size() == 1);
  CHECK(world.warnings()[0].starts_with("which components report themselves is unknown: "));
}

TEST_CASE("where told to, a store that could not be opened is opened later, for a further run") {
  const TempFolder folder;
  const std::string file = folder / "later/rz.db";
  // A file where the folder of the store should be.
  const std::string blocker = folder / "later";
  REQUIRE(write_file(blocker, "x").has_value());
  World world(kChecks, "sqlite:" + file);
  world.runtime.reopen_store_later();
  auto checks = SelectedChecks::make(world.runtime);
  REQUIRE(checks.has_value());
  const auto away = checks->run();
  REQUIRE(away.has_value());
  CHECK(away->report.store_outage.has_value());
  std::filesystem::remove(blocker);
  // Within ReopeningStorage::kReopenPause it is not tried again, and on a slow machine it may open,
  // or answer a check, later than a run waits for what it says.
  const auto give_up = std::chrono::steady_clock::now() + test::kPatience;
  auto there = checks->run();
  const auto is_away = [&] { return !there->unchecked || there->report.store_outage; };
  while (there && is_away() && std::chrono::steady_clock::now() < give_up) {
    std::this_thread::sleep_for(Millis{50});
    there = checks->run();
  }
  REQUIRE(there.has_value());
  CHECK_FALSE(there->report.store_outage.has_value());
  CHECK(there->unchecked.has_value());
}

TEST_CASE("a run that is stopped reports what is known, and changes no history") {
  World world(
      "health: {checks: [{type: component, name: worker, component: worker, fail_after: 3}]}");
  report(world, "worker");
  auto checks = SelectedChecks::make(world.runtime);
  REQUIRE(checks.has_value());
  const auto run = checks->run({.timeout = std::nullopt, .stop = [] { return true; }});
  REQUIRE(run.has_value());
  CHECK(run->report.stopped);
  const auto stored = (*world.runtime.storage())->scan_keys("health:history:*", "");
  REQUIRE(stored.has_value());
  CHECK(stored->keys.empty());
}

}  // namespace rz::runtime
