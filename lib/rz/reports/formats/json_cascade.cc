#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "rz/base/timestamp.h"
#include "rz/fallback/fallback_manager.h"
#include "rz/fallback/history/transition.h"
#include "rz/reports/cascade_answer.h"
#include "rz/reports/formats.h"

namespace rz::reports {
namespace {

Value decision_value(const Decision& decision) {
  Value rules = Value::array();
  for (const RuleVerdict& rule : decision.rules) {
    rules.push_back(Value::object({{"name", rule.name},
                                   {"mode", to_string(rule.mode)},
                                   {"fired", rule.fired},
                                   {"inputs", rule.inputs},
                                   {"fires_when", rule.limit}}));
    if (!rule.waits.empty()) rules.as_array()->back().set("waits", rule.waits);
  }
  Value value = Value::object({{"mode", to_string(decision.mode)},
                               {"reason", decision.reason},
                               {"rules", std::move(rules)}});
  if (!decision.detail.empty()) value.set("detail", decision.detail);
  if (!decision.changes.empty()) {
    value.set("changes", Value::Array(decision.changes.begin(), decision.changes.end()));
  }
  return value;
}

Value list_of(const Votes& votes) {
  Value list = Value::array();
  for (const Vote& vote : votes.standing) {
    const Micros age = std::max(votes.now - vote.at, Micros{0});
    const Micros left = std::max(vote.ttl - age, Micros{0});
    list.push_back(Value::object({{"voter", vote.voter},
                                  {"mode", to_string(vote.mode)},
                                  {"reason", vote.reason},
                                  {"at", format_timestamp(vote.at)},
                                  {"age_seconds", std::chrono::duration<double>(age).count()},
                                  {"left_seconds", std::chrono::duration<double>(left).count()}}));
  }
  return list;
}

// How many call for each mode, or a worse one.
Value tally_of(const Votes& votes) {
  Value tally = Value::object({{"quorum", votes.quorum}});
  for (const Mode mode : {Mode::heuristic, Mode::safe}) {
    tally.set(to_string(mode), count_for(votes.standing, mode));
  }
  return tally;
}

// A member that does not apply is left out.
void add_store_status(Value& document, const Evaluation& evaluation) {
  if (evaluation.store.outage) {
    document.set("offline", true);
    document.set("store_seen", evaluation.store.store_seen
                                   ? Value(format_timestamp(*evaluation.store.store_seen))
                                   : Value());
  }
  if (evaluation.store.outage || evaluation.store.spooled > 0)
    document.set("spooled", evaluation.store.spooled);
  if (evaluation.store.unrecorded) document.set("unrecorded", true);
  if (!evaluation.store.store_lost.empty()) document.set("store_lost", evaluation.store.store_lost);
  if (!evaluation.store.doubts.empty()) {
    document.set("doubts",
                 Value::Array(evaluation.store.doubts.begin(), evaluation.store.doubts.end()));
  }
  if (evaluation.after.callbacks_owed > 0)
    document.set("callbacks_owed", evaluation.after.callbacks_owed);
}

}  // namespace

void Json::write(const CascadeAnswer& answer, Page& page) {
  const Evaluation& evaluation = answer.evaluation;
  Value document = Value::object(
      {{"schema", "rz.cascade/1"},
       {"mode", to_string(evaluation.after.mode)},
       {"previous", to_string(evaluation.before.mode)},
       {"changed", evaluation.changed()},
       {"reason", evaluation.after.reason},
       {"is_degraded", evaluation.after.is_degraded()},
       {"is_safe_mode", evaluation.after.is_safe_mode()},
       {"epoch", evaluation.after.epoch},
       {"since",
        evaluation.after.since ? Value(format_timestamp(*evaluation.after.since)) : Value()},
       {"pin", evaluation.after.pin ? to_value(*evaluation.after.pin) : Value()}});
  if (!evaluation.after.detail.empty()) document.set("detail", evaluation.after.detail);
  if (!evaluation.held.empty()) document.set("held", evaluation.held);
  if (votes_apply(evaluation.votes)) {
    Value votes = tally_of(evaluation.votes);
    if (answer.explain) votes.set("standing", list_of(evaluation.votes));
    document.set("votes", std::move(votes));
  }
  add_store_status(document, evaluation);
  if (!answer.store.empty()) document.set("store", answer.store);
  if (answer.explain) document.set("decision", decision_value(evaluation.decision));
  page.json(document);
}

// In the shape of the old system.
void Json::write(const FallbackMetrics& metrics, Page& page) {
  Value transitions = Value::array();
  for (const Transition& each : metrics.recent_transitions) transitions.push_back(to_value(each));
  page.json(Value::object({{"schema", "rz.cascade.metrics/1"},
                           {"current_mode", to_string(metrics.mode.mode)},
                           {"is_degraded", metrics.mode.is_degraded()},
                           {"is_safe_mode", metrics.mode.is_safe_mode()},
                           {"total_transitions", metrics.mode.epoch},
                           {"recent_transitions", std::move(transitions)}}));
}

void Json::write(const Votes& votes, Page& page) {
  Value document = Value::object({{"schema", "rz.cascade.votes/1"},
                                  {"mode", to_string(votes.mode())},
                                  {"tally", tally_of(votes)},
                                  {"votes", list_of(votes)}});
  if (!votes.unreadable.empty()) {
    document.set("unreadable", Value::Array(votes.unreadable.begin(), votes.unreadable.end()));
  }
  page.json(document);
}

void Json::write(const Detection& detection, Page& page) {
  page.json("rz.cascade.detect/1", detection.answer);
}

}  // namespace rz::reports
