#include "rz/fallback/rule_clock.h"

#include <doctest/doctest.h>

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "fallback/fallback_support.h"
#include "rz/fallback/policy_variables.h"
#include "support/results.h"

namespace rz::fallback {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

/// A rule, and a host that evaluates it.
struct RuleClockFixture {
  RuleOptions rule{"slow", condition("failed_components >= 1"), Mode::heuristic, minutes{2}, {}};
  std::map<std::string, RuleMemory> memory{};
  std::optional<TimePoint> before{};
  std::vector<std::string> warnings{};
  std::string waits{};
  RuleVerdict verdict{};

  static Condition condition(const std::string& text) {
    return ok(parse_condition(text, {.variables = policy_variables()}));
  }

  bool fires(TimePoint now, bool holds, bool ends = false) {
    RuleInputs inputs{.now = now, .evaluated_before = before, .gap = minutes{5}, .memory = memory};
    verdict = {};
    verdict.turned_by = rule.when.text();
    verdict.turned_to = !holds;
    settle_rule(rule, holds, ends, inputs, verdict);
    before = now;
    warnings = inputs.warnings;
    waits = verdict.waits;
    return verdict.fired;
  }
};

TEST_CASE_FIXTURE(RuleClockFixture,
                  "it fires once its condition held in every evaluation for so long") {
  CHECK_FALSE(fires(at(0), true));
  CHECK(waits == "for 2m: 2m left");
  CHECK_FALSE(fires(at(60), true));
  CHECK_FALSE(fires(at(119), true));
  CHECK(waits == "for 2m: 1s left");
  CHECK(fires(at(120), true));
  CHECK(waits == "");
  CHECK(fires(at(180), true));
  CHECK_FALSE(fires(at(240), false));
  CHECK(memory.empty());
  CHECK_FALSE(fires(at(300), true));
}

TEST_CASE_FIXTURE(RuleClockFixture, "one evaluation in which it does not hold begins anew") {
  fires(at(0), true);
  CHECK_FALSE(fires(at(119), false));
  CHECK_FALSE(fires(at(120), true));
  CHECK_FALSE(fires(at(239), true));
  CHECK(fires(at(240), true));
}

TEST_CASE_FIXTURE(RuleClockFixture, "so does a gap in which nobody looked, which is told") {
  fires(at(0), true);
  CHECK_FALSE(fires(at(301), true));
  REQUIRE(warnings.size() == 1);
  CHECK(warnings[0].starts_with(
      "rule 'slow' counts its time anew: this host has not evaluated for "));
  // One that is as long as the rule asks for, or as a vote stands, does not.
  CHECK(fires(at(601), true));
  CHECK(warnings.empty());
  rule.lasting = minutes{10};
  CHECK_FALSE(fires(at(900), true));
  CHECK(fires(at(1500), true));
}

TEST_CASE_FIXTURE(RuleClockFixture,
                  "a clock that goes back begins anew, and one that jumps ahead is a gap") {
  fires(at(1000), true);
  CHECK_FALSE(fires(at(0), true));
  CHECK_FALSE(fires(at(119), true));
  CHECK(fires(at(120), true));
  CHECK_FALSE(fires(at(1'000'000), true));
}

TEST_CASE_FIXTURE(RuleClockFixture,
                  "with an until it goes on until that holds and its condition does not") {
  rule.lasting = Millis{0};
  rule.until = condition("failed_components == 0");
  CHECK_FALSE(fires(at(0), false, true));
  CHECK(memory.empty());
  CHECK(fires(at(1), true));
  CHECK(fires(at(2), false, false));
  CHECK(waits == "until failed_components == 0");
  // Both hold: what calls for the worse mode counts.
  CHECK(fires(at(3), true, true));
  CHECK(fires(at(4), false, false));
  CHECK_FALSE(fires(at(5), false, true));
  CHECK(memory.empty());
  CHECK_FALSE(fires(at(6), false, false));
}

TEST_CASE_FIXTURE(RuleClockFixture,
                  "a rule with both fires after the one and goes on until the other") {
  rule.until = condition("failed_components == 0");
  CHECK_FALSE(fires(at(0), true));
  CHECK_FALSE(fires(at(60), false, false));
  CHECK_FALSE(fires(at(120), true));
  CHECK(fires(at(240), true));
  CHECK(fires(at(241), false, false));
  // It fires still, and its clock began anew.
  CHECK(fires(at(242), true, false));
  CHECK_FALSE(fires(at(243), false, true));
}

TEST_CASE_FIXTURE(RuleClockFixture,
                  "a rule with neither fires while its condition holds, and is not remembered") {
  rule.lasting = Millis{0};
  CHECK(fires(at(0), true));
  CHECK_FALSE(fires(at(1), false));
  CHECK(memory.empty());
}

// Whatever the rule and its past are: the other answer of the condition that is named turns it, and
// where none is named neither alone does.
TEST_CASE_FIXTURE(RuleClockFixture, "what would turn a rule alone is said, and nothing else") {
  int named = 0;
  for (int kind = 0; kind < 4; ++kind) {
    rule.lasting = kind % 2 == 0 ? Millis{0} : Millis{minutes{2}};
    rule.until.reset();
    if (kind >= 2) rule.until = condition("failed_components == 0");
    for (int past = 0; past < 1 << 8; ++past) {
      memory.clear();
      before.reset();
      bool holds = false;
      bool ends = false;
      std::map<std::string, RuleMemory> earlier;
      for (int i = 0; i < 4; ++i) {
        holds = (past >> (2 * i) & 1) != 0;
        ends = rule.until && (past >> (2 * i + 1) & 1) != 0;
        earlier = memory;
        fires(at(100 * i), holds, ends);
      }
      const RuleVerdict found = verdict;
      const auto anew = [&](bool other_holds, bool other_ends) {
        memory = earlier;
        before = at(200);
        return fires(at(300), other_holds, other_ends);
      };
      CAPTURE(kind);
      CAPTURE(past);
      const bool by_when = anew(!holds, ends) != found.fired;
      const bool by_until = rule.until && anew(holds, !ends) != found.fired;
      CHECK((found.turned_by == rule.when.text()) == by_when);
      const bool named_until = rule.until && found.turned_by == rule.until->text();
      CHECK(named_until == (by_until && !by_when));
      if (by_when) CHECK(found.turned_to == !holds);
      if (named_until) CHECK(found.turned_to == !ends);
      named += by_when || by_until;
    }
  }
  CHECK(named > 0);
}

TEST_CASE(
    "a policy forgets rules that it does not have, and asks each rule once the mode is known") {
  const std::vector<std::string> checks{"api", "db \"1\""};
  const auto when = [&](const char* text) {
    return ok(parse_condition(text, {.variables = policy_variables(checks)}));
  };
  const Policy policy(
      {}, {{"in safe", when("mode == \"safe\" and dwell_seconds >= 90"), Mode::heuristic},
           {"api", when("`check.api` == \"degraded\""), Mode::safe},
           {"never run", when("`check.db \"1\"` == \"unknown\""), Mode::heuristic}});
  std::map<std::string, RuleMemory> memory{{"gone", {at(0), true}}};
  RuleInputs inputs{
      .mode = Mode::safe, .time_in_mode = seconds{90}, .now = at(0), .memory = memory};
  HealthState state;
  CheckResult result;
  result.name = "api";
  result.status = HealthStatus::degraded;
  state.health_checks.push_back(result);
  const Decision decision = ok(policy.decide(state, inputs));
  CHECK(decision.mode == Mode::safe);
  CHECK(decision.reason == "rule(in safe); rule(api); rule(never run)");
  CHECK(decision.rules[5].inputs == "check.api = \"degraded\"");
  CHECK(memory.empty());
  inputs.time_in_mode = seconds{89};
  CHECK(ok(policy.decide(state, inputs)).reason == "rule(api); rule(never run)");
}

}  // namespace
}  // namespace rz::fallback
