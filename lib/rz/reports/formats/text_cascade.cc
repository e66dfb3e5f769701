#include <string>

#include "rz/base/counted.h"
#include "rz/base/timestamp.h"
#include "rz/reports/cascade_answer.h"
#include "rz/reports/color_of.h"
#include "rz/reports/formats.h"
#include "rz/reports/text_table.h"

namespace rz::reports {
namespace {

void write_mode(const Evaluation& evaluation, Page& page) {
  const Painted mode = {to_string(evaluation.after.mode), color_of(evaluation.after.mode)};
  if (evaluation.changed()) {
    page.line(to_string(evaluation.before.mode), " -> ", mode, ": ", evaluation.after.reason);
  } else if (evaluation.after.since) {
    page.line(mode, " since ", format_timestamp(*evaluation.after.since), ": ",
              evaluation.after.reason);
  } else {
    page.line(mode);
  }
}

void write_pin(const Pin& pin, Page& page) {
  const std::string until =
      pin.until ? "until " + format_timestamp(*pin.until) : std::string("until it is released");
  page.line("pinned ", until, " by ", pin.actor, ": ", pin.reason);
}

void write_evaluation(const Evaluation& evaluation, Page& page) {
  write_mode(evaluation, page);
  for (const std::string& more : {evaluation.after.detail, evaluation.held, evaluation.remark}) {
    if (!more.empty()) page.line(more);
  }
  if (evaluation.after.pin) write_pin(*evaluation.after.pin, page);
  if (evaluation.after.callbacks_owed > 0) {
    page.line(evaluation.after.callbacks_owed,
              evaluation.after.callbacks_owed == 1 ? " callback is" : " callbacks are",
              " still to be run, by the rz that has claimed it or by the next one");
  }
  if (evaluation.store.unrecorded) {
    page.line("unrecorded: nothing could be kept of this");
  } else if (evaluation.store.outage) {
    page.line("offline: ", waiting_for_store(evaluation.store));
  }
}

// Beside the limit the name of the variable need not stand twice, where there is but one.
std::string_view value_alone(std::string_view inputs) {
  constexpr std::string_view kIs = " = ";
  const std::size_t at = inputs.find(kIs);
  const bool one =
      at != std::string_view::npos && inputs.find(kIs, at + 1) == std::string_view::npos;
  return one ? inputs.substr(at + kIs.size()) : inputs;
}

void write_rules(const Decision& decision, Page& page) {
  TextTable table({{"RULE"}, {"CALLS FOR"}, {"FIRED"}, {"FIRES WHEN"}, {"IS NOW"}});
  for (const RuleVerdict& rule : decision.rules) {
    table.add({{rule.name},
               {to_string(rule.mode)},
               {rule.fired ? "yes" : "no", rule.fired ? color_of(rule.mode) : Color::none},
               {rule.limit},
               {std::string(value_alone(rule.inputs))}});
  }
  page.line("");
  table.print(page);
  if (decision.detail.empty()) return;
  page.line("");
  page.line(decision.detail);
}

}  // namespace

std::string waiting_for_store(const StoreStatus& status) {
  std::string what;
  if (status.spooled > 0 || status.orders == 0) {
    what = status.spooled == 0 ? "no transition" : counted(status.spooled, "transition");
  }
  if (status.orders > 0) what += (what.empty() ? "" : " and ") + counted(status.orders, "order");
  const bool one = status.spooled + status.orders <= 1;
  return what + (one ? " waits for the store" : " wait for the store");
}

void Text::write(const CascadeAnswer& answer, Page& page) {
  write_evaluation(answer.evaluation, page);
  if (!answer.store.empty()) page.line("store ", answer.store);
  if (answer.explain) write_rules(answer.evaluation.decision, page);
}

}  // namespace rz::reports
