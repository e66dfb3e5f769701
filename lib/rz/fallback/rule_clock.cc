#include "rz/fallback/rule_clock.h"

#include <algorithm>

#include "rz/base/duration.h"

namespace rz::fallback {
namespace {

// Whether what was remembered of the rule still says that its condition has held since then. What
// lies ahead of the clock counts from now on.
bool goes_on(const RuleOptions& rule, const RuleMemory& memory, const RuleInputs& inputs) {
  if (!memory.since || *memory.since > inputs.now) return false;
  if (!inputs.evaluated_before || *inputs.evaluated_before > inputs.now) return false;
  return inputs.now - *inputs.evaluated_before <= std::max(rule.lasting, inputs.gap);
}

// Such a rule would never fire if the host goes on to evaluate so seldom.
void warn_of_gap(const RuleOptions& rule, const RuleMemory& memory, RuleInputs& inputs) {
  if (!memory.since || !inputs.evaluated_before || *inputs.evaluated_before > inputs.now) return;
  inputs.warnings.push_back("rule '" + rule.name +
                            "' counts its time anew: this host has not evaluated for " +
                            humanize_duration(inputs.now - *inputs.evaluated_before) +
                            ", longer than its 'for' and fallback.votes.ttl; evaluate more often");
}

// Whether the condition has held for long enough.
bool is_ripe(const RuleOptions& rule, RuleMemory& memory, RuleInputs& inputs,
             RuleVerdict& verdict) {
  if (rule.lasting == Millis{0}) return true;
  if (!goes_on(rule, memory, inputs)) {
    warn_of_gap(rule, memory, inputs);
    memory.since = inputs.now;
  }
  const Micros left = rule.lasting - (inputs.now - *memory.since);
  if (left <= Micros{0}) return true;
  verdict.waits = "for " + format_duration(rule.lasting) + ": " + humanize_duration(left) + " left";
  return false;
}

// Whether the condition, if it held now, would have held for long enough. `memory`: as found.
bool would_be_ripe(const RuleOptions& rule, const RuleMemory& memory, const RuleInputs& inputs) {
  if (rule.lasting == Millis{0}) return true;
  return goes_on(rule, memory, inputs) && inputs.now - *memory.since >= rule.lasting;
}

// Which condition alone would turn the rule: its own if both would.
void note_turn(const RuleOptions& rule, bool holds, bool ends, bool ripe, bool was_firing,
               RuleVerdict& verdict) {
  const auto fires = [&](bool held, bool ended) {
    return (held && ripe) || (was_firing && rule.until && !ended);
  };
  verdict.turned_by.clear();
  if (fires(!holds, ends) != verdict.fired) {
    verdict.turned_by = rule.when.text();
    verdict.turned_to = !holds;
  } else if (rule.until && fires(holds, !ends) != verdict.fired) {
    verdict.turned_by = rule.until->text();
    verdict.turned_to = !ends;
  }
}

}  // namespace

void settle_rule(const RuleOptions& rule, bool holds, bool ends, RuleInputs& inputs,
                 RuleVerdict& verdict) {
  if (rule.lasting == Millis{0} && !rule.until) {
    verdict.fired = holds;
    return;
  }
  RuleMemory memory;
  if (const auto known = inputs.memory.find(rule.name); known != inputs.memory.end()) {
    memory = known->second;
  }
  const bool ripe = would_be_ripe(rule, memory, inputs);
  const bool was_firing = memory.firing;
  verdict.fired = holds && is_ripe(rule, memory, inputs, verdict);
  if (!holds) memory.since.reset();
  if (!verdict.fired && memory.firing && !ends) {
    verdict.fired = true;
    verdict.waits = "until " + rule.until->text();
  }
  note_turn(rule, holds, ends, ripe, was_firing, verdict);
  memory.firing = verdict.fired && rule.until.has_value();
  if (memory == RuleMemory{}) {
    inputs.memory.erase(rule.name);
  } else {
    inputs.memory.insert_or_assign(rule.name, memory);
  }
}

}  // namespace rz::fallback
