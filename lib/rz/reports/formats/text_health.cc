#include <algorithm>
#include <string>
#include <utility>

#include "rz/base/duration.h"
#include "rz/base/text.h"
#include "rz/reports/formats.h"
#include "rz/reports/health_report.h"
#include "rz/reports/writing/color_of.h"
#include "rz/reports/writing/text_table.h"

namespace rz::reports {
namespace {

std::string ago(TimePoint then, TimePoint now) {
  return humanize_duration(std::max(now - then, Micros{0})) + " ago";
}

void write_checks(const std::vector<ReportLine>& lines, bool tells_places, Page& page) {
  TextTable table({{"STATUS"}, {"CHECK"}, {"LATENCY", true}, {"MESSAGE", false, true}});
  for (const ReportLine& line : lines) {
    if (!line.has_check) continue;
    const CheckResult& result = line.result;
    const auto latency = Micros{static_cast<std::int64_t>(result.latency_ms * 1000)};
    // Healthy on a further try is not plain green.
    const Color color = !line.counts() ? Color::dim
                        : line.flaky() ? Color::yellow
                                       : color_of(result.status);
    const bool has_place = tells_places && !line.healthy() && !line.where.empty();
    const std::string place = has_place ? " [" + line.where + "]" : "";
    table.add({{to_string(result.status), color},
               {result.name},
               {result.skipped ? "-" : humanize_duration(latency)},
               {line.text() + place}});
  }
  table.print(page);
}

// `unhealthy: 1 unhealthy, 3 healthy`.
void write_summary(const CheckReport& run, Page& page) {
  page.line(Painted{to_string(run.status()), color_of(run.status())}, ": ", count_text(run));
  if (!run.void_because.empty()) page.line("void: ", run.void_because);
}

TextTable unchecked_table() {
  return TextTable({{"STATUS"}, {"WITHOUT A CHECK"}, {"LAST", true}, {"MESSAGE", false, true}});
}

void add_unknown(std::string name, std::string message, TextTable& table) {
  table.add({{to_string(HealthStatus::unknown), color_of(HealthStatus::unknown)},
             {std::move(name)},
             {},
             {std::move(message)}});
}

void write_unchecked_error(const Error& error, Page& page) {
  TextTable table = unchecked_table();
  add_unknown(kUncheckedName, to_string(error), table);
  page.line("");
  table.print(page);
}

void write_unchecked(const health::Unchecked& unchecked, const HealthReport& report, Page& page) {
  const TimePoint now = report.now;
  TextTable table = unchecked_table();
  for (const ComponentHealth& component : unchecked.components) {
    if (report.only_failed && component.status == "healthy") continue;
    table.add({{component.status, color_of(component)},
               {component.name},
               {ago(component.last_updated, now)},
               {component.message.empty() ? "reported " + component.status : component.message}});
  }
  for (const BreakerState& breaker : unchecked.breakers) {
    if (report.only_failed && breaker.phase == BreakerState::Phase::closed) continue;
    table.add({{to_string(breaker.phase), color_of(breaker.phase)},
               {"breaker " + breaker.name},
               {ago(breaker.changed, now)},
               {"failures in a row: " + std::to_string(breaker.consecutive_failures) +
                "; opened: " + std::to_string(breaker.trips_total)}});
  }
  for (const Error& error : unchecked.unreadable) add_unknown(error.where, error.message, table);
  if (table.empty()) return;
  page.line("");
  table.print(page);
  page.line("These count when rz cascade decides; rz health forget removes them.");
}

}  // namespace

void Text::write(const HealthReport& report, Page& page) {
  const std::vector<ReportLine> lines = worst_first(report.listed());
  write_checks(lines, report.tells_places, page);
  const bool any = std::any_of(lines.begin(), lines.end(),
                               [](const ReportLine& line) { return line.has_check; });
  if (any || !report.only_failed) page.line("");
  write_summary(report.with_components(), page);
  if (report.unchecked) write_unchecked(*report.unchecked, report, page);
  if (report.unchecked_error) write_unchecked_error(*report.unchecked_error, page);
}

void Text::write(const CheckList& list, Page& page) {
  TextTable table({{"CHECK"}, {"TYPE"}, {"TIMEOUT", true}, {"TAGS"}});
  for (const RegisteredCheck& check : list.checks) {
    table.add({{check.check->name()},
               {std::string(check.check->type())},
               {format_duration(check.check->timeout())},
               {join(check.options.tags, ", ")}});
  }
  table.print(page);
}

// A command that did what it was told prints nothing for a person.
void Text::write(const ReportedComponent&, Page&) {}
void Text::write(const IngestedReports&, Page&) {}
void Text::write(const FedBreaker&, Page&) {}
void Text::write(const Forgotten&, Page&) {}

}  // namespace rz::reports
