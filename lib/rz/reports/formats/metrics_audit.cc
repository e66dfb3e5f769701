// An audit in Prometheus' two text formats, for a textfile collector or a push.

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "rz/base/duration.h"
#include "rz/reports/formats.h"
#include "rz/reports/history_report.h"
#include "rz/reports/writing/metric_family.h"

namespace rz::reports {
namespace {

using history::Audit;
using history::LimitResult;

constexpr LimitResult kLimitResults[] = {LimitResult::kept, LimitResult::warned,
                                         LimitResult::unknown, LimitResult::broken};

double seconds_of(Micros time) { return std::chrono::duration<double>(time).count(); }

double unix_seconds(TimePoint time) { return seconds_of(time.time_since_epoch()); }

// What is not known has no sample, which a query can tell from 0.
void add_if_known(MetricFamily& family, MetricFamily::Labels labels,
                  const std::optional<double>& value) {
  if (value) family.add(std::move(labels), *value);
}

void add_window(const Audit& audit, std::vector<MetricFamily>& families) {
  MetricFamily begin("rz_audit_window_begin_timestamp_seconds", "seconds",
                     "When the audited window begins.");
  MetricFamily end("rz_audit_window_end_timestamp_seconds", "seconds",
                   "When the audited window ends.");
  begin.add({}, unix_seconds(audit.window.begin));
  end.add({}, unix_seconds(audit.window.end));
  families.insert(families.end(), {begin, end});
}

void add_figures(const Audit& audit, std::vector<MetricFamily>& families) {
  MetricFamily time("rz_audit_time_seconds", "seconds", "Time of the window by mode.");
  for (const history::TimeKind kind : history::kTimeKinds) {
    time.add({{"mode", history::to_string(kind)}}, seconds_of(audit.time.of(kind)));
  }
  MetricFamily availability("rz_audit_availability_ratio", "ratio",
                            "Share of the counted time in primary, from 0 to 1.");
  add_if_known(availability, {}, audit.time.availability());
  MetricFamily transitions("rz_audit_transitions", "", "Changes of the mode in the window.");
  transitions.add({}, static_cast<double>(audit.transitions.total));
  MetricFamily flaps("rz_audit_flaps", "", "Changes back to a mode that was left shortly before.");
  flaps.add({}, static_cast<double>(audit.flaps.total));
  MetricFamily episodes("rz_audit_episodes", "", "Times of degradation, by how they ended.");
  episodes.add({{"ended", "recovered"}}, static_cast<double>(audit.recovery.complete));
  episodes.add({{"ended", "open"}}, static_cast<double>(audit.recovery.open));
  episodes.add({{"ended", "cut"}}, static_cast<double>(audit.recovery.cut));
  MetricFamily recovery("rz_audit_recovery_seconds", "seconds",
                        "Time to recover, over complete episodes.");
  for (const auto& [name, value] : {std::pair{"mean", audit.recovery.mean},
                                    {"median", audit.recovery.median},
                                    {"p90", audit.recovery.p90}}) {
    if (value) recovery.add({{"statistic", name}}, seconds_of(*value));
  }
  families.insert(families.end(), {time, availability, transitions, flaps, episodes, recovery});
}

void add_budget(const history::ErrorBudget& budget, std::vector<MetricFamily>& families) {
  MetricFamily allowed("rz_audit_error_budget_seconds", "seconds",
                       "Time that may be spent degraded within the objective's window.");
  MetricFamily spent("rz_audit_error_budget_spent_seconds", "seconds",
                     "Time that was spent degraded within the objective's window.");
  MetricFamily burn("rz_audit_burn_rate", "",
                    "How fast the error budget is spent; 1 spends it in exactly its window.");
  allowed.add({}, seconds_of(budget.budget));
  spent.add({}, seconds_of(budget.spent));
  // The short window of one rate is the long one of another.
  std::map<Micros, std::optional<double>> rates;
  for (const history::BurnRate& rate : budget.burn_rates) {
    rates[rate.long_window] = rate.long_rate;
    rates[rate.short_window] = rate.short_rate;
  }
  for (const auto& [window, rate] : rates) {
    add_if_known(burn, {{"window", format_duration(window)}}, rate);
  }
  families.insert(families.end(), {allowed, spent, burn});
}

void add_limits(const AuditReport& report, std::vector<MetricFamily>& families) {
  MetricFamily answer("rz_audit_result", "",
                      "1 for the answer of the audit (within, over, unknown), 0 for the others.");
  for (const std::string one : {"within", "over", "unknown"}) {
    answer.add({{"result", one}}, one == audit_answer(report) ? 1 : 0);
  }
  MetricFamily result("rz_audit_limit_result", "",
                      "1 for the result of the limit, 0 for the others.");
  MetricFamily found("rz_audit_limit_found", "", "What was found of what the limit is for.");
  MetricFamily allowed("rz_audit_limit_allowed", "", "What the limit allows.");
  for (const history::LimitVerdict& limit : report.limits) {
    for (const LimitResult one : kLimitResults) {
      result.add({{"limit", limit.name}, {"result", history::to_string(one)}},
                 limit.result == one ? 1 : 0);
    }
    add_if_known(found, {{"limit", limit.name}}, limit.found.value);
    add_if_known(allowed, {{"limit", limit.name}}, limit.allowed.value);
  }
  families.insert(families.end(), {answer, result, found, allowed});
}

void write_families(const AuditReport& report, bool openmetrics, Page& page) {
  std::vector<MetricFamily> families;
  add_window(report.stats.audit, families);
  add_limits(report, families);
  add_figures(report.stats.audit, families);
  if (report.stats.audit.budget) add_budget(*report.stats.audit.budget, families);
  for (const MetricFamily& family : families) family.write(page, openmetrics);
}

}  // namespace

void Prometheus::write(const AuditReport& report, Page& page) {
  write_families(report, false, page);
}

void OpenMetrics::write(const AuditReport& report, Page& page) {
  write_families(report, true, page);
  page.raw("# EOF\n");
}

}  // namespace rz::reports
