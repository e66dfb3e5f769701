#include <algorithm>
#include <string>

#include "rz/base/counted.h"
#include "rz/base/duration.h"
#include "rz/base/timestamp.h"
#include "rz/reports/cascade_answer.h"
#include "rz/reports/formats.h"
#include "rz/reports/writing/color_of.h"
#include "rz/reports/writing/text_table.h"

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
              " still to be run, by the rz that has claimed ",
              evaluation.after.callbacks_owed == 1 ? "it" : "them", " or by the next one");
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

// How long ago, and how long still: the store's clock and that of a voter may differ by a moment.
std::string age_of(const Vote& vote, TimePoint now) {
  return humanize_duration(std::max(now - vote.at, Micros{0}));
}
std::string time_left(const Vote& vote, TimePoint now) {
  const Micros age = std::max(now - vote.at, Micros{0});
  return humanize_duration(std::max(vote.ttl - age, Micros{0}));
}

void write_votes(const Votes& votes, Page& page) {
  TextTable table({{"VOTER"}, {"CALLS FOR"}, {"AGE", true}, {"LEFT", true}, {"REASON"}});
  for (const Vote& vote : votes.standing) {
    table.add({{vote.voter},
               {to_string(vote.mode), color_of(vote.mode)},
               {age_of(vote, votes.now)},
               {time_left(vote, votes.now)},
               {vote.reason}});
  }
  table.print(page);
  for (const std::string& key : votes.unreadable) page.line("the vote ", key, " cannot be read");
}

// `safe is called for by 1 of the 2 hosts that the quorum asks for`, for each mode that is.
void write_tally(const Votes& votes, Page& page) {
  for (const Mode mode : {Mode::safe, Mode::heuristic}) {
    const std::size_t hosts = count_for(votes.standing, mode);
    if (hosts == 0) continue;
    page.line(Painted{to_string(mode), color_of(mode)}, " is called for by ",
              counted(hosts, "host"), "; the quorum is ", votes.quorum);
  }
}

void write_rules(const Decision& decision, Page& page) {
  TextTable table(
      {{"RULE"}, {"CALLS FOR"}, {"FIRED"}, {.title = "FIRES WHEN", .shrink = true}, {"IS NOW"}});
  for (const RuleVerdict& rule : decision.rules) {
    table.add({{rule.name},
               {to_string(rule.mode)},
               {rule.fired ? "yes" : "no", rule.fired ? color_of(rule.mode) : Color::none},
               {rule.waits.empty() ? rule.limit : rule.limit + " (" + rule.waits + ")"},
               {std::string(value_alone(rule.inputs))}});
  }
  page.line("");
  table.print(page);
  if (!decision.changes.empty()) page.line("");
  for (const std::string& change : decision.changes) page.line("would be ", change);
  if (decision.detail.empty()) return;
  page.line("");
  page.line(decision.detail);
}

}  // namespace

void Text::write(const CascadeAnswer& answer, Page& page) {
  write_evaluation(answer.evaluation, page);
  const Votes& votes = answer.evaluation.votes;
  // Otherwise what is held back says how many call for it.
  if (!answer.store.empty() && votes_apply(votes)) write_tally(votes, page);
  if (!answer.store.empty()) page.line("store ", answer.store);
  if (!answer.explain) return;
  write_rules(answer.evaluation.decision, page);
  if (!votes_apply(votes)) return;
  page.line("");
  write_tally(votes, page);
  write_votes(votes, page);
}

void Text::write(const Votes& votes, Page& page) {
  if (votes.standing.empty() && votes.unreadable.empty()) {
    page.line("no votes: no host calls for a worse mode than primary");
    return;
  }
  write_tally(votes, page);
  page.line("");
  write_votes(votes, page);
}

}  // namespace rz::reports
