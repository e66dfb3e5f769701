#include <chrono>
#include <utility>

#include "rz/base/timestamp.h"
#include "rz/fallback/history/transition.h"
#include "rz/reports/formats.h"
#include "rz/reports/policy_replay.h"

namespace rz::reports {
namespace {

Value time_value(const std::optional<TimePoint>& time) {
  return time ? Value(format_timestamp(*time)) : Value();
}

Value row_value(const PolicyReplay::Row& row) {
  Value times = Value::object();
  for (const Mode mode : {Mode::primary, Mode::heuristic, Mode::safe}) {
    const Micros time = row.history.time_in[static_cast<std::size_t>(mode)];
    times.set(to_string(mode), std::chrono::duration<double>(time).count());
  }
  Value newest = Value::array();
  for (const Transition& each : row.history.newest) {
    newest.push_back(Value::object({{"timestamp", format_timestamp(each.timestamp)},
                                    {"from", to_string(each.from)},
                                    {"to", to_string(each.to)},
                                    {"reason", each.reason}}));
  }
  return Value::object({{"policy", row.policy.empty() ? Value() : Value(row.policy)},
                        {"transitions", row.history.transitions},
                        {"time_in_mode_s", std::move(times)},
                        {"mode", to_string(row.history.mode)},
                        {"newest_transitions", std::move(newest)}});
}

}  // namespace

void Json::write(const PolicyReplay& replay, Page& page) {
  Value rows = Value::array();
  for (const PolicyReplay::Row& row : replay.rows) rows.push_back(row_value(row));
  page.json(Value::object({{"schema", "rz.cascade.replay/1"},
                           {"scope", replay.scope.empty() ? Value() : Value(replay.scope)},
                           {"states", replay.replayed.states},
                           {"states_of_other_scopes", replay.replayed.of_other_scopes},
                           {"since", time_value(replay.replayed.since)},
                           {"until", time_value(replay.replayed.until)},
                           {"policies", std::move(rows)}}));
}

}  // namespace rz::reports
