#include "rz/server/snapshot.h"

#include <algorithm>

#include "rz/reports/formats.h"
#include "rz/reports/health_metrics.h"
#include "rz/server/status_page.h"

namespace rz::server {
namespace {

constexpr const char* kWithheld = "details withheld";

HealthBodies bodies_of(const reports::HealthReport& report) {
  HealthBodies bodies;
  for (std::size_t i = 0; i < kHealthFormats.size(); ++i) {
    reports::StringPage page;
    reports::write(report, kHealthFormats[i], page);
    bodies.by_format[i] = std::make_shared<const std::string>(page.text());
  }
  return bodies;
}

std::string metrics_of(const reports::HealthReport& report, bool openmetrics) {
  reports::StringPage page;
  for (const reports::MetricFamily& family : reports::metric_families(report)) {
    family.write(page, openmetrics);
  }
  return page.text();
}

std::vector<Snapshot::Line> lines_of(const reports::HealthReport& report) {
  std::vector<Snapshot::Line> lines;
  for (const reports::ReportLine& line : report.lines()) {
    const std::size_t i = lines.size();
    Snapshot::Line added{line.result.name, {}, line.result.status, line.text()};
    added.uncounted = line.result.uncounted;
    if (i < report.run.checks.size()) {
      added.tags = report.run.checks[i].options.tags;
      added.fail_on = report.run.checks[i].options.fail_on;
    }
    lines.push_back(std::move(added));
  }
  return lines;
}

void withhold(CheckResult& result) {
  result.message = result.status == HealthStatus::healthy ? "" : kWithheld;
  result.metadata = Value::object();
  result.failure.reset();
}

}  // namespace

reports::HealthReport withhold_details(reports::HealthReport report) {
  for (CheckResult& result : report.run.results) withhold(result);
  // It has the messages of the canaries.
  if (!report.run.void_because.empty()) report.run.void_because = kWithheld;
  report.host.clear();
  report.config_path.clear();
  if (report.unchecked) {
    for (ComponentHealth& component : report.unchecked->components) {
      component.message = kWithheld;
      component.metadata = Value::object();
    }
    for (Error& error : report.unchecked->unreadable) error.message = kWithheld;
  }
  if (report.unchecked_error) {
    report.unchecked_error = Error{report.unchecked_error->code, kWithheld, {}};
  }
  return report;
}

std::shared_ptr<const Snapshot> make_snapshot(const reports::HealthReport& report, TimePoint begun,
                                              std::chrono::nanoseconds begun_steady,
                                              std::optional<Mode> mode) {
  auto snapshot = std::make_shared<Snapshot>();
  const CheckReport all = report.with_components();
  snapshot->status = all.status();
  snapshot->counts = all.results.empty() ? "no checks" : reports::count_text(all);
  snapshot->lines = lines_of(report);
  snapshot->void_because = report.run.void_because;
  const reports::HealthReport withheld = withhold_details(report);
  snapshot->full = bodies_of(report);
  snapshot->withheld = bodies_of(withheld);
  snapshot->prometheus = metrics_of(report, false);
  snapshot->openmetrics = metrics_of(report, true);
  snapshot->page = status_table(report);
  snapshot->page_withheld = status_table(withheld);
  snapshot->mode = mode;
  snapshot->begun = begun;
  snapshot->begun_steady = begun_steady;
  return snapshot;
}

std::chrono::nanoseconds age_of(const Snapshot& snapshot, const Clock& clock) {
  const std::chrono::nanoseconds steady = clock.monotonic() - snapshot.begun_steady;
  return std::max<std::chrono::nanoseconds>(steady, clock.now() - snapshot.begun);
}

}  // namespace rz::server
