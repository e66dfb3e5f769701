#include <string>

#include "rz/base/timestamp.h"
#include "rz/reports/cascade_answer.h"
#include "rz/reports/color_of.h"
#include "rz/reports/formats.h"
#include "rz/reports/text_table.h"

namespace rz::reports {
namespace {

void write_mode(const CascadeOutcome& outcome, Page& page) {
  const Painted mode = {to_string(outcome.mode), color_of(outcome.mode)};
  if (outcome.changed) {
    page.line(to_string(outcome.previous), " -> ", mode, ": ", outcome.reason);
  } else if (outcome.since) {
    page.line(mode, " since ", format_timestamp(*outcome.since), ": ", outcome.reason);
  } else {
    page.line(mode);
  }
}

void write_pin(const Pin& pin, Page& page) {
  const std::string until =
      pin.until ? "until " + format_timestamp(*pin.until) : std::string("until it is released");
  page.line("pinned ", until, " by ", pin.actor, ": ", pin.reason);
}

void write_outcome(const CascadeOutcome& outcome, Page& page) {
  write_mode(outcome, page);
  for (const std::string& more : {outcome.detail, outcome.held, outcome.remark}) {
    if (!more.empty()) page.line(more);
  }
  if (outcome.pin) write_pin(*outcome.pin, page);
  if (outcome.callbacks_owed > 0) {
    page.line(outcome.callbacks_owed,
              outcome.callbacks_owed == 1 ? " callback is" : " callbacks are",
              " still to be run: by who is at it, or by the next rz");
  }
  if (outcome.unrecorded) {
    page.line("unrecorded: nothing could be kept of this");
  } else if (outcome.outage) {
    page.line("offline: ", waiting_transitions(outcome.spooled));
  }
}

void write_rules(const Decision& decision, Page& page) {
  TextTable table({{"RULE"}, {"CALLS FOR"}, {"FIRED"}, {"FIRES WHEN"}, {"IS NOW"}});
  for (const RuleVerdict& rule : decision.rules) {
    table.add({{rule.name},
               {to_string(rule.mode)},
               {rule.fired ? "yes" : "no", rule.fired ? color_of(rule.mode) : Color::none},
               {rule.limit},
               {rule.inputs}});
  }
  page.line("");
  table.print(page);
  if (decision.detail.empty()) return;
  page.line("");
  page.line(decision.detail);
}

}  // namespace

std::string waiting_transitions(std::size_t count) {
  if (count == 0) return "no transition waits for the store";
  return std::to_string(count) + (count == 1 ? " transition waits" : " transitions wait") +
         " for the store";
}

void text::write(const CascadeAnswer& answer, Page& page) {
  write_outcome(answer.outcome, page);
  if (!answer.store.empty()) page.line("store ", answer.store);
  if (answer.explain) write_rules(answer.outcome.decision, page);
}

}  // namespace rz::reports
