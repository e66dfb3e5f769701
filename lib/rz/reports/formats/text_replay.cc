#include <string>

#include "rz/base/counted.h"
#include "rz/base/duration.h"
#include "rz/base/timestamp.h"
#include "rz/reports/formats.h"
#include "rz/reports/policy_replay.h"
#include "rz/reports/writing/color_of.h"
#include "rz/reports/writing/text_table.h"

namespace rz::reports {
namespace {

std::string time_in(const fallback::SimulatedHistory& history, Mode mode) {
  return humanize_duration(history.time_in[static_cast<std::size_t>(mode)]);
}

std::string name_of_policy(const PolicyReplay::Row& row) {
  return row.policy.empty() ? "(defaults)" : row.policy;
}

void write_transitions(const PolicyReplay::Row& row, Page& page) {
  if (row.history.newest.empty()) return;
  page.line("");
  const auto shown = static_cast<std::int64_t>(row.history.newest.size());
  page.line(name_of_policy(row), shown < row.history.transitions ? ", the newest:" : ":");
  for (const Transition& each : row.history.newest) {
    page.line(format_timestamp(each.timestamp), "  ", to_string(each.from), " -> ",
              Painted{to_string(each.to), color_of(each.to)}, ": ", each.reason);
  }
}

}  // namespace

void Text::write(const PolicyReplay& replay, Page& page) {
  page.line(counted(static_cast<std::size_t>(replay.replayed.states), "state"),
            replay.replayed.since ? " from " + format_timestamp(*replay.replayed.since) + " to " +
                                        format_timestamp(*replay.replayed.until)
                                  : std::string());
  const auto others = static_cast<std::size_t>(replay.replayed.of_other_scopes);
  if (others > 0) page.line(counted(others, "state"), " of other scopes left out");
  page.line("");
  TextTable table({{"POLICY"},
                   {"TRANSITIONS", true},
                   {"PRIMARY", true},
                   {"HEURISTIC", true},
                   {"SAFE", true},
                   {"AT THE END"}});
  for (const PolicyReplay::Row& row : replay.rows) {
    table.add({{name_of_policy(row)},
               {std::to_string(row.history.transitions)},
               {time_in(row.history, Mode::primary)},
               {time_in(row.history, Mode::heuristic)},
               {time_in(row.history, Mode::safe)},
               {to_string(row.history.mode), color_of(row.history.mode)}});
  }
  table.print(page);
  for (const PolicyReplay::Row& row : replay.rows) write_transitions(row, page);
}

}  // namespace rz::reports
