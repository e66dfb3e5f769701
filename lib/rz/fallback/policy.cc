#include "rz/fallback/policy.h"

#include <fmt/format.h>

#include <algorithm>

#include "rz/base/text.h"
#include "rz/fallback/default_rules.h"
#include "rz/fallback/policy_variables.h"
#include "rz/fallback/rule_clock.h"

namespace rz {
namespace {

// One component's message must not crowd out the names of the others.
constexpr std::size_t kMaxMessage = 100;
constexpr std::size_t kMaxName = 60;

std::string detail_of(const std::vector<ComponentProblem>& problems) {
  std::string detail;
  for (std::size_t i = 0; i < problems.size(); ++i) {
    const ComponentProblem& problem = problems[i];
    const std::string said = problem.message.empty() ? problem.status : problem.message;
    const std::string part = ellipsize(printable(problem.name), kMaxName) + ": " +
                             ellipsize(printable(said), kMaxMessage);
    const std::string more = fmt::format("; and {} more", problems.size() - i);
    const std::size_t used = display_width(detail) + display_width(part) + more.size() + 2;
    if (i > 0 && used > kMaxDetail) return detail + more;
    detail += (i == 0 ? "" : "; ") + part;
  }
  return detail;
}

// How many checks were left out of what counts.
std::int64_t uncounted_in(const HealthState& state) {
  return std::count_if(state.health_checks.begin(), state.health_checks.end(),
                       [](const CheckResult& check) { return !check.uncounted.empty(); });
}

// What does not count now and is not known to be well: the mode may have been entered for it.
std::string why_wait(const HealthState& state) {
  for (const CheckResult& check : state.health_checks) {
    if (check.uncounted.empty() || check.skipped) continue;
    if (check.status != HealthStatus::unhealthy && check.status != HealthStatus::unknown) continue;
    return "'" + printable(check.name) + "' is " + to_string(check.status) +
           ", although it does not count (" + printable(check.uncounted) + ")";
  }
  return {};
}

double seconds_of(Micros time) { return std::chrono::duration<double>(time).count(); }

Result<bool> holds(const RuleOptions& rule, const Condition& condition, const HealthState& state,
                   ConditionContext& context) {
  fallback::add_check_statuses(state, condition.variables(), context);
  const auto answer = condition.evaluate(context);
  if (answer) return *answer;
  return fail(answer.error().code, "rule '" + rule.name + "': " + answer.error().message,
              answer.error().where);
}

std::vector<RuleVerdict> default_verdicts(const PolicyOptions& options, const HealthState& state) {
  std::vector<RuleVerdict> verdicts;
  for (const fallback::DefaultRule& rule : fallback::default_rules()) {
    std::string limit = rule.limit(options);
    if (limit.empty()) continue;
    const std::string asked(rule.variable);
    ConditionContext context;
    context.set(asked, fallback::policy_variable_table()[place_of(rule)].read(state));
    const ConditionValue found = context.get(asked);
    RuleVerdict verdict{std::string(rule.name),     rule.mode,
                        rule.fires(options, found), asked + " = " + to_string(found),
                        std::move(limit),           rule.reason(state)};
    verdict.turned_by = verdict.limit;
    verdict.turned_to = !verdict.fired;
    verdicts.push_back(std::move(verdict));
  }
  return verdicts;
}

// `inputs`: null for a host that remembers nothing.
Result<RuleVerdict> verdict_of(const RuleOptions& rule, const HealthState& state,
                               ConditionContext& context, fallback::RuleInputs* inputs) {
  const auto fires = holds(rule, rule.when, state, context);
  if (!fires) return fail(fires.error());
  std::string seen;
  for (const Variable& variable : rule.when.variables()) {
    seen +=
        (seen.empty() ? "" : ", ") + variable.name + " = " + to_string(context.get(variable.name));
  }
  const std::string name = "rule(" + rule.name + ")";
  RuleVerdict verdict{name, rule.mode, *fires, std::move(seen), rule.when.text(), name};
  verdict.turned_by = verdict.limit;
  verdict.turned_to = !*fires;
  if (inputs == nullptr) return verdict;
  const auto ends = rule.until ? holds(rule, *rule.until, state, context) : Result<bool>(false);
  if (!ends) return fail(ends.error());
  // What was seen in a void run says nothing.
  if (state.void_because.empty()) {
    fallback::settle_rule(rule, *fires, *ends, *inputs, verdict);
  }
  return verdict;
}

}  // namespace

Policy::Policy(PolicyOptions options, std::vector<RuleOptions> rules)
    : options_(options), rules_(std::move(rules)) {}

std::string Policy::why_undecided(const HealthState& state) const {
  const HealthState::System& system = state.system;
  const std::int64_t unknown = system.unknown_components;
  const std::int64_t uncounted = uncounted_in(state);
  if (system.total_components == 0 && uncounted > 0) {
    return fmt::format("none of the system's components counts now ({} {} not)", uncounted,
                       uncounted == 1 ? "does" : "do");
  }
  if (unknown == 0) return {};
  if (options_.unknown_components) {
    if (unknown <= *options_.unknown_components) return {};
    return fmt::format(
        "{} of the system's components {} unknown, and "
        "fallback.policy.unknown_components allows {}",
        unknown, unknown == 1 ? "is" : "are", *options_.unknown_components);
  }
  if (system.healthy_components + system.degraded_components > 0) return {};
  if (system.failed_components == 0) {
    return fmt::format("nothing is known of the system's components ({} unknown)", unknown);
  }
  return fmt::format(
      "nothing is known of the components that have not failed ({} failed, {} "
      "unknown)",
      system.failed_components, unknown);
}

Result<Decision> Policy::decide(const HealthState& state) const { return decide(state, nullptr); }

Result<Decision> Policy::decide(const HealthState& state, fallback::RuleInputs& inputs) const {
  std::erase_if(inputs.memory, [this](const auto& known) {
    return std::none_of(rules_.begin(), rules_.end(),
                        [&](const RuleOptions& rule) { return rule.name == known.first; });
  });
  return decide(state, &inputs);
}

Result<Decision> Policy::decide(const HealthState& state, fallback::RuleInputs* inputs) const {
  Decision decision;
  decision.rules = default_verdicts(options_, state);
  ConditionContext context;
  if (!rules_.empty()) {
    context = fallback::policy_context(
        inputs == nullptr
            ? fallback::PolicyInputs(state)
            : fallback::PolicyInputs(state, inputs->mode, seconds_of(inputs->time_in_mode)));
  }
  for (const RuleOptions& rule : rules_) {
    auto verdict = verdict_of(rule, state, context, inputs);
    if (!verdict) return fail(std::move(verdict).error());
    decision.rules.push_back(*std::move(verdict));
  }
  for (RuleVerdict& verdict : decision.rules) {
    if (!verdict.fired) {
      verdict.reason.clear();
      continue;
    }
    decision.mode = std::max(decision.mode, verdict.mode);
    if (!decision.reason.empty()) decision.reason += "; ";
    decision.reason += verdict.reason;
  }
  if (decision.reason.empty()) decision.reason = "recovered";
  // Unknown components cannot make the worst mode worse.
  if (decision.mode != Mode::safe) decision.undecided = why_undecided(state);
  decision.waits_for = why_wait(state);
  if (!state.void_because.empty()) {
    decision.is_void = true;
    decision.undecided = state.void_because;
  }
  decision.detail = detail_of(state.system.problems);
  return decision;
}

}  // namespace rz
