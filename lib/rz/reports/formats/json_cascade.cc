#include <string>
#include <vector>

#include "rz/base/timestamp.h"
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
  }
  Value value = Value::object({{"mode", to_string(decision.mode)},
                               {"reason", decision.reason},
                               {"rules", std::move(rules)}});
  if (!decision.detail.empty()) value.set("detail", decision.detail);
  return value;
}

// What does not apply is left out.
void add_store_status(Value& document, const CascadeOutcome& outcome) {
  if (outcome.outage) {
    document.set("offline", true);
    document.set("store_seen",
                 outcome.store_seen ? Value(format_timestamp(*outcome.store_seen)) : Value());
  }
  if (outcome.outage || outcome.spooled > 0) document.set("spooled", outcome.spooled);
  if (outcome.unrecorded) document.set("unrecorded", true);
  if (!outcome.store_lost.empty()) document.set("store_lost", outcome.store_lost);
  if (!outcome.doubts.empty()) {
    document.set("doubts", Value::Array(outcome.doubts.begin(), outcome.doubts.end()));
  }
  if (outcome.callbacks_owed > 0) document.set("callbacks_owed", outcome.callbacks_owed);
}

}  // namespace

void json::write(const CascadeAnswer& answer, Page& page) {
  const CascadeOutcome& outcome = answer.outcome;
  Value document =
      Value::object({{"schema", "rz.cascade/1"},
                     {"mode", to_string(outcome.mode)},
                     {"previous", to_string(outcome.previous)},
                     {"changed", outcome.changed},
                     {"reason", outcome.reason},
                     {"is_degraded", outcome.is_degraded()},
                     {"is_safe_mode", outcome.is_safe_mode()},
                     {"epoch", outcome.epoch},
                     {"since", outcome.since ? Value(format_timestamp(*outcome.since)) : Value()},
                     {"pin", outcome.pin ? to_value(*outcome.pin) : Value()}});
  if (!outcome.detail.empty()) document.set("detail", outcome.detail);
  if (!outcome.held.empty()) document.set("held", outcome.held);
  add_store_status(document, outcome);
  if (!answer.store.empty()) document.set("store", answer.store);
  if (answer.explain) document.set("decision", decision_value(outcome.decision));
  page.json(document);
}

}  // namespace rz::reports
