#include "rz/fallback/replay/policy_simulation.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cstddef>
#include <deque>
#include <span>
#include <string>
#include <string_view>
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

Result<ReplayedStates> replayed_from(TextSource source, std::span<PolicySimulation> policies,
                                     std::string_view scope = {}) {
  const StateSource sources[] = {{&source, "states"}};
  return replay_states(sources, scope, policies);
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
      records.push_back({real.clock.now(), host, {}, std::move(state)});
    }
    std::vector<PolicySimulation> policies(1, PolicySimulation(options));
    const auto replayed = replayed_from(TextSource(lines_of(records)), policies);
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
    records.push_back({at(60 * minute), "a", {}, minute % 2 == 0 ? failed(2) : kHealthy});
  }
  FallbackOptions slow;
  slow.recovery.window = minutes{30};
  std::vector<PolicySimulation> policies;
  policies.emplace_back(FallbackOptions{});
  policies.emplace_back(slow);
  const ReplayedStates replayed =
      ok(replayed_from(TextSource(lines_of(records) + "\n\r\n", 7), policies));
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
  const std::string good = lines_of({{at(0), "a", {}, kHealthy}});
  for (const std::string& wrong : {std::string("{\"at\":\"never\"}"), good.substr(0, 300),
                                   good.substr(0, good.size() - 1) + ","}) {
    CAPTURE(wrong);
    const auto replayed = replayed_from(TextSource(good + wrong + "\n" + good), policies);
    CHECK(error_of(replayed).where == "states:2");
  }

  FallbackOptions ratio;
  ratio.rules.push_back({"ratio", ok(parse_condition("10 / total_components > 1",
                                                     {.variables = policy_variables()}))});
  std::vector<PolicySimulation> failing(1, PolicySimulation(ratio));
  CHECK(error_of(replayed_from(TextSource(good), failing)).where == "states:1");
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
  ok(replayed_from(
      TextSource(lines_of(
          {{at(0), "a", {}, kHealthy}, {at(1), "a", {}, state}, {at(2), "a", {}, kHealthy}})),
      policies));
  CHECK(policies[0].history().transitions == 2);
}

/// What a replay of `texts`, a source each, makes of the mode.
struct Outcome {
  ReplayedStates replayed;
  std::string modes;
};

Result<Outcome> outcome_of(const std::vector<std::string>& texts, std::string_view scope = {}) {
  std::deque<TextSource> bytes;
  std::vector<StateSource> sources;
  for (const std::string& text : texts) {
    sources.push_back({&bytes.emplace_back(text, 1000), "f" + std::to_string(sources.size())});
  }
  std::vector<PolicySimulation> policies(1, PolicySimulation(FallbackOptions{}));
  const auto replayed = replay_states(sources, scope, policies);
  if (!replayed) return fail(replayed.error());
  return Outcome{*replayed, modes_of(policies[0].history().newest)};
}

std::vector<StateRecord> evaluations(const std::string& host, int first, int count, int bad) {
  std::vector<StateRecord> records;
  for (int i = first; i < first + count; ++i) {
    records.push_back({at(10 * i), host, {}, i == bad ? failed(2) : kHealthy});
  }
  return records;
}

TEST_CASE("the files of several hosts are replayed as one, by time") {
  const std::string a = lines_of(evaluations("a", 0, 3000, 1500));
  const std::string b = lines_of(evaluations("b", 100, 200, 250));
  const std::string expected = "2500>safe 2510>primary 15000>safe 15010>primary ";
  for (const auto& texts :
       {std::vector{a, b}, std::vector{b, a}, std::vector{b, a, std::string()}}) {
    const Outcome merged = ok(outcome_of(texts));
    CHECK(merged.modes == expected);
    CHECK(merged.replayed.states == 3200);
    CHECK(merged.replayed.since == at(0));
    CHECK(merged.replayed.until == at(29990));
  }
  // One behind the other in one file would be another history.
  const Error refused = error_of(outcome_of({a + b}));
  CHECK(refused.where == "f0:3001");
  CHECK(refused.message.find("LC_ALL=C sort") != std::string::npos);
}

TEST_CASE("what is a little out of order in a file is put in order") {
  std::vector<StateRecord> records = evaluations("a", 0, 3000, 1500);
  const std::string expected = ok(outcome_of({lines_of(records)})).modes;
  for (std::size_t i = 0; i + 8 <= records.size(); i += 8) {
    std::reverse(records.begin() + static_cast<std::ptrdiff_t>(i),
                 records.begin() + static_cast<std::ptrdiff_t>(i + 8));
  }
  const Outcome outcome = ok(outcome_of({lines_of(records)}));
  CHECK(outcome.modes == expected);
  CHECK(outcome.replayed.since == at(0));
  // As far as it may be, and by one line more.
  records = evaluations("a", 1, static_cast<int>(kReorderedStates) - 1, 500);
  const std::string first = lines_of(evaluations("a", 0, 1, 0));
  CHECK(ok(outcome_of({lines_of(records) + first})).modes ==
        "0>safe 10>primary 5000>safe 5010>primary ");
  records.push_back(records.back());
  CHECK(error_of(outcome_of({lines_of(records) + first})).where ==
        "f0:" + std::to_string(kReorderedStates + 1));
}

TEST_CASE("the states of other scopes are left out, and counted") {
  std::vector<StateRecord> records = evaluations("a", 0, 10, 3);
  for (StateRecord& each : evaluations("a", 20, 5, 22)) {
    each.scope = "payments";
    records.push_back(each);
  }
  const std::string text = lines_of(records);
  const Outcome whole = ok(outcome_of({text}));
  CHECK(whole.modes == "30>safe 40>primary ");
  CHECK(whole.replayed.states == 10);
  CHECK(whole.replayed.of_other_scopes == 5);
  CHECK(whole.replayed.until == at(90));
  const Outcome payments = ok(outcome_of({text}, "payments"));
  CHECK(payments.modes == "220>safe 230>primary ");
  CHECK(payments.replayed.of_other_scopes == 10);
  CHECK(payments.replayed.since == at(200));
  // Wrong is wrong, whosever it is.
  const std::string cut = text.substr(0, text.size() - 2) + "\n";
  CHECK(error_of(outcome_of({cut})).where == "f0:15");
}

TEST_CASE("long lines find room, and one that is too long is named") {
  std::vector<StateRecord> records = evaluations("a", 0, 30, 3);
  for (StateRecord& each : records) each.state.void_because = std::string(1 << 20, 'x');
  records[20].state.void_because = std::string(7 << 20, 'x');
  CHECK(ok(outcome_of({lines_of(records)})).replayed.states == 30);
  records[20].state.void_because = std::string(9 << 20, 'x');
  CHECK(error_of(outcome_of({lines_of(records)})).where == "f0:21");
}

}  // namespace
}  // namespace rz::fallback
