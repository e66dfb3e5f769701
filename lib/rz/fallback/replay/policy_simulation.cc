#include "rz/fallback/replay/policy_simulation.h"

#include <iterator>
#include <utility>

#include "rz/fallback/policy_variables.h"

namespace rz::fallback {

PolicySimulation::PolicySimulation(const FallbackOptions& options)
    : options_(options),
      policy_(options.policy, options.rules),
      hold_options_{options.recovery, options.flapping} {
  for (const DefaultRule& rule : default_rules()) {
    quick_default_rules_.push_back({rule, place_of(rule)});
  }
  for (const RuleOptions& rule : options_.rules) {
    QuickRule quick{rule.when};
    for (const Variable& variable : rule.when.variables()) {
      const auto place = find_policy_variable(variable.name);
      can_be_quick_ = can_be_quick_ && place.has_value();
      quick.places.push_back(place.value_or(0));
    }
    quick_rules_.push_back(std::move(quick));
  }
}

void PolicySimulation::pass_to(TimePoint now) {
  if (now_ && now > *now_) history_.time_in[static_cast<std::size_t>(state_.mode)] += now - *now_;
  if (!now_ || now > *now_) now_ = now;
}

Result<bool> PolicySimulation::calls_for_worse(const RecordHead& head) {
  for (const QuickDefaultRule& quick : quick_default_rules_) {
    if (quick.rule.fires(options_.policy, head.values[quick.place])) return true;
  }
  static const auto kMode = find_policy_variable("mode");
  static const auto kDwell = find_policy_variable("dwell_seconds");
  for (const QuickRule& quick : quick_rules_) {
    values_.clear();
    for (const std::size_t place : quick.places) {
      if (place == kMode) {
        values_.emplace_back(std::string_view(to_string(state_.mode)));
      } else if (place == kDwell) {
        values_.emplace_back(std::chrono::duration<double>(time_in_mode(state_, *now_)).count());
      } else {
        values_.push_back(head.values[place]);
      }
    }
    const auto holds = quick.when.evaluate(values_);
    if (!holds) return fail(holds.error());
    if (*holds) return true;
  }
  return false;
}

Result<bool> PolicySimulation::is_quiet(const RecordHead& head) {
  pass_to(head.at);
  if (!can_be_quick_ || state_.mode != Mode::primary || !hosts_.empty()) return false;
  const auto worse = calls_for_worse(head);
  if (!worse) return fail(worse.error());
  return !*worse;
}

// The votes that stand now. One that has run out goes, and with it a host that remembers nothing.
Election PolicySimulation::election_of(const std::string& host) {
  Election election{.votes = options_.votes, .host = host};
  election.votes.voter = host;
  for (auto at = hosts_.begin(); at != hosts_.end();) {
    auto& [name, known] = *at;
    if (known.vote && known.vote_ends <= *now_) known.vote.reset();
    if (name == host) {
      election.found.own = known.vote;
      if (known.vote) election.found.own_bytes.emplace();
      election.found.memory = known.memory;
    } else if (known.vote) {
      election.found.others.push_back(*known.vote);
    }
    at = known.vote || !known.memory.empty() ? std::next(at) : hosts_.erase(at);
  }
  return election;
}

void PolicySimulation::note(const ModeState& next, const HealthPlan& made) {
  Transition transition{*now_, state_.mode, next.mode, next.reason, trigger::kEvaluation,
                        {},    {},          next.epoch};
  transition.detail = made.decision.detail;
  ++history_.transitions;
  history_.newest.push_back(std::move(transition));
  if (history_.newest.size() > kShownTransitions) history_.newest.erase(history_.newest.begin());
}

Result<void> PolicySimulation::evaluate(const StateRecord& record) {
  pass_to(record.at);
  Election election = election_of(record.host);
  auto made = plan_health(policy_, record.state, state_, election, hold_options_, *now_);
  if (!made) return fail(std::move(made).error());
  ModeState next = std::move(made->plan.next);
  if (next.mode != state_.mode) {
    next.since = *now_;
    ++next.epoch;
    note(next, *made);
  }
  state_ = std::move(next);
  if (!election.ballot) return {};
  SimulatedHost& host = hosts_[record.host];
  if (election.changes_vote()) {
    host.vote = election.ballot->vote;
    host.vote_ends = *now_ + options_.votes.ttl;
  }
  host.memory = std::move(election.ballot->memory);
  if (!host.vote && host.memory.empty()) hosts_.erase(record.host);
  return {};
}

SimulatedHistory PolicySimulation::history() const {
  SimulatedHistory history = history_;
  history.mode = state_.mode;
  return history;
}

}  // namespace rz::fallback
