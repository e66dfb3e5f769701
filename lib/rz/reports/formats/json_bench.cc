#include "rz/base/error_value.h"
#include "rz/base/timestamp.h"
#include "rz/reports/bench_report.h"
#include "rz/reports/formats.h"

namespace rz::reports {
namespace {

Value value_or_null(const std::optional<double>& number) {
  return number ? Value(*number) : Value();
}

Value to_value(const bench::BenchmarkChange& change) {
  Value value = Value::object({{"name", change.name},
                               {"unit", change.unit},
                               {"before", change.before},
                               {"now", change.now},
                               {"ratio", change.ratio},
                               {"low", change.interval.low},
                               {"high", change.interval.high},
                               {"p", value_or_null(change.p)},
                               {"p_adjusted", value_or_null(change.p_adjusted)},
                               {"effect_size", change.effect},
                               {"verdict", bench::to_string(change.verdict)},
                               {"severity", bench::to_string(change.severity)}});
  if (change.waits != bench::Interval{1, 1}) {
    value.set("disk_low", change.waits.low);
    value.set("disk_high", change.waits.high);
  }
  if (change.noise) value.set("noise", *change.noise);
  if (!change.why.empty()) value.set("why", change.why);
  if (change.needed > 0) value.set("needs", change.needed);
  return value;
}

Value to_value(const std::vector<bench::MachineDifference>& differences) {
  Value list = Value::array();
  for (const bench::MachineDifference& one : differences) {
    list.push_back(Value::object({{"what", one.what}, {"before", one.before}, {"now", one.now}}));
  }
  return list;
}

Value texts(const std::vector<std::string>& list) { return Value::Array(list.begin(), list.end()); }

Value to_value(const bench::Comparison& comparison) {
  Value value = Value::object({{"baseline", comparison.baseline},
                               {"measured_by", comparison.baseline_program},
                               {"warn_above", comparison.limits.warn_above},
                               {"fail_above", comparison.limits.fail_above},
                               {"other_machine", comparison.other_machine},
                               {"unknown_machine", comparison.unknown_machine},
                               {"machine_differences", to_value(comparison.differences)}});
  Value drifts = Value::array();
  for (const bench::MachineDrift& drift : comparison.drifts) {
    drifts.push_back(Value::object({{"name", drift.name}, {"ratio", drift.ratio}}));
  }
  Value changes = Value::array();
  for (const bench::BenchmarkChange& change : comparison.changes) {
    changes.push_back(to_value(change));
  }
  value.set("machine_drift", std::move(drifts));
  value.set("geometric_mean", comparison.geometric_mean);
  value.set("changes", std::move(changes));
  value.set("only_before", texts(comparison.only_before));
  value.set("only_now", texts(comparison.only_now));
  return value;
}

Value to_value(const bench::RunHistory& history, const bench::BenchmarkHistory& one) {
  Value changes = Value::array();
  for (const bench::ChangePoint& change : one.changes) {
    const bench::BenchRun& run = history.runs[one.runs[change.index]];
    Value point = Value::object({{"file", run.name}, {"ratio", change.ratio}, {"p", change.p}});
    if (!run.commit.empty()) point.set("commit", run.commit);
    if (run.timestamp) point.set("timestamp", format_timestamp(*run.timestamp));
    changes.push_back(std::move(point));
  }
  return Value::object({{"name", one.name},
                        {"unit", one.unit},
                        {"medians", Value::Array(one.medians.begin(), one.medians.end())},
                        {"noise", value_or_null(one.noise)},
                        {"changes", std::move(changes)}});
}

}  // namespace

void Json::write(const BenchReport& report, Page& page) {
  Value document = bench::to_value(report.run);
  if (report.comparison) document.set("comparison", to_value(*report.comparison));
  if (report.error) document.set("error", rz::to_value(*report.error));
  page.json(document);
}

void Json::write(const BenchList& list, Page& page) {
  page.json(Value::object({{"schema", "rz.bench.list/1"}, {"benchmarks", texts(list.names)}}));
}

void Json::write(const BenchHistory& document, Page& page) {
  Value benchmarks = Value::array();
  for (const bench::BenchmarkHistory& one : document.history.benchmarks) {
    benchmarks.push_back(to_value(document.history, one));
  }
  Value files = Value::array();
  for (const bench::BenchRun& run : document.history.runs) files.push_back(run.name);
  page.json(Value::object({{"schema", "rz.bench.history/1"},
                           {"files", std::move(files)},
                           {"machine_differences", to_value(document.history.differences)},
                           {"benchmarks", std::move(benchmarks)}}));
}

}  // namespace rz::reports
