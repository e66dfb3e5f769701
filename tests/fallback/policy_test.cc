#include "rz/fallback/policy.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <limits>
#include <set>

#include "fallback/fallback_support.h"
#include "rz/base/text.h"
#include "rz/fallback/policy_variables.h"
#include "support/results.h"

namespace rz::fallback {
namespace {

Condition rule_condition(std::string_view text) {
  return ok(parse_condition(text, {.variables = policy_variables()}));
}

/// What the default rules look at, and what follows.
struct Row {
  std::int64_t failed;
  std::string circuit;
  double open_seconds;
  std::int64_t failures_1h;
  std::string resources;
  Mode mode;
  std::string reason;
};

HealthState state_of(const Row& row) {
  HealthState state = failed(row.failed);
  state.circuit_breaker.state = row.circuit;
  state.circuit_breaker.open_duration_seconds = row.open_seconds;
  state.retry.failures_1h = row.failures_1h;
  state.resources.overall = row.resources;
  return state;
}

TEST_CASE("the default policy") {
  const Row rows[] = {
      {0, "CLOSED", 0, 0, "healthy", Mode::primary, "recovered"},
      {0, "UNKNOWN", 0, 0, "unknown", Mode::primary, "recovered"},
      {1, "CLOSED", 0, 0, "healthy", Mode::primary, "recovered"},
      {2, "CLOSED", 0, 0, "healthy", Mode::safe, "multiple_failures(2)"},
      {17, "CLOSED", 0, 0, "healthy", Mode::safe, "multiple_failures(17)"},
      {0, "OPEN", 12.4, 0, "healthy", Mode::heuristic, "circuit_open(12s)"},
      {0, "OPEN", 0, 0, "healthy", Mode::heuristic, "circuit_open(0s)"},
      {0, "OPEN", 1234567.8, 0, "healthy", Mode::heuristic, "circuit_open(1234568s)"},
      {0, "HALF_OPEN", 12, 0, "healthy", Mode::primary, "recovered"},
      {0, "CLOSED", 12, 0, "healthy", Mode::primary, "recovered"},
      {0, "CLOSED", 0, 50, "healthy", Mode::primary, "recovered"},
      {0, "CLOSED", 0, 51, "healthy", Mode::heuristic, "high_retry_failures(51)"},
      {0, "CLOSED", 0, 0, "warning", Mode::primary, "recovered"},
      {0, "CLOSED", 0, 0, "critical", Mode::safe, "resources_critical"},
      {1, "OPEN", 3, 60, "warning", Mode::heuristic, "circuit_open(3s); high_retry_failures(60)"},
      {3, "OPEN", 3, 60, "critical", Mode::safe,
       "multiple_failures(3); resources_critical; circuit_open(3s); high_retry_failures(60)"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.reason);
    const Decision decision = ok(Policy().decide(state_of(row)));
    CHECK(decision.mode == row.mode);
    CHECK(decision.reason == row.reason);
  }
}

TEST_CASE("the thresholds move, and the rule of the resources can be left out") {
  const Policy policy({.failed_components = 1, .retry_failures = 0, .resources_critical = false});
  HealthState state;
  state.resources.overall = "critical";
  CHECK(ok(policy.decide(state)).mode == Mode::primary);
  state.retry.failures_1h = 1;
  CHECK(ok(policy.decide(state)).reason == "high_retry_failures(1)");
  CHECK(ok(policy.decide(failed(1))).reason == "multiple_failures(1)");
}

TEST_CASE("every rule says what it looked at and when it fires") {
  const Decision decision = ok(Policy().decide(circuit_open(12)));
  REQUIRE(decision.rules.size() == 4);
  const RuleVerdict& open = decision.rules[2];
  CHECK(open.name == "circuit_open");
  CHECK(open.fired);
  CHECK(open.mode == Mode::heuristic);
  CHECK(open.inputs == "circuit_state = \"OPEN\"");
  CHECK(open.limit == "circuit_state == \"OPEN\"");
  CHECK(open.reason == "circuit_open(12s)");
  const RuleVerdict& failures = decision.rules[0];
  CHECK_FALSE(failures.fired);
  CHECK(failures.inputs == "failed_components = 0");
  CHECK(failures.limit == "failed_components >= 2");
  CHECK(failures.reason.empty());
}

TEST_CASE("the limits that are told are conditions, and say what the default rules do") {
  CHECK(rc::check([] {
    HealthState state = failed(*rc::gen::inRange<std::int64_t>(0, 5));
    state.retry.failures_1h = *rc::gen::inRange<std::int64_t>(45, 55);
    state.circuit_breaker.state = *rc::gen::element<std::string>("OPEN", "CLOSED", "HALF_OPEN");
    state.resources.overall = *rc::gen::element<std::string>("healthy", "warning", "critical");
    const auto decision = Policy().decide(state);
    RC_ASSERT(decision.has_value());
    for (const RuleVerdict& rule : decision->rules) {
      const auto limit = parse_condition(rule.limit, {.variables = policy_variables()});
      RC_ASSERT(limit.has_value());
      const auto fires = limit->evaluate(policy_context(state));
      RC_ASSERT(fires.has_value());
      RC_ASSERT(*fires == rule.fired);
    }
  }));
}

TEST_CASE("rules of the config come after the default ones, and the worst mode wins") {
  const Policy policy(
      {}, {{"slow", rule_condition("failed_components >= 1 and failures_1h > 10"), Mode::heuristic},
           {"dark", rule_condition("cpu_percent > 95.5 or circuit_state == 'OPEN'"), Mode::safe}});
  HealthState state = failed(1);
  state.retry.failures_1h = 11;
  Decision decision = ok(policy.decide(state));
  CHECK(decision.mode == Mode::heuristic);
  CHECK(decision.reason == "rule(slow)");
  REQUIRE(decision.rules.size() == 6);
  CHECK(decision.rules[4].name == "rule(slow)");
  CHECK(decision.rules[4].inputs == "failed_components = 1, failures_1h = 11");
  CHECK(decision.rules[4].limit == "failed_components >= 1 and failures_1h > 10");
  CHECK_FALSE(decision.rules[5].fired);

  state.circuit_breaker.state = "OPEN";
  decision = ok(policy.decide(state));
  CHECK(decision.mode == Mode::safe);
  CHECK(decision.reason == "circuit_open(0s); rule(slow); rule(dark)");
}

TEST_CASE("a rule for primary makes nothing better") {
  const Policy policy({}, {{"fine", rule_condition("always"), Mode::primary}});
  const Decision decision = ok(policy.decide(failed(2)));
  CHECK(decision.mode == Mode::safe);
  CHECK(decision.reason == "multiple_failures(2); rule(fine)");
}

TEST_CASE("a rule that cannot be evaluated is an error that names it") {
  const Policy policy({},
                      {{"ratio", rule_condition("10 / total_components > 1"), Mode::heuristic}});
  const auto decision = policy.decide(kHealthy);
  CHECK(code_of(decision) == ErrorCode::invalid_argument);
  CHECK(message_of(decision).find("rule 'ratio': ") != std::string::npos);
}

TEST_CASE("a number that is none does not reach a rule in silence") {
  const Policy policy({}, {{"hot", rule_condition("cpu_percent > 90"), Mode::safe}});
  HealthState state;
  state.resources.cpu_percent = std::numeric_limits<double>::quiet_NaN();
  CHECK(code_of(policy.decide(state)) == ErrorCode::invalid_argument);
}

TEST_CASE("each variable has a value of its type") {
  HealthState state;
  state.system = {"degraded", 1, 2, 3, 10, 4};
  state.circuit_breaker = {true, "HALF_OPEN", 1.5, 7, 8, 9, 4};
  state.retry = {"ELEVATED", 10, 0.25, 40};
  state.resources = {true, "warning", "healthy", "critical", "critical", 81.5, 42.5, 97.5, 12.5};
  state.uptime_seconds = 3.5;
  const char* const held[] = {"failed_components == 3",
                              "degraded_components == 2",
                              "healthy_components == 1",
                              "unknown_components == 4",
                              "total_components == 10",
                              "failures_1h == 10",
                              "failure_rate == 0.25",
                              "total_attempts == 40",
                              "open_duration_seconds == 1.5",
                              "consecutive_failures == 4",
                              "cpu_percent == 81.5",
                              "cpu_pressure_percent == 12.5",
                              "memory_percent == 42.5",
                              "disk_percent == 97.5",
                              "uptime_seconds == 3.5",
                              "system_status == 'degraded'",
                              "circuit_state == 'HALF_OPEN'",
                              "retry_state == 'ELEVATED'",
                              "resources == 'critical'",
                              "cpu_status == 'warning'",
                              "memory_status == 'healthy'",
                              "disk_status == 'critical'",
                              "mode == 'primary'",
                              "dwell_seconds == 0"};
  std::set<std::string> named;
  for (const char* text : held) {
    CAPTURE(text);
    const Condition condition = rule_condition(text);
    CHECK(ok(condition.evaluate(policy_context(state))));
    named.insert(condition.variables()[0].name);
  }
  CHECK(named.size() == policy_variables().size());
}

TEST_CASE("a pressure that the kernel does not tell is 0 to a rule") {
  const Policy policy({}, {{"starved", rule_condition("cpu_pressure_percent >= 60"), Mode::safe}});
  HealthState state;
  CHECK_FALSE(state.resources.cpu_pressure_percent);
  CHECK(ok(policy.decide(state)).rules.back().inputs == "cpu_pressure_percent = 0.0");
  state.resources.cpu_pressure_percent = 60;
  CHECK(ok(policy.decide(state)).reason == "rule(starved)");
}

/// How many components are of each status, and whether the policy can tell.
struct Known {
  std::int64_t healthy, degraded, failed, unknown;
  bool decided;
};

HealthState state_of(const Known& known) {
  HealthState state;
  state.system.healthy_components = known.healthy;
  state.system.degraded_components = known.degraded;
  state.system.failed_components = known.failed;
  state.system.unknown_components = known.unknown;
  state.system.total_components = known.healthy + known.degraded + known.failed + known.unknown;
  return state;
}

TEST_CASE("nothing known is not a yes") {
  const Known rows[] = {{0, 0, 0, 0, true},  {1, 0, 0, 0, true},  {0, 0, 1, 0, true},
                        {0, 0, 0, 1, false}, {0, 0, 1, 3, false}, {1, 0, 0, 3, true},
                        {0, 1, 0, 3, true},  {0, 1, 1, 3, true},  {0, 0, 2, 3, true}};
  for (const Known& row : rows) {
    CAPTURE(row.failed);
    CAPTURE(row.unknown);
    CHECK(ok(Policy().decide(state_of(row))).undecided.empty() == row.decided);
  }
  CHECK(ok(Policy().decide(state_of(Known{0, 0, 1, 3, false}))).undecided ==
        "nothing is known of the components that have not failed (1 failed, 3 unknown)");
  CHECK(ok(Policy().decide(state_of(Known{0, 0, 0, 2, false}))).undecided ==
        "nothing is known of the system's components (2 unknown)");
}

TEST_CASE("a limit of unknown components holds whatever is known of the others") {
  PolicyOptions options;
  options.unknown_components = 1;
  CHECK(ok(Policy(options).decide(state_of(Known{0, 0, 0, 1, true}))).undecided.empty());
  CHECK(ok(Policy(options).decide(state_of(Known{9, 0, 0, 2, false}))).undecided ==
        "2 of the system's components are unknown, and fallback.policy.unknown_components allows "
        "1");
  options.unknown_components = 0;
  CHECK(ok(Policy(options).decide(state_of(Known{9, 0, 0, 1, false}))).undecided ==
        "1 of the system's components is unknown, and fallback.policy.unknown_components allows 0");
  // SAFE is the worst whatever the unknown ones are.
  CHECK(ok(Policy(options).decide(state_of(Known{0, 0, 2, 9, true}))).undecided.empty());
}

TEST_CASE("of a void run nothing follows, whatever the rules make of it") {
  HealthState state = failed(2);
  state.void_because = "this host could reach nothing";
  const Decision decision = ok(Policy().decide(state));
  CHECK(decision.is_void);
  CHECK(decision.undecided == "this host could reach nothing");
  CHECK(!ok(Policy().decide(failed(2))).is_void);
}

TEST_CASE(
    "where nothing counts nothing is known, and what does not count and is bad holds recovery") {
  const auto check = [](const char* name, HealthStatus status, const char* uncounted) {
    CheckResult result;
    result.name = name;
    result.status = status;
    result.uncounted = uncounted;
    return result;
  };
  HealthState state;
  state.health_checks = {check("db", HealthStatus::healthy, "in maintenance")};
  CHECK(ok(Policy().decide(state)).undecided ==
        "none of the system's components counts now (1 does not)");
  CHECK(ok(Policy().decide(state)).waits_for.empty());

  HealthState other = kHealthy;
  other.system.total_components = other.system.healthy_components = 1;
  other.health_checks = {check("db\x1b", HealthStatus::unhealthy, "in maintenance"),
                         check("web", HealthStatus::healthy, "")};
  const Decision decision = ok(Policy().decide(other));
  CHECK(decision.undecided.empty());
  CHECK(decision.waits_for ==
        "'db\\x1b' is unhealthy, although it does not count (in maintenance)");
  // One that `run_if` leaves out was not asked.
  other.health_checks[0].skipped = true;
  CHECK(ok(Policy().decide(other)).waits_for.empty());
  other.health_checks[0] = check("db", HealthStatus::unknown, "in maintenance");
  CHECK(ok(Policy().decide(other)).waits_for ==
        "'db' is unknown, although it does not count (in maintenance)");
  other.health_checks[0] = check("db", HealthStatus::degraded, "in maintenance");
  CHECK(ok(Policy().decide(other)).waits_for.empty());
}

TEST_CASE("the detail names who is not healthy and what they said, the worst first") {
  HealthState state = failed(2);
  state.system.problems = {{"pay", "failed", "queue is stuck"},
                           {"w\x1b[2J", "failed", "got 500,\nexpected 200"},
                           {"mail", "degraded", ""}};
  const Decision decision = ok(Policy().decide(state));
  CHECK(decision.reason == "multiple_failures(2)");
  CHECK(decision.detail ==
        R"(pay: queue is stuck; w\x1b[2J: got 500,\nexpected 200; mail: degraded)");
  CHECK(ok(Policy().decide(kHealthy)).detail.empty());
}

TEST_CASE("the detail has a bound, and says how many it leaves out") {
  HealthState state = failed(300);
  for (int i = 0; i < 300; ++i) {
    state.system.problems.push_back(
        {"c" + std::to_string(i) + std::string(1000, 'n'), "failed", std::string(100'000, 'm')});
  }
  const std::string detail = ok(Policy().decide(state)).detail;
  CHECK(detail.starts_with("c0nnn"));
  CHECK(detail.ends_with("; and 298 more"));
  CHECK(detail.find("c1nnn") != std::string::npos);
  CHECK(display_width(detail) <= kMaxDetail);
}

TEST_CASE("worse health never gives a better mode") {
  const Policy policy({}, {{"slow", rule_condition("failures_1h > 20"), Mode::heuristic},
                           {"dark", rule_condition("failed_components * 2 > 5"), Mode::safe}});
  const std::string circuits[] = {"CLOSED", "HALF_OPEN", "OPEN"};
  const std::string resources[] = {"healthy", "warning", "critical"};
  CHECK(rc::check([&] {
    const auto worse = [](std::int64_t than) { return *rc::gen::inRange<std::int64_t>(than, 100); };
    const auto step = [](std::size_t from) { return *rc::gen::inRange<std::size_t>(from, 3); };
    const std::int64_t failed_components = worse(0) % 6;
    const std::int64_t failures = worse(0);
    const std::size_t circuit = step(0);
    const std::size_t resource = step(0);
    const Row good{failed_components, circuits[circuit], 1, failures, resources[resource], {}, {}};
    const Row bad{failed_components + worse(0) % 3,
                  circuits[step(circuit)],
                  9,
                  worse(failures),
                  resources[step(resource)],
                  {},
                  {}};
    const auto from_good = policy.decide(state_of(good));
    const auto from_bad = policy.decide(state_of(bad));
    RC_ASSERT(from_good.has_value());
    RC_ASSERT(from_bad.has_value());
    RC_ASSERT(from_good->mode <= from_bad->mode);
    // A mode and its reason belong together.
    RC_ASSERT((from_bad->reason == "recovered") == (from_bad->mode == Mode::primary));
  }));
}

}  // namespace
}  // namespace rz::fallback
