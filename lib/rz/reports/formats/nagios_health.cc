// What a Nagios plugin prints (the guidelines of the Monitoring Plugins): `RZ STATE - text |
// perfdata`, and further lines with a line for each check. Nagios keeps 8 KiB of it, and begins the
// perfdata at the first `|`, wherever it stands. All perfdata are in the first line: a second part,
// behind the further lines, would have to begin with a blank for some readers and without one for
// Icinga 2, which takes a second blank for a part of the next label.

#include <fmt/format.h>

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "rz/base/text.h"
#include "rz/reports/failure.h"
#include "rz/reports/formats.h"
#include "rz/reports/health_report.h"
#include "rz/reports/writing/measurements.h"
#include "rz/reports/writing/nagios_text.h"

namespace rz::reports {
namespace {

constexpr std::size_t kFirstLineColumns = 80;
constexpr std::size_t kLineColumns = 400;
constexpr std::size_t kMaxTextBytes = 4'000;
constexpr std::size_t kMaxPerfdataBytes = 3'500;
// A long name must leave room for the cause.
constexpr std::size_t kNameColumns = 30;

const char* nagios_state(HealthStatus status) {
  switch (status) {
    case HealthStatus::healthy: return "OK";
    case HealthStatus::degraded: return "WARNING";
    case HealthStatus::unhealthy: return "CRITICAL";
    case HealthStatus::unknown: return "UNKNOWN";
  }
  return "UNKNOWN";
}

// The bad checks in the first line: the worst with its cause, and how many more there are.
std::string first_text(const std::vector<ReportLine>& lines, const std::string& counts,
                       std::size_t room) {
  std::size_t bad = 0;
  std::size_t flaky = 0;
  for (const ReportLine& line : lines) {
    if (line.bad()) ++bad;
    if (line.flaky()) ++flaky;
  }
  if (lines.empty()) return "no checks";
  if (bad == 0)
    return counts + (flaky > 0 ? fmt::format(" ({} only when tried again)", flaky) : "");
  const std::string more = bad > 1 ? fmt::format(" (and {} more)", bad - 1) : std::string();
  const std::string text = ellipsize(nagios_text(lines.front().result.name), kNameColumns) + ": " +
                           nagios_text(lines.front().text());
  return ellipsize(text, room - more.size()) + more;
}

std::string further_lines(const std::vector<ReportLine>& lines) {
  std::string text;
  std::size_t shown = 0;
  for (const ReportLine& line : lines) {
    const std::string one =
        // Of one that does not count the text tells what it is.
        fmt::format("[{}] ", line.counts() ? nagios_state(line.result.status) : "OK") +
        ellipsize(nagios_text(line.result.name) + ": " + nagios_text(line.text()), kLineColumns);
    if (text.size() + one.size() > kMaxTextBytes) break;
    text += "\n" + one;
    ++shown;
  }
  if (shown < lines.size()) text += fmt::format("\n… and {} more", lines.size() - shown);
  return text;
}

std::string perfdata_of_checks(const std::vector<ReportLine>& lines) {
  std::string perfdata;
  std::set<std::string> labels;
  for (const ReportLine& line : lines) {
    if (!line.has_check) continue;
    for (const Measurement& measured : measurements_of(line.result)) {
      std::string name = line.result.name + " " + measured.name;
      while (!labels.insert(nagios_label(name)).second) name += '_';
      const std::string item = perfdata_item(nagios_label(name), measured);
      // A part of an item would be read as another value.
      if (perfdata.size() + item.size() > kMaxPerfdataBytes) return perfdata;
      perfdata += " " + item;
    }
  }
  return perfdata;
}

}  // namespace

void Nagios::write(const HealthReport& report, Page& page) {
  const CheckReport all = report.with_components();
  const StatusCounts counts(all);
  const std::vector<ReportLine> lines = worst_first(report.lines());
  const std::string head = fmt::format("RZ {} - ", nagios_state(all.status())) +
                           (all.void_because.empty() ? "" : "void: ");
  std::string first = head + first_text(lines, count_text(all), kFirstLineColumns - head.size());
  first += " |";
  for (const auto status :
       {HealthStatus::unhealthy, HealthStatus::degraded, HealthStatus::unknown}) {
    const Measurement count{to_string(status), static_cast<double>(counts[status])};
    first += " " + perfdata_item(nagios_label(count.name), count);
  }
  const Measurement took{.name = "time", .value = all.duration_ms / 1000, .unit = "s", .min = "0"};
  first += " " + perfdata_item(nagios_label(took.name), took);
  first += perfdata_of_checks(lines);
  page.raw(first + further_lines(worst_first(report.listed())) + "\n");
}

// Nagios shows standard output alone.
void Nagios::write(const Failure& failure, Page& page) {
  page.raw("RZ UNKNOWN - " + ellipsize(nagios_text(to_string(failure.error)), kLineColumns) + "\n");
}

}  // namespace rz::reports
