#include "rz/fallback/fallback_fields.h"

#include <array>
#include <set>

#include "rz/base/text.h"
#include "rz/base/time_zone.h"
#include "rz/cond/condition_fields.h"
#include "rz/fallback/callbacks/placeholder.h"
#include "rz/fallback/policy_variables.h"
#include "rz/fallback/scoped_storage.h"
#include "rz/health/judging/maintenance.h"

namespace rz::fallback {
namespace {

constexpr std::int64_t kMaxCount = 1'000'000'000;
constexpr std::size_t kMaxVoter = 255;
constexpr Range<Millis> kSpanRange = {Millis{0}, std::chrono::hours{24 * 3650}};
constexpr std::array<Mode, 3> kModes = {Mode::primary, Mode::heuristic, Mode::safe};
constexpr std::array<Choice<Mode>, 2> kRuleModes = {
    {{"heuristic", Mode::heuristic}, {"safe", Mode::safe}}};

void visit_policy(FieldVisitor& fields, PolicyOptions& options) {
  fields.integer({"failed_components", "So many failed components or more: safe."},
                 options.failed_components, {1, kMaxCount});
  fields.integer(
      {"retry_failures", "More failed retries than this within health.failure_window: heuristic."},
      options.retry_failures, {0, kMaxCount});
  fields.boolean({"resources_critical", "Whether critical resources call for safe."},
                 options.resources_critical);
  fields.limit({"unknown_components",
                "With more unknown components than this it cannot be told how the system is."},
               "all", options.unknown_components, {0, kMaxCount});
}

/// A name that is given, not empty, and not taken.
std::string visit_name(FieldVisitor& fields, const Field& field, std::set<std::string>& taken) {
  std::string name;
  if (!fields.text(field, name)) return name;
  if (printable(name) != name) {
    fields.error(field.key, "holds characters that cannot be printed");
  } else if (!taken.insert(name).second) {
    fields.error(field.key, "is the name of another one");
  }
  return name;
}

// A rule that asks for `resources == "CRITICAL"` never holds.
cond::KnownWords policy_words(const std::vector<std::string>& checks) {
  cond::KnownWords known;
  for (const std::string& check : checks) {
    known.try_emplace(std::string(kCheckVariables).append(check), std::begin(kCheckWords),
                      std::end(kCheckWords));
  }
  for (const PolicyVariable& one : policy_variable_table()) {
    if (!one.words.empty())
      known.try_emplace(std::string(one.name), one.words.begin(), one.words.end());
  }
  return known;
}

void visit_rules(FieldVisitor& fields, std::vector<RuleOptions>& rules,
                 const std::vector<std::string>& checks, std::size_t max_tokens) {
  const ConditionOptions conditions{policy_variables(checks), max_tokens};
  const cond::KnownWords words = policy_words(checks);
  std::set<std::string> names;
  fields.list({"rules", "Rules beside those of policy."}, [&](FieldVisitor& item) {
    std::string name = visit_name(item,
                                  {.key = "name",
                                   .sentence = "Unique; stands in the reason of a transition.",
                                   .example = "slow",
                                   .needed_by = "a rule",
                                   .when_empty = "is empty"},
                                  names);
    auto when = cond::visit_condition(item,
                                      {.key = "when",
                                       .sentence = "Over the variables of the state.",
                                       .example = "failed_components >= 1 and failures_1h > 10",
                                       .needed_by = "a rule"},
                                      conditions, words);
    Mode mode = Mode::heuristic;
    item.choice({"mode", "While the condition is true, the mode is this one or a worse one."}, mode,
                std::span<const Choice<Mode>>(kRuleModes));
    Millis lasting{0};
    item.duration({"for", "It fires once the condition held in every evaluation for so long."},
                  lasting, kSpanRange);
    auto until = cond::visit_condition(
        item,
        {"until", "Once it has fired it goes on until this holds and 'when' does not.",
         "failed_components == 0"},
        conditions, words);
    if (when) {
      rules.push_back({std::move(name), *std::move(when), mode, lasting, std::move(until)});
    }
  });
}

void visit_votes(FieldVisitor& fields, VoteOptions& options) {
  fields.integer({"quorum", "So many hosts must call for a mode, or a worse one."}, options.quorum,
                 {1, 100'000});
  fields.duration({"ttl",
                   "How long the vote of a host stands after its last evaluation that called for "
                   "it."},
                  options.ttl, {std::chrono::seconds{10}, kSpanRange.max});
  fields.text({"voter", "In whose name this host votes; empty: its own.", "web"}, options.voter);
  if (printable(options.voter) != options.voter) {
    fields.error("voter", "holds characters that cannot be printed");
  } else if (!options.voter.empty() && trim(options.voter).empty()) {
    fields.error("voter", "holds nothing but spaces");
  } else if (options.voter.size() > kMaxVoter) {
    fields.error("voter", "is longer than " + std::to_string(kMaxVoter) + " bytes");
  }
}

void visit_recovery(FieldVisitor& fields, RecoveryOptions& options) {
  fields.integer(
      {"good_evaluations", "Evaluations of a host in a row that must call for a better mode."},
      options.good_evaluations, {1, 1'000'000});
  fields.duration(
      {"window", "A host calls for the worst mode that it called for within this time."},
      options.window, kSpanRange);
  fields.duration({"dwell", "The least time in a mode before it is left for a better one."},
                  options.dwell, kSpanRange);
  fields.duration(
      {"dwell_max", "A mode that comes back within this time has twice the dwell, up to this."},
      options.dwell_max, kSpanRange);
  fields.boolean({"stepwise", "One mode at a time: safe, heuristic, primary."}, options.stepwise);
  if (options.dwell_max > Millis{0} && options.dwell == Millis{0}) {
    fields.error("dwell_max", "needs a 'dwell' that it can grow from");
  } else if (options.dwell_max > Millis{0} && options.dwell_max < options.dwell) {
    fields.error("dwell_max", "is less than 'dwell'");
  }
}

void visit_scope(FieldVisitor& fields, std::string& scope) {
  fields.text({"scope", "Whose mode and history; empty: those of the whole system.", "payments"},
              scope);
  if (scope.empty()) return;
  if (const auto right = check_scope(scope); !right) {
    fields.error("scope", right.error().message);
  }
}

// The one that is not given has a value all the same, which the message must name.
void tell_flapping_limits(FieldVisitor& section, const FlappingOptions& options) {
  const auto by_default = [&section](std::string_view key, double percent) {
    return section.has(key) ? std::string()
                            : ", which is " + format_double(percent) + "% by default";
  };
  if (section.has("low")) {
    section.error("low", "must be less than 'high'" + by_default("high", options.high));
  } else {
    section.error("high", "must be greater than 'low'" + by_default("low", options.low));
  }
}

void visit_flapping(FieldVisitor& fields, std::optional<FlappingOptions>& flapping) {
  fields.optional_section(
      {"flapping", "Whether a host whose evaluations change too often keeps the worse mode."},
      [&](FieldVisitor& section) {
        FlappingOptions options;
        section.percent({"low", "At this share of change or less they flap no more."}, options.low);
        section.percent({"high", "From this share of change on they flap."}, options.high);
        if (options.low >= options.high) tell_flapping_limits(section, options);
        flapping = options;
      });
}

// What is not a placeholder would reach the program as it stands.
void refuse_unknown_placeholders(FieldVisitor& fields, const std::vector<std::string>& command) {
  const std::vector<std::string> known(placeholder_names().begin(), placeholder_names().end());
  for (const std::string& argument : command) {
    const auto word = unknown_placeholder(argument);
    if (!word) continue;
    const std::string near = suggestion(*word, known);
    const std::string message = "unknown placeholder '{" + *word + "}'";
    return fields.value_error("command",
                              message + (near.empty() ? "; there are " + join(known, ", ") : near),
                              "holds an unknown placeholder");
  }
}

void visit_callback(FieldVisitor& fields, CallbackOptions& options) {
  fields.command({.key = "command",
                  .sentence = "What runs on entering the mode; {from}, {to}, {reason}, {epoch} and "
                              "{timestamp} in its arguments are replaced.",
                  .example = "[/usr/local/bin/page, \"{to}\", \"{reason}\"]",
                  .needed_by = "a callback"},
                 options.run.command);
  fields.duration({"timeout", "Then it is stopped."}, options.run.timeout, kTimeoutRange);
  fields.integer(
      {"attempts", "So many runs that fail, 10s, 20s and so on apart; then it is given up."},
      options.attempts, {1, 1000});
  fields.duration({"max_age", "So long after the transition it is given up."}, options.max_age,
                  {std::chrono::seconds{1}, kSpanRange.max});
  refuse_unknown_placeholders(fields, options.run.command);
}

void visit_callbacks(FieldVisitor& fields, std::map<Mode, CallbackOptions>& callbacks) {
  for (const Mode mode : kModes) {
    fields.optional_section(
        {to_string(mode), "What runs on entering the mode."},
        [&](FieldVisitor& callback) { visit_callback(callback, callbacks[mode]); });
  }
}

void visit_actions(FieldVisitor& fields, std::vector<ActionOptions>& actions,
                   const ConditionOptions& conditions) {
  std::set<std::string> names;
  fields.list({"actions", "Programs to run while a condition holds."}, [&](FieldVisitor& item) {
    ActionOptions action;
    action.name = visit_name(item,
                             {.key = "name",
                              .sentence = "Unique.",
                              .example = "shed",
                              .needed_by = "an action",
                              .when_empty = "is empty"},
                             names);
    const auto when = cond::visit_condition(item,
                                            {.key = "when",
                                             .sentence = "Over the variables of conditions.",
                                             .example = "severity >= 0.8",
                                             .needed_by = "an action"},
                                            conditions);
    if (when) action.when = when->text();
    item.command({.key = "command",
                  .sentence = "What runs while the condition holds for the values given.",
                  .example = "[/usr/local/bin/shed-load]",
                  .needed_by = "an action"},
                 action.run.command);
    item.duration({"timeout", "Then it is stopped."}, action.run.timeout, kTimeoutRange);
    actions.push_back(std::move(action));
  });
}

// A detector answers for one record, so it gets less time than a callback.
CommandOptions detector_command() { return {{}, std::chrono::seconds{2}}; }

void visit_detector_timeout(FieldVisitor& fields, CommandOptions& command) {
  fields.duration({"timeout", "Then it has failed."}, command.timeout, kTimeoutRange);
}

void visit_primary_detector(FieldVisitor& fields, DetectorOptions& options) {
  options.command = detector_command();
  fields.command({.key = "command",
                  .sentence = "The program.",
                  .example = "[/usr/local/bin/ml-detect]",
                  .needed_by = "the primary detector"},
                 options.command->command);
  visit_detector_timeout(fields, *options.command);
}

void visit_heuristic_detector(FieldVisitor& fields, DetectorOptions& options,
                              const ConditionOptions& conditions) {
  options.when = cond::visit_condition(
      fields,
      {"when", "Over the variables of conditions.", "severity >= 0.8 or recurrence_count >= 5"},
      conditions);
  CommandOptions command = detector_command();
  fields.command({"command", "The program.", "[/usr/local/bin/simple-detect]"}, command.command);
  visit_detector_timeout(fields, command);
  if (fields.has("command")) options.command = std::move(command);
  fields.either("when", "command", "the heuristic detector needs one of 'when' and 'command'");
}

void visit_detectors(FieldVisitor& fields, FallbackOptions& options,
                     const ConditionOptions& conditions) {
  fields.optional_section(
      {"primary", "A program: a record as JSON on its standard input."},
      [&](FieldVisitor& primary) { visit_primary_detector(primary, options.primary_detector); });
  fields.optional_section(
      {"heuristic", "Such a program, or a condition over the record; not both."},
      [&](FieldVisitor& heuristic) {
        visit_heuristic_detector(heuristic, options.heuristic_detector, conditions);
      });
}

void visit_slo(FieldVisitor& fields, std::optional<double>& slo) {
  if (!fields.percent({"slo", "The share of the time that must be spent in primary.", "99.9%"},
                      slo)) {
    return;
  }
  if (const std::string problem = slo_problem(*slo); !problem.empty()) fields.error("slo", problem);
}

void visit_audit(FieldVisitor& fields, AuditOptions& options) {
  fields.integer({"max_transitions", "Transitions.", "10"}, options.max_transitions,
                 {0, kMaxCount});
  fields.duration({"max_degraded", "Time in heuristic or safe.", "1h"}, options.max_degraded,
                  kSpanRange);
  fields.duration({"max_safe", "Time in safe.", "10m"}, options.max_safe, kSpanRange);
  fields.integer({"max_flaps", "Changes back to a mode that was left within flap_window.", "3"},
                 options.max_flaps, {0, kMaxCount});
  fields.duration({"max_unknown", "Time of which the history does not tell the mode.", "1h"},
                  options.max_unknown, kSpanRange);
  visit_slo(fields, options.slo);
  fields.duration({"window",
                   "What is audited where --since is not given, and the time that the "
                   "error budget of slo is for."},
                  options.window, {std::chrono::hours{1}, kSpanRange.max});
  fields.duration({"flap_window", "Back in a mode within this time of leaving it: a flap."},
                  options.flap_window, {Millis{0}, std::chrono::hours{24}});
  health::visit_maintenance(fields, "Times that count neither as good nor as bad.",
                            options.maintenance);
  const bool zone_given = fields.text({"timezone",
                                       "The zone of hours, days and weeks, by its name in the tz "
                                       "database.",
                                       "Europe/Berlin"},
                                      options.timezone);
  if (!zone_given || options.timezone.empty()) return;
  if (const auto zone = TimeZone::load(options.timezone); !zone) {
    fields.error("timezone", to_string(zone.error()));
  }
}

}  // namespace

std::string slo_problem(double percent) {
  if (percent > 0 && percent < 100) return {};
  return "must be above 0% and below 100%, since 100% leaves no error budget; write it like 99.9%";
}

void visit_fields(FieldVisitor& fields, FallbackOptions& options,
                  const ConditionOptions& conditions, const std::vector<std::string>& checks) {
  fields.section({"policy", "The default rules."},
                 [&](FieldVisitor& policy) { visit_policy(policy, options.policy); });
  visit_rules(fields, options.rules, checks, conditions.max_tokens);
  fields.section({"votes", "Of how many hosts the mode takes the votes."},
                 [&](FieldVisitor& votes) { visit_votes(votes, options.votes); });
  fields.section({"recovery", "How recovery is held back. Worsening never is."},
                 [&](FieldVisitor& recovery) { visit_recovery(recovery, options.recovery); });
  visit_flapping(fields, options.flapping);
  visit_scope(fields, options.scope);
  fields.duration(
      {"stale_after", "So long without an evaluation of any host rz cascade status has a doubt.",
       "10m"},
      options.stale_after, {std::chrono::seconds{1}, kSpanRange.max});
  fields.duration({"pin", "How long rz cascade set pins a mode where it names no time."},
                  options.pin, {std::chrono::seconds{1}, kSpanRange.max});
  fields.duration({"max_age_offline",
                   "While the store is away: how old what this host knew last may be to answer a "
                   "gate with yes."},
                  options.max_age_offline, kSpanRange);
  fields.section({"callbacks", "Programs to run on entering a mode."},
                 [&](FieldVisitor& callbacks) { visit_callbacks(callbacks, options.callbacks); });
  visit_actions(fields, options.actions, conditions);
  fields.section({"detectors", "Who tells an anomaly."},
                 [&](FieldVisitor& detectors) { visit_detectors(detectors, options, conditions); });
  fields.duration({"retention", "The life of a transition, from when it is written or imported."},
                  options.retention, {std::chrono::seconds{1}, std::chrono::hours{24 * 36'500}});
  fields.section({"audit", "Limits for rz transitions audit."},
                 [&](FieldVisitor& audit) { visit_audit(audit, options.audit); });
}

}  // namespace rz::fallback
