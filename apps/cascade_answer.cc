#include "cascade_answer.h"

#include <string>

#include "rz/base/text.h"
#include "rz/base/timestamp.h"
#include "rz/cli/table.h"

namespace rz::cli {
namespace {

const char* color_of(Mode mode) {
  switch (mode) {
    case Mode::primary: return "green";
    case Mode::heuristic: return "yellow";
    case Mode::safe: return "red";
  }
  return "";
}

Value rules_value(const Decision& decision) {
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

Value sentences(const std::vector<std::string>& all) {
  Value array = Value::array();
  for (const std::string& each : all) array.push_back(each);
  return array;
}

// What does not apply is left out.
void add_store_status(Value& document, const CascadeOutcome& outcome) {
  if (outcome.outage) {
    document.set("offline", true);
    document.set("store_seen",
                 outcome.store_seen ? Value(format_timestamp(*outcome.store_seen)) : Value());
  }
  if (outcome.outage || outcome.spooled > 0) {
    document.set("spooled", static_cast<std::int64_t>(outcome.spooled));
  }
  if (outcome.unrecorded) document.set("unrecorded", true);
  if (!outcome.store_lost.empty()) document.set("store_lost", outcome.store_lost);
  if (!outcome.doubts.empty()) document.set("doubts", sentences(outcome.doubts));
  if (outcome.callbacks_owed > 0) {
    document.set("callbacks_owed", static_cast<std::int64_t>(outcome.callbacks_owed));
  }
}

Value to_json_value(const CascadeOutcome& outcome) {
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
  return document;
}

void print_pin(Output& out, const Pin& pin) {
  const std::string until =
      pin.until ? "until " + format_timestamp(*pin.until) : std::string("until it is released");
  out.line("pinned " + until + " by " + printable(pin.actor) + ": " + printable(pin.reason));
}

std::string spooled(std::size_t transitions) {
  if (transitions == 0) return "no transition waits for the store";
  return std::to_string(transitions) +
         (transitions == 1 ? " transition waits" : " transitions wait") + " for the store";
}

void print_text(Output& out, const CascadeOutcome& outcome) {
  const std::string mode = out.paint(color_of(outcome.mode), to_string(outcome.mode));
  if (outcome.changed) {
    out.line(std::string(to_string(outcome.previous)) + " -> " + mode + ": " +
             printable(outcome.reason));
  } else if (outcome.since) {
    out.line(mode + " since " + format_timestamp(*outcome.since) + ": " +
             printable(outcome.reason));
  } else {
    out.line(mode);
  }
  if (!outcome.detail.empty()) out.line(printable(outcome.detail));
  if (!outcome.held.empty()) out.line(printable(outcome.held));
  if (!outcome.remark.empty()) out.line(printable(outcome.remark));
  if (outcome.pin) print_pin(out, *outcome.pin);
  if (outcome.callbacks_owed > 0) {
    out.line(std::to_string(outcome.callbacks_owed) +
             (outcome.callbacks_owed == 1 ? " callback is" : " callbacks are") +
             " still to be run: by who is at it, or by the next rz");
  }
  if (outcome.unrecorded) {
    out.line("unrecorded: nothing could be kept of this");
  } else if (outcome.outage) {
    out.line("offline: " + spooled(outcome.spooled));
  }
}

void print_rules(Output& out, const Decision& decision) {
  Table table({{"RULE"}, {"CALLS FOR"}, {"FIRED"}, {"FIRES WHEN"}, {"IS NOW"}});
  for (const RuleVerdict& rule : decision.rules) {
    table.add({{printable(rule.name)},
               {to_string(rule.mode)},
               {rule.fired ? "yes" : "no", rule.fired ? color_of(rule.mode) : ""},
               {printable(rule.limit)},
               {printable(rule.inputs)}});
  }
  out.line("");
  table.print(out);
  if (!decision.detail.empty()) out.line("\n" + printable(decision.detail));
}

void tell(Context& context, const CascadeOutcome& outcome) {
  for (const std::string& doubt : outcome.doubts) context.warn(doubt);
  for (const std::string& warning : outcome.warnings) context.warn(warning);
  for (const std::string& note : outcome.notes) context.note(note);
  if (!outcome.outage) return;
  context.warn(to_string(*outcome.outage));
  const std::string seen =
      outcome.store_seen ? ", at " + format_timestamp(*outcome.store_seen) : std::string();
  context.warn("so this is the mode of this host alone, from what it knew last" + seen + "; " +
               (outcome.unrecorded ? "nothing could be kept of it" : spooled(outcome.spooled)));
}

}  // namespace

void answer(Context& context, const CascadeOutcome& outcome, const AnswerParts& parts) {
  tell(context, outcome);
  if (context.options().quiet) return;
  const auto storage = parts.store ? context.storage() : Result<Storage*>(nullptr);
  const bool named = storage && *storage != nullptr;
  if (context.json()) {
    Value document = to_json_value(outcome);
    if (named) document.set("store", (*storage)->description());
    if (parts.explain) document.set("decision", rules_value(outcome.decision));
    context.out().json(document);
    return;
  }
  print_text(context.out(), outcome);
  if (named) context.out().line("store " + printable((*storage)->description()));
  if (parts.explain) print_rules(context.out(), outcome.decision);
}

}  // namespace rz::cli
