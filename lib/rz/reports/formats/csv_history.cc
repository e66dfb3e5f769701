#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "rz/base/text.h"
#include "rz/base/timestamp.h"
#include "rz/reports/formats.h"
#include "rz/reports/history_report.h"
#include "rz/reports/writing/csv.h"

namespace rz::reports {
namespace {

std::string seconds_field(Micros time) {
  return format_double(std::chrono::duration<double>(time).count());
}

std::string number_field(const std::optional<double>& number) {
  return number ? format_double(*number) : "";
}

}  // namespace

// A row for each limit. Records and episodes have other columns, and stand in the other formats.
void Csv::write(const AuditReport& report, Page& page) {
  const history::Interval& window = report.stats.audit.window;
  CsvWriter csv(page);
  csv.row({"since", "until", "limit", "result", "found", "allowed", "unit", "message"});
  for (const history::LimitVerdict& limit : report.limits) {
    csv.row({format_timestamp(window.begin), format_timestamp(window.end), limit.name,
             history::to_string(limit.result), number_field(limit.found.value),
             number_field(limit.allowed.value), limit.unit, limit.sentence});
  }
}

// A row for each period.
void Csv::write(const StatsReport& report, Page& page) {
  CsvWriter csv(page);
  std::vector<std::string> titles = {history::to_string(report.unit), "begin", "end"};
  for (const history::TimeKind kind : history::kTimeKinds) {
    titles.push_back(std::string(history::to_string(kind)) + "_s");
  }
  for (const char* title : {"availability", "transitions", "flaps", "episodes"}) {
    titles.emplace_back(title);
  }
  csv.row(titles);
  for (const history::Period& period : report.audit.periods) {
    std::vector<std::string> fields = {
        history::calendar_label(period.when.begin, report.unit, report.zone),
        format_timestamp(period.when.begin), format_timestamp(period.when.end)};
    for (const history::TimeKind kind : history::kTimeKinds) {
      fields.push_back(seconds_field(period.time.of(kind)));
    }
    fields.push_back(number_field(period.time.availability()));
    for (const std::size_t count : {period.transitions, period.flaps, period.episodes}) {
      fields.push_back(std::to_string(count));
    }
    csv.row(fields);
  }
}

}  // namespace rz::reports
