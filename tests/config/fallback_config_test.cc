#include <doctest/doctest.h>

#include "reading.h"

namespace rz::config {

using testing::good;
using testing::wrong;

TEST_CASE("the fallback section fills the fallback's options") {
  const FallbackOptions options = good(R"(
fallback:
  policy: {failed_components: 3, retry_failures: 10, resources_critical: false}
  rules:
    - {name: slow, when: "failed_components >= 1 and failures_1h > 10", mode: safe}
    - {name: busy, when: cpu_percent > 90}
  recovery: {good_evaluations: 3, dwell: 5m, stepwise: true}
  callbacks:
    safe: {command: [page, "{to}"], timeout: 10s}
    primary: {command: [resolve]}
  actions:
    - {name: shed, when: "severity >= 0.8", command: [shed-load], timeout: 1s}
  detectors:
    primary: {command: [ml-detect, --fast]}
    heuristic: {when: severity >= 0.8 or recurrence_count >= 5}
  retention: 30d
  audit:
    max_transitions: 10
    max_degraded: 1h
    max_safe: 10m
    max_flaps: 3
    max_unknown: 2h
    slo: 99.5%
    window: 7d
    flap_window: 5m
    maintenance: [{start: "02:00", duration: 1h, every: [sun]}]
    timezone: Europe/Berlin
)")
                                      .fallback;
  CHECK(options.policy.failed_components == 3);
  CHECK(options.policy.retry_failures == 10);
  CHECK(!options.policy.resources_critical);
  CHECK(!options.policy.unknown_components);
  REQUIRE(options.rules.size() == 2);
  CHECK(options.rules[0].name == "slow");
  CHECK(options.rules[0].when.text() == "failed_components >= 1 and failures_1h > 10");
  CHECK(options.rules[0].mode == Mode::safe);
  CHECK(options.rules[1].mode == Mode::heuristic);
  CHECK(options.recovery.good_evaluations == 3);
  CHECK(options.recovery.dwell == Millis{300'000});
  CHECK(options.recovery.stepwise);
  REQUIRE(options.callbacks.size() == 2);
  CHECK(options.callbacks.at(Mode::safe).run.command == std::vector<std::string>{"page", "{to}"});
  CHECK(options.callbacks.at(Mode::safe).run.timeout == Millis{10'000});
  CHECK(options.callbacks.at(Mode::primary).run.timeout == Millis{30'000});
  REQUIRE(options.actions.size() == 1);
  CHECK(options.actions[0].name == "shed");
  CHECK(options.actions[0].when == "severity >= 0.8");
  CHECK(options.actions[0].run.command == std::vector<std::string>{"shed-load"});
  CHECK(options.actions[0].run.timeout == Millis{1'000});
  REQUIRE(options.primary_detector.command.has_value());
  CHECK(options.primary_detector.command->timeout == Millis{2'000});
  CHECK(!options.heuristic_detector.command.has_value());
  REQUIRE(options.heuristic_detector.when.has_value());
  CHECK(options.retention == std::chrono::hours{24 * 30});
  CHECK(options.audit.max_transitions == 10);
  CHECK(options.audit.max_degraded == Millis{3'600'000});
  CHECK(options.audit.max_safe == Millis{600'000});
  CHECK(options.audit.max_flaps == 3);
  CHECK(options.audit.max_unknown == std::chrono::hours{2});
  CHECK(*options.audit.slo == doctest::Approx(99.5));
  CHECK(options.audit.window == std::chrono::hours{24 * 7});
  CHECK(options.audit.flap_window == std::chrono::minutes{5});
  REQUIRE(options.audit.maintenance.size() == 1);
  CHECK(options.audit.maintenance[0].days == std::vector<int>{0});
  CHECK(options.audit.timezone == "Europe/Berlin");
}

TEST_CASE("the limit of unknown components is an integer or the word all") {
  const auto limit = [](const std::string& text) {
    return good("fallback: {policy: {unknown_components: " + text + "}}")
        .fallback.policy.unknown_components;
  };
  CHECK(limit("0") == 0);
  CHECK(limit("3") == 3);
  CHECK_FALSE(limit("all"));
  CHECK_FALSE(limit("\"all\""));
  CHECK(wrong("fallback: {policy: {unknown_components: some}}") ==
        "rz.yaml:1:41: fallback.policy.unknown_components: expected an integer or 'all', got the "
        "text 'some'");
  CHECK(wrong("fallback: {policy: {unknown_components: -1}}") ==
        "rz.yaml:1:41: fallback.policy.unknown_components: -1 is not from 0 to 1000000000");
}

TEST_CASE("without a word there are no limits, no callbacks and no detectors") {
  const FallbackOptions options = good("").fallback;
  CHECK(options.callbacks.empty());
  CHECK(!options.primary_detector.command.has_value());
  CHECK(!options.heuristic_detector.when.has_value());
  CHECK(!options.audit.max_transitions.has_value());
  CHECK(!options.audit.max_degraded.has_value());
}

TEST_CASE("a detector of the heuristic mode may be a program") {
  const auto detector = [](const std::string& text) {
    return "fallback: {detectors: {heuristic: " + text + "}}";
  };
  CHECK(
      good(detector("{command: [x], timeout: 3s}")).fallback.heuristic_detector.command->timeout ==
      Millis{3'000});
  const std::string needs_one =
      "rz.yaml:1:35: fallback.detectors.heuristic: the heuristic detector "
      "needs one of 'when' and 'command'";
  CHECK(wrong(detector("{timeout: 3s}")) == needs_one);
  CHECK(wrong(detector("{when: severity > 1, command: [x]}")) == needs_one);
  CHECK(wrong("fallback: {detectors: {primary: {when: severity > 1}}}") ==
        "rz.yaml:1:33: fallback.detectors.primary: the primary detector needs 'command'\n"
        "rz.yaml:1:34: unknown key 'when' in fallback.detectors.primary; it belongs under "
        "'fallback.detectors.heuristic'");
}

TEST_CASE("an objective that leaves no budget, or asks for nothing, is refused") {
  const std::string wrong_slo =
      "must be above 0% and below 100%, since 100% leaves no error budget; write it like 99.9%";
  CHECK(wrong("fallback: {audit: {slo: 100%}}").find(wrong_slo) != std::string::npos);
  CHECK(wrong("fallback: {audit: {slo: 0%}}").find(wrong_slo) != std::string::npos);
  CHECK(wrong("fallback: {audit: {timezone: Berlin}}").find("is not a time zone") !=
        std::string::npos);
}

TEST_CASE("a name to vote in can be read by people") {
  CHECK(wrong("fallback: {votes: {voter: \" \"}}")
            .ends_with("fallback.votes.voter: holds nothing but spaces"));
  CHECK(wrong("fallback: {votes: {voter: \"a\\tb\"}}")
            .ends_with("fallback.votes.voter: holds characters that cannot be printed"));
}

TEST_CASE("conditions that are hardly meant are warned of") {
  const Config config = good(R"(fallback:
  rules:
    - {name: a, when: failed_components / 0 > 1}
    - name: b
      when: failed_components > 3 and failed_components < 2
    - {name: c, when: failed_components > 3}
  actions:
    - {name: d, when: severity >= 0 or true, command: [/bin/true]}
  detectors:
    heuristic: {when: severity > 1 and severity < 1}
)");
  std::string told;
  for (const std::string& warning : config.notices.warnings()) {
    told += warning.substr(0, warning.find('\n')) + "\n";
  }
  CHECK(told ==
        "rz.yaml:3:23: fallback.rules[0].when: this fails whatever the values are: division by "
        "zero\n"
        "rz.yaml:5:13: fallback.rules[1].when: the condition can never be true\n"
        "rz.yaml:8:23: fallback.actions[0].when: the condition is always true\n"
        "rz.yaml:10:23: fallback.detectors.heuristic.when: the condition can never be true\n");
}

TEST_CASE("a word that a variable of the policy never holds is warned of") {
  const auto warned = [](const std::string& when) {
    const Config config = good("fallback: {rules: [{name: a, when: '" + when + "'}]}");
    std::string told;
    for (const std::string& warning : config.notices.warnings()) {
      told += warning.substr(0, warning.find('\n')) + "\n";
    }
    return told;
  };
  for (const char* when : {R"(resources == "critical")", R"(circuit_state in ["OPEN", "CLOSED"])",
                           R"("STABLE" != retry_state)", R"(system_status not in ["failed"])"}) {
    CHECK(warned(when) == "");
  }
  CHECK(
      warned(R"(resources == "CRITICAL")") ==
      "rz.yaml:1:50: fallback.rules[0].when: resources is never this value; it is one of unknown, "
      "healthy, warning, critical; did you mean 'critical'?\n");
  CHECK(
      warned(R"("open" == circuit_state or retry_state in ["STABLE", "bad"])") ==
      "rz.yaml:1:37: fallback.rules[0].when: circuit_state is never this value; it is one of "
      "CLOSED, "
      "OPEN, HALF_OPEN, UNKNOWN; did you mean 'OPEN'?\n"
      "rz.yaml:1:90: fallback.rules[0].when: retry_state is never this value; it is one of STABLE, "
      "ELEVATED, CRITICAL\n");
}

TEST_CASE("a variable that a rule cannot have is refused, with the nearest") {
  CHECK(wrong("fallback: {rules: [{name: a, when: failed_component > 1}]}") ==
        "rz.yaml:1:36: fallback.rules[0].when: unknown variable 'failed_component'; did you mean "
        "'failed_components'?\n  failed_component > 1\n  ^~~~~~~~~~~~~~~~");
}

TEST_CASE("rules and actions that say nothing, or the same, are refused") {
  CHECK(wrong("fallback: {rules: [{}]}") ==
        "rz.yaml:1:20: fallback.rules[0]: a rule needs 'name'\n"
        "rz.yaml:1:20: fallback.rules[0]: a rule needs 'when'");
  CHECK(wrong("fallback: {actions: [{name: a}]}") ==
        "rz.yaml:1:22: fallback.actions[0]: an action needs 'when'\n"
        "rz.yaml:1:22: fallback.actions[0]: an action needs 'command'");
  CHECK(wrong("fallback: {rules: [{name: a, when: always}, {name: a, when: always}]}") ==
        "rz.yaml:1:52: fallback.rules[1].name: is the name of another one");
  CHECK(wrong("fallback: {rules: [{name: a, when: always, mode: primary}]}") ==
        "rz.yaml:1:50: fallback.rules[0].mode: expected heuristic or safe, got the text 'primary'");
  CHECK(wrong("fallback: {rules: [{name: a, when: 5}]}").starts_with("rz.yaml:1:36: "));
  CHECK(wrong("fallback: {rules: [{name: a, when: [x]}]}") ==
        "rz.yaml:1:36: fallback.rules[0].when: expected a condition, got a list");
  CHECK(wrong("fallback: {callbacks: {saf: {command: [x]}}}") ==
        "rz.yaml:1:24: unknown key 'saf' in fallback.callbacks; did you mean 'safe'?");
  CHECK(wrong("fallback: {callbacks: {safe: {}}}") ==
        "rz.yaml:1:30: fallback.callbacks.safe: a callback needs 'command'");
}

}  // namespace rz::config
