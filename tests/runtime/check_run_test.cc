#include "rz/runtime/check_run.h"

#include <doctest/doctest.h>

#include "rz/health/component_registry.h"
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

}  // namespace

TEST_CASE("a run of all checks also has what no check shows") {
  World world(kChecks);
  report(world, "worker");
  report(world, "batch");
  report(world, "wroker");
  const auto run = run_selected_checks(world.runtime);
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
  const auto run = run_selected_checks(world.runtime, {{"batch"}, {}, {}});
  REQUIRE(run.has_value());
  CHECK(run->report.results.size() == 1);
  CHECK(!run->unchecked.has_value());
  CHECK(!run_selected_checks(world.runtime, {{"bathc"}, {}, {}}).has_value());
}

TEST_CASE("a damaged record is named, and the others are listed") {
  World world(kChecks);
  report(world, "wroker");
  REQUIRE((*world.runtime.storage())->set("health:component:torn", "{").has_value());
  const auto run = run_selected_checks(world.runtime);
  REQUIRE(run.has_value());
  REQUIRE(run->unchecked.has_value());
  CHECK(run->unchecked->components.size() == 1);
  REQUIRE(world.warnings().size() == 1);
  CHECK(world.warnings()[0].find("health:component:torn") != std::string::npos);
}

TEST_CASE("a store that is away is told by its check, and not a second time") {
  World world(kChecks, "sqlite:/proc/rz.db");
  const auto run = run_selected_checks(world.runtime);
  REQUIRE(run.has_value());
  CHECK(run->report.store_outage.has_value());
  CHECK(!run->unchecked.has_value());
  CHECK(world.warnings().empty());
}

TEST_CASE("where no check asks the store, its absence is told by the list") {
  World world("health: {checks: [{type: disk, name: disk, path: /}]}", "sqlite:/proc/rz.db");
  const auto run = run_selected_checks(world.runtime);
  REQUIRE(run.has_value());
  CHECK(!run->unchecked.has_value());
  REQUIRE(world.warnings().size() == 1);
  CHECK(world.warnings()[0].starts_with("which components report themselves is unknown: "));
}

}  // namespace rz::runtime
