#include "rz/runtime/decide.h"

#include <doctest/doctest.h>

#include "rz/fallback/fallback_manager.h"
#include "world.h"

namespace rz::runtime {
namespace {

using testing::World;

HealthState failed_components(int count) {
  HealthState state;
  state.system.failed_components = count;
  return state;
}

Mode mode_of(World& world) {
  const auto manager = world.runtime.manager();
  REQUIRE(manager.has_value());
  const auto known = (*manager)->peek();
  REQUIRE(known.has_value());
  return known->after.mode;
}

}  // namespace

TEST_CASE("the mode is decided by the policy, and a dry run changes nothing") {
  World world("");
  const Observation seen{failed_components(2)};
  const auto dry = decide(world.runtime, seen, {.dry_run = true});
  REQUIRE(dry.has_value());
  CHECK(dry->after.mode == Mode::safe);
  CHECK(mode_of(world) == Mode::primary);
  const auto decided = decide(world.runtime, seen);
  REQUIRE(decided.has_value());
  CHECK(decided->after.mode == Mode::safe);
  CHECK(decided->store.doubts.empty());
  CHECK(mode_of(world) == Mode::safe);
}

TEST_CASE("what could not be read is a doubt") {
  World world("");
  Observation seen{failed_components(0)};
  seen.state.unreadable.push_back({ErrorCode::corrupt, "no record", "health:component:x"});
  const auto decided = decide(world.runtime, seen);
  REQUIRE(decided.has_value());
  CHECK(decided->store.doubts == std::vector<std::string>{"records of components cannot be read"});
}

TEST_CASE("a doubt names the kinds of records that cannot be read") {
  const auto doubt = [](const std::vector<std::string>& keys) {
    World world("");
    Observation seen{failed_components(0)};
    for (const std::string& key : keys) {
      seen.state.unreadable.push_back({ErrorCode::corrupt, "no record", key});
    }
    const auto decided = decide(world.runtime, seen);
    REQUIRE(decided.has_value());
    REQUIRE(decided->store.doubts.size() == 1);
    return decided->store.doubts.front();
  };
  CHECK(doubt({"health:breaker:b2"}) == "records of circuit breakers cannot be read");
  CHECK(doubt({"health:breaker:b2", "health:component:x", "health:breaker:b3"}) ==
        "records of components and of circuit breakers cannot be read");
  CHECK(doubt({"health:started"}) == "records of retries or the start cannot be read");
}

TEST_CASE("the comprehensive state has the mode and how it came about") {
  World world("health: {checks: [{type: disk, name: disk, path: /}]}");
  REQUIRE(decide(world.runtime, Observation{failed_components(2)}).has_value());
  const auto state = comprehensive_state(world.runtime);
  REQUIRE(state.has_value());
  CHECK(state->complete);
  CHECK(state->fallback.mode == "safe");
  REQUIRE(state->fallback.cascade_log.as_array()->size() == 1);
  CHECK(*state->fallback.cascade_log.as_array()->front().find("to") == Value("safe"));
  CHECK(state->health_checks.size() == 1);

  World alone("", "sqlite:/proc/rz.db");
  CHECK(!comprehensive_state(alone.runtime).has_value());
}

TEST_CASE("the detector of the mode is asked, and the actions whose condition holds are run") {
  World world(
      "fallback:\n"
      "  detectors: {heuristic: {when: \"severity > 0.5\"}}\n"
      "  actions:\n"
      "    - {name: page, when: \"severity > 0.5\", command: [\"true\"]}\n"
      "    - {name: lost, when: \"severity > 0.5\", command: [/no/such/pager]}\n"
      "    - {name: calm, when: \"severity < 0.5\", command: [/no/such/pager]}\n");
  const Value telemetry = Value::object({{"severity", 0.9}});
  const auto none = detect(world.runtime, Value::object({{"severity", 0.5}}));
  REQUIRE(none.has_value());
  CHECK(*none->find("mode") == Value("primary_unavailable"));
  CHECK(world.warnings().empty());

  REQUIRE((*world.runtime.manager())->set_mode("heuristic").has_value());
  const auto found = detect(world.runtime, telemetry);
  REQUIRE(found.has_value());
  CHECK(*found->find("anomaly") == Value(true));
  REQUIRE(world.warnings().size() == 1);
  CHECK(world.warnings()[0].starts_with("action 'lost': "));
  std::size_t ran = 0;
  for (const Notice& notice : world.notices.kept()) ran += notice.what == "action 'page' was run";
  CHECK(ran == 1);
}

}  // namespace rz::runtime
