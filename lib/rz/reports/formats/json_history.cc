#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "rz/base/timestamp.h"
#include "rz/reports/formats.h"
#include "rz/reports/history_report.h"

namespace rz::reports {
namespace {

using history::Audit;
using history::LimitResult;
using history::LimitVerdict;
using history::ModeTime;
using history::TimeKind;

// As many as there are of longest_primary.
constexpr std::size_t kLongestShown = 5;

Value seconds_value(Micros time) { return std::chrono::duration<double>(time).count(); }

Value seconds_or_null(const std::optional<Micros>& time) {
  return time ? seconds_value(*time) : Value();
}

Value number_or_null(const std::optional<double>& number) {
  return number ? Value(*number) : Value();
}

Value text_or_null(const std::string& text) { return text.empty() ? Value() : Value(text); }

template <class T, class ToValue>
Value array_of(const std::vector<T>& items, ToValue to_item) {
  Value array = Value::array();
  for (const T& item : items) array.push_back(to_item(item));
  return array;
}

Value transition_value(const Transition& record) { return to_value(record); }

Value interval_value(const history::Interval& when) {
  return Value::object(
      {{"begin", format_timestamp(when.begin)}, {"end", format_timestamp(when.end)}});
}

void set_times(const ModeTime& time, Value& value) {
  value.set("time_in_mode_s",
            Value::object({{"primary", seconds_value(time.of(TimeKind::primary))},
                           {"heuristic", seconds_value(time.of(TimeKind::heuristic))},
                           {"safe", seconds_value(time.of(TimeKind::safe))}}));
  value.set("unknown_s", seconds_value(time.of(TimeKind::unknown)));
  value.set("maintenance_s", seconds_value(time.of(TimeKind::maintenance)));
  value.set("availability", number_or_null(time.availability()));
}

Value episode_value(const history::Episode& episode) {
  const bool open = episode.ended == history::EpisodeEnd::open;
  return Value::object({{"begin", format_timestamp(episode.begin)},
                        {"begun_before", episode.begun_before},
                        {"begin_known", episode.begin_known},
                        {"end", open ? Value() : Value(format_timestamp(episode.end))},
                        {"ended", to_string(episode.ended)},
                        {"counted_as", to_string(episode.counted_as())},
                        {"length_s", seconds_value(episode.length)},
                        {"maintenance_s", seconds_value(episode.maintenance)},
                        {"worst", to_string(episode.worst)},
                        {"reasons", Value::Array(episode.reasons.begin(), episode.reasons.end())},
                        {"more_reasons", episode.more_reasons},
                        {"trigger", text_or_null(episode.trigger)},
                        {"actor", text_or_null(episode.actor)},
                        {"host", text_or_null(episode.host)},
                        {"epoch", episode.epoch ? Value(*episode.epoch) : Value()}});
}

Value records_value(const history::RecordCounts& counts) {
  return Value::object({{"total", counts.records},
                        {"pins", counts.pins},
                        {"restored", counts.restored},
                        {"offline", counts.offline},
                        {"legacy", counts.legacy},
                        {"planned", counts.planned},
                        {"out_of_order", counts.out_of_order},
                        {"gaps", counts.gaps}});
}

// What an audit and statistics have in common.
void set_audit(const Audit& audit, Value& value) {
  value.set("transitions", audit.transitions.total);
  set_times(audit.time, value);
  value.set("lost_s", seconds_value(audit.lost));
  value.set("flaps", audit.flaps.total);
  value.set("flap_window_s", seconds_value(audit.flap_window));
  value.set("longest_degraded_s", seconds_or_null(audit.longest_degraded));
  value.set("mean_time_to_recover_s", seconds_or_null(audit.recovery.mean));
  value.set("recovery", Value::object({{"complete", audit.recovery.complete},
                                       {"open", audit.recovery.open},
                                       {"cut", audit.recovery.cut},
                                       {"mean_s", seconds_or_null(audit.recovery.mean)},
                                       {"median_s", seconds_or_null(audit.recovery.median)},
                                       {"p90_s", seconds_or_null(audit.recovery.p90)}}));
  value.set("episodes_total", audit.episodes_total);
  value.set("episodes", array_of(audit.episodes, episode_value));
  value.set("maintenance", array_of(audit.maintenance, interval_value));
  value.set("records", records_value(audit.records));
}

Value burn_value(const history::BurnRate& rate) {
  return Value::object({{"long_s", seconds_value(rate.long_window)},
                        {"short_s", seconds_value(rate.short_window)},
                        {"factor", rate.factor},
                        {"long_rate", number_or_null(rate.long_rate)},
                        {"short_rate", number_or_null(rate.short_rate)},
                        {"severity", rate.pages ? "page" : "ticket"},
                        {"burns", rate.burns()}});
}

Value budget_value(const history::ErrorBudget& budget) {
  Value value = Value::object({{"slo_percent", budget.objective.slo},
                               {"since", format_timestamp(budget.when.begin)},
                               {"until", format_timestamp(budget.when.end)},
                               {"budget_s", seconds_value(budget.budget)},
                               {"spent_s", seconds_value(budget.spent)},
                               {"left_s", seconds_value(budget.left())}});
  set_times(budget.time, value);
  value.set("lost_s", seconds_value(budget.lost));
  value.set("burn_rates", array_of(budget.burn_rates, burn_value));
  return value;
}

Value limit_value(const LimitVerdict& limit) {
  return Value::object({{"limit", limit.name},
                        {"result", history::to_string(limit.result)},
                        {"found", number_or_null(limit.found.value)},
                        {"allowed", number_or_null(limit.allowed.value)},
                        {"unit", text_or_null(limit.unit)},
                        {"message", limit.sentence}});
}

Value violation_value(const LimitVerdict& limit) {
  Value value = limit_value(limit);
  value.set("records_total", limit.records_total);
  value.set("records", array_of(limit.records, transition_value));
  value.set("record_missing", limit.record_missing);
  return value;
}

void set_incomplete(const StatsReport& report, Value& value) {
  if (report.complete()) return;
  value.set("complete", false);
  value.set("incomplete_because", incompleteness_of(report));
}

Value window_value(const char* schema, const history::Interval& window) {
  return Value::object({{"schema", schema},
                        {"since", format_timestamp(window.begin)},
                        {"until", format_timestamp(window.end)}});
}

// True, false, or null where it cannot be told.
Value ok_value(const AuditReport& report) {
  switch (report.result()) {
    case LimitResult::kept:
    case LimitResult::warned: return true;
    case LimitResult::broken: return false;
    case LimitResult::unknown: return {};
  }
  return {};
}

Value stretch_value(const history::Stretch& stretch) {
  Value value = interval_value(stretch.when);
  value.set("length_s", seconds_value(stretch.length));
  return value;
}

Value cause_value(const history::Cause& cause) {
  return Value::object({{"cause", cause.name},
                        {"count", cause.count},
                        {"degraded_s", seconds_value(cause.degraded)}});
}

Value recent_value(const history::Recent& recent) {
  Value value = Value::object({{"period_s", seconds_value(recent.period)}});
  set_times(recent.time, value);
  return value;
}

// Those within the window, also where a page that is written in the same run has more.
Value recent_values(const Audit& audit) {
  Value values = Value::array();
  for (const history::Recent& recent : audit.recent) {
    if (recent.period <= audit.window.length()) values.push_back(recent_value(recent));
  }
  return values;
}

Value periods_value(const StatsReport& report) {
  return array_of(report.audit.periods, [&](const history::Period& period) {
    Value value = Value::object(
        {{"label", history::calendar_label(period.when.begin, report.unit, report.zone)},
         {"begin", format_timestamp(period.when.begin)},
         {"end", format_timestamp(period.when.end)}});
    const auto worst = period.time.worst();
    value.set("worst", worst ? Value(history::to_string(*worst)) : Value());
    set_times(period.time, value);
    value.set("transitions", period.transitions);
    value.set("flaps", period.flaps);
    value.set("episodes", period.episodes);
    return value;
  });
}

}  // namespace

void Json::write(const AuditReport& report, Page& page) {
  const Audit& audit = report.stats.audit;
  Value document = window_value("rz.audit/1", audit.window);
  document.set("ok", ok_value(report));
  document.set("conclusion", conclusion_of(report));
  set_audit(audit, document);
  document.set("budget", audit.budget ? budget_value(*audit.budget) : Value());
  document.set("limits", array_of(report.limits, limit_value));
  Value violations = Value::array();
  for (const LimitVerdict& limit : report.limits) {
    if (limit.result != LimitResult::kept) violations.push_back(violation_value(limit));
  }
  document.set("violations", std::move(violations));
  set_incomplete(report.stats, document);
  page.json(document);
}

void Json::write(const StatsReport& report, Page& page) {
  const Audit& audit = report.audit;
  Value document = window_value("rz.stats/1", audit.window);
  set_audit(audit, document);
  document.set("recent", recent_values(audit));
  document.set("longest_primary", array_of(audit.longest_primary, stretch_value));
  document.set("longest_degraded", array_of(longest_episodes(audit, kLongestShown), episode_value));
  document.set("causes", array_of(audit.causes, cause_value));
  document.set("by", history::to_string(report.unit));
  document.set("timezone", text_or_null(report.zone_name));
  document.set("periods", periods_value(report));
  set_incomplete(report, document);
  page.json(document);
}

}  // namespace rz::reports
