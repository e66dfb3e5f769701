#include <array>
#include <set>

#include "rz/base/text.h"
#include "rz/config/sections.h"
#include "rz/fallback/placeholder.h"
#include "rz/fallback/policy.h"
#include "rz/health/health_state.h"

namespace rz {
namespace {

constexpr std::int64_t kMaxCount = 1'000'000'000;
constexpr Range<Millis> kSpanRange = {Millis{0}, std::chrono::hours{24 * 3650}};
constexpr std::array<Mode, 3> kModes = {Mode::primary, Mode::heuristic, Mode::safe};
constexpr std::array<Choice<Mode>, 2> kRuleModes = {
    {{"heuristic", Mode::heuristic}, {"safe", Mode::safe}}};

void read_policy(MapReader& map, PolicyOptions& options) {
  map.integer("failed_components", options.failed_components, {1, kMaxCount});
  map.integer("retry_failures", options.retry_failures, {0, kMaxCount});
  map.boolean("resources_critical", options.resources_critical);
  map.limit("unknown_components", "all", options.unknown_components, {0, kMaxCount});
}

/// A name that is given, not empty, and not taken.
std::string read_name(MapReader& map, std::string_view what, std::set<std::string>& taken) {
  std::string name;
  map.require("name", what);
  if (!map.text("name", name)) return name;
  if (name.empty() || printable(name) != name) {
    map.error("name", name.empty() ? "is empty" : "holds characters that cannot be printed");
  } else if (!taken.insert(name).second) {
    map.error("name", "is the name of another one");
  }
  return name;
}

// A rule that asks for `resources == "CRITICAL"` never holds.
cond::KnownWords policy_words() {
  const auto strings = [](std::span<const std::string_view> words) {
    return std::vector<std::string>(words.begin(), words.end());
  };
  return {{"system_status", strings(kSystemWords)},
          {"circuit_state", strings(kCircuitWords)},
          {"retry_state", strings(kRetryWords)},
          {"resources", strings(kResourceWords)}};
}

void read_rules(MapReader& map, std::vector<RuleOptions>& rules, std::size_t max_tokens) {
  const ConditionOptions conditions{policy_variables(), max_tokens};
  const cond::KnownWords words = policy_words();
  std::set<std::string> names;
  map.list("rules", [&](MapReader& item) {
    std::string name = read_name(item, "a rule", names);
    item.require("when", "a rule");
    auto when = item.condition("when", conditions, words);
    Mode mode = Mode::heuristic;
    item.choice("mode", mode, std::span<const Choice<Mode>>(kRuleModes));
    if (when) rules.push_back({std::move(name), *std::move(when), mode});
  });
}

void read_recovery(MapReader& map, RecoveryOptions& options) {
  map.integer("good_evaluations", options.good_evaluations, {1, 1'000'000});
  map.duration("dwell", options.dwell, kSpanRange);
  map.boolean("stepwise", options.stepwise);
}

void read_command(MapReader& map, CommandOptions& options, std::string_view what) {
  map.require("command", what);
  map.command("command", options.command);
  map.duration("timeout", options.timeout, kTimeoutRange);
}

// What is not a placeholder would reach the program as it stands.
void refuse_unknown_placeholders(MapReader& map, const std::vector<std::string>& command) {
  const std::vector<std::string> known(placeholder_names().begin(), placeholder_names().end());
  for (const std::string& argument : command) {
    const auto word = unknown_placeholder(argument);
    if (!word) continue;
    const std::string near = suggestion(*word, known);
    const std::string message = "unknown placeholder '{" + *word + "}'";
    return map.value_error("command",
                           message + (near.empty() ? "; there are " + join(known, ", ") : near),
                           "holds an unknown placeholder");
  }
}

void read_callbacks(MapReader& map, std::map<Mode, CallbackOptions>& callbacks) {
  for (Mode mode : kModes) {
    map.optional_mapping(to_string(mode), [&](MapReader& callback) {
      CallbackOptions& options = callbacks[mode];
      read_command(callback, options.run, "a callback");
      callback.integer("attempts", options.attempts, {1, 1000});
      callback.duration("max_age", options.max_age, {std::chrono::seconds{1}, kSpanRange.max});
      refuse_unknown_placeholders(callback, options.run.command);
    });
  }
}

void read_actions(MapReader& map, std::vector<ActionOptions>& actions,
                  const ConditionOptions& conditions) {
  std::set<std::string> names;
  map.list("actions", [&](MapReader& item) {
    ActionOptions action;
    action.name = read_name(item, "an action", names);
    item.require("when", "an action");
    if (const auto when = item.condition("when", conditions)) action.when = when->text();
    read_command(item, action.run, "an action");
    actions.push_back(std::move(action));
  });
}

// A detector answers for one record, so it gets less time than a callback.
CommandOptions detector_command() { return {{}, std::chrono::seconds{2}}; }

void read_detectors(MapReader& map, FallbackOptions& options, const ConditionOptions& conditions) {
  map.optional_mapping("primary", [&](MapReader& primary) {
    options.primary_detector.command = detector_command();
    read_command(primary, *options.primary_detector.command, "the primary detector");
  });
  map.optional_mapping("heuristic", [&](MapReader& heuristic) {
    options.heuristic_detector.when = heuristic.condition("when", conditions);
    CommandOptions command = detector_command();
    heuristic.command("command", command.command);
    heuristic.duration("timeout", command.timeout, kTimeoutRange);
    const bool has_command = heuristic.has("command");
    if (has_command) options.heuristic_detector.command = std::move(command);
    if (has_command == heuristic.has("when")) {
      heuristic.reader().error(heuristic.place(),
                               heuristic.path() +
                                   ": the heuristic detector needs one of 'when' "
                                   "and 'command'");
    }
  });
}

void read_audit(MapReader& map, AuditLimits& limits) {
  map.integer("max_transitions", limits.max_transitions, {0, kMaxCount});
  map.duration("max_degraded", limits.max_degraded, kSpanRange);
  map.duration("max_safe", limits.max_safe, kSpanRange);
  map.integer("max_flaps", limits.max_flaps, {0, kMaxCount});
}

}  // namespace

void read_fallback(MapReader& map, FallbackOptions& options, const ConditionOptions& conditions) {
  map.mapping("policy", [&](MapReader& policy) { read_policy(policy, options.policy); });
  read_rules(map, options.rules, conditions.max_tokens);
  map.mapping("recovery", [&](MapReader& recovery) { read_recovery(recovery, options.recovery); });
  map.duration("pin", options.pin, {std::chrono::seconds{1}, kSpanRange.max});
  map.duration("max_age_offline", options.max_age_offline, kSpanRange);
  map.mapping("callbacks",
              [&](MapReader& callbacks) { read_callbacks(callbacks, options.callbacks); });
  read_actions(map, options.actions, conditions);
  map.mapping("detectors",
              [&](MapReader& detectors) { read_detectors(detectors, options, conditions); });
  map.duration("retention", options.retention,
               {std::chrono::seconds{1}, std::chrono::hours{24 * 36'500}});
  if (const YamlNode* audit = map.peek("audit"); audit != nullptr && !audit->is_null()) {
    map.warn("audit", "is not used by any command yet");
  }
  map.mapping("audit", [&](MapReader& audit) { read_audit(audit, options.audit); });
}

}  // namespace rz
