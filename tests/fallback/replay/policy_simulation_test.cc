#include "rz/fallback/replay/policy_simulation.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "fallback/fallback_support.h"
#include "fallback/fleet.h"
#include "rz/fallback/policy_variables.h"
#include "rz/fallback/replay/replay_states.h"
#include "support/results.h"
#include "support/text_source.h"

namespace rz::fallback {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

std::string lines_of(const std::vector<StateRecord>& records) {
  std::string text;
  for (const StateRecord& each : records) text += encode(each) + "\n";
  return text;
}

HealthState state_for(Mode mode) {
  if (mode == Mode::safe) return failed(2);
  return mode == Mode::heuristic ? circuit_open(1) : kHealthy;
}

std::string modes_of(const std::vector<Transition>& transitions) {
  std::string text;
  for (const Transition& each : transitions) {
    text += std::to_string((each.timestamp - at(0)).count() / 1'000'000) + ">" +
            to_string(each.to) + " ";
  }
  return text;
}

FallbackOptions random_options() {
  FallbackOptions options;
  options.votes.quorum = *rc::gen::inRange(1, 3);
  options.votes.ttl = seconds{*rc::gen::inRange(10, 200)};
  options.recovery.good_evaluations = *rc::gen::inRange(1, 4);
  options.recovery.window = seconds{*rc::gen::element(0, 0, 60)};
  options.recovery.dwell = seconds{*rc::gen::element(0, 30)};
  options.recovery.dwell_max = options.recovery.dwell * *rc::gen::element(0, 8);
  options.recovery.stepwise = *rc::gen::arbitrary<bool>();
  if (*rc::gen::arbitrary<bool>()) options.flapping = FlappingOptions{};
  if (*rc::gen::arbitrary<bool>()) {
    const auto when =
        parse_condition("cpu_percent > 50 and mode != \"safe\"", {.variables = policy_variables()});
    options.rules.push_back({"hot", *when, Mode::heuristic, seconds{40}});
  }
  return options;
}

TEST_CASE("a replay is what hosts that decided in earnest would have done") {
  CHECK(rc::check([] {
    const FallbackOptions options = random_options();
    FleetInMemory real({.policy = Policy(options.policy, options.rules),
                        .recovery = options.recovery,
                        .votes = options.votes,
                        .flapping = options.flapping});
    std::vector<StateRecord> records;
    std::vector<Mode> answers;
    const int steps = *rc::gen::inRange(0, 80);
    for (int i = 0; i < steps; ++i) {
      real.clock.advance(seconds{*rc::gen::inRange(1, 40)});
      const std::string host(1, *rc::gen::element('a', 'b', 'c'));
      HealthState state =
          state_for(static_cast<Mode>(*rc::gen::weightedElement<int>({{6, 0}, {2, 1}, {2, 2}})));
      state.resources.cpu_percent = *rc::gen::element(10.0, 90.0);
      if (*rc::gen::inRange(0, 10) == 0) state.complete = false;
      if (*rc::gen::inRange(0, 20) == 0) state.void_because = "no network";
      const auto outcome = real.fleet.host(host).cascade(state);
      RC_ASSERT(outcome.has_value());
      records.push_back({real.clock.now(), host, std::move(state)});
    }
    std::vector<PolicySimulation> policies(1, PolicySimulation(options));
    TextSource source(lines_of(records));
    const auto replayed = replay_states(source, "states", policies);
    RC_ASSERT(replayed.has_value());
    RC_ASSERT(replayed->states == steps);
    std::vector<Transition> expected = real.fleet.log();
    const SimulatedHistory history = policies[0].history();
    RC_ASSERT(history.transitions == static_cast<std::int64_t>(expected.size()));
    if (expected.size() > kShownTransitions) {
      expected.erase(expected.begin(), expected.end() - kShownTransitions);
    }
    RC_ASSERT(modes_of(history.newest) == modes_of(expected));
    const Micros all = history.time_in[0] + history.time_in[1] + history.time_in[2];
    const Micros span = steps == 0 ? Micros{0} : records.back().at - records.front().at;
    RC_ASSERT(all == span);
  }));
}

TEST_CASE("a candidate is compared with the policy in force, on the same states") {
  std::vector<StateRecord> records;
  for (int minute = 0; minute < 10; ++minute) {
    records.push_back({at(60 * minute), "a", minute % 2 == 0 ? failed(2) : kHealthy});
  }
  FallbackOptions slow;
  slow.recovery.window = minutes{30};
  std::vector<PolicySimulation> policies;
  policies.emplace_back(FallbackOptions{});
  policies.emplace_back(slow);
  TextSource source(lines_of(records) + "\n\r\n", 7);
  const ReplayedStates replayed = ok(replay_states(source, "states", policies));
  CHECK(replayed.states == 10);
  CHECK(replayed.since == at(0));
  CHECK(replayed.until == at(540));
  CHECK(policies[0].history().transitions == 10);
  CHECK(policies[0].history().time_in[2] == minutes{5});
  CHECK(policies[1].history().transitions == 1);
  CHECK(policies[1].history().time_in[2] == minutes{9});
  CHECK(policies[1].history().newest[0].reason == "multiple_failures(2)");
}

TEST_CASE("a line that is wrong is named, and so is a rule that fails") {
  std::vector<PolicySimulation> policies(1, PolicySimulation(FallbackOptions{}));
  TextSource source(lines_of({{at(0), "a", kHealthy}}) + "{\"at\":\"never\"}\n");
  CHECK(error_of(replay_states(source, "states.ndjson", policies)).where == "states.ndjson:2");

  FallbackOptions ratio;
  ratio.rules.push_back({"ratio", ok(parse_condition("10 / total_components > 1",
                                                     {.variables = policy_variables()}))});
  std::vector<PolicySimulation> failing(1, PolicySimulation(ratio));
  TextSource one(lines_of({{at(0), "a", kHealthy}}));
  CHECK(error_of(replay_states(one, "s", failing)).where == "s:1");
}

TEST_CASE("rules that ask for checks are asked of every state") {
  FallbackOptions options;
  const std::vector<std::string> checks{"api"};
  options.rules.push_back({"api", ok(parse_condition("`check.api` == \"unhealthy\"",
                                                     {.variables = policy_variables(checks)}))});
  std::vector<PolicySimulation> policies(1, PolicySimulation(options));
  HealthState state;
  CheckResult check;
  check.name = "api";
  check.status = HealthStatus::unhealthy;
  state.health_checks.push_back(check);
  TextSource source(
      lines_of({{at(0), "a", kHealthy}, {at(1), "a", state}, {at(2), "a", kHealthy}}));
  ok(replay_states(source, "s", policies));
  CHECK(policies[0].history().transitions == 2);
}

}  // namespace
}  // namespace rz::fallback
