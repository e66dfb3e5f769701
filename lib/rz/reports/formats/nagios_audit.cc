// An audit as the output of a Nagios plugin. The state is that of the exit code: over a limit is 1,
// which is WARNING.

#include <chrono>
#include <string>

#include "rz/base/text.h"
#include "rz/reports/formats.h"
#include "rz/reports/history_report.h"
#include "rz/reports/writing/nagios_text.h"

namespace rz::reports {
namespace {

using history::LimitResult;
using history::TimeKind;

constexpr std::size_t kAuditTextColumns = 80;
constexpr std::size_t kAuditLineColumns = 400;

const char* audit_state(LimitResult result) {
  switch (result) {
    case LimitResult::kept:
    case LimitResult::warned: return "OK";
    case LimitResult::unknown: return "UNKNOWN";
    case LimitResult::broken: return "WARNING";
  }
  return "UNKNOWN";
}

std::string audit_item(const Measurement& measured) {
  return " " + perfdata_item(nagios_label(measured.name), measured);
}

std::string time_item(TimeKind kind, const history::ModeTime& time) {
  return audit_item({.name = history::to_string(kind),
                     .value = std::chrono::duration<double>(time.of(kind)).count(),
                     .unit = "s",
                     .min = "0"});
}

}  // namespace

void Nagios::write(const AuditReport& report, Page& page) {
  const history::Audit& audit = report.stats.audit;
  std::string text = std::string("RZ ") + audit_state(report.result()) + " - ";
  text += ellipsize(nagios_text(conclusion_of(report)), kAuditTextColumns - text.size()) + " |";
  const auto availability = audit.time.availability();
  text += audit_item({.name = "availability",
                      .value = availability ? std::optional(*availability * 100) : std::nullopt,
                      .unit = "%"});
  for (const TimeKind kind : history::kTimeKinds) text += time_item(kind, audit.time);
  // A limit as a range: up to it all is well.
  for (const history::LimitVerdict& limit : report.limits) {
    const std::string most = limit.allowed.value ? plain_number(*limit.allowed.value) : "";
    text += audit_item(
        {.name = limit.name, .value = limit.found.value, .unit = limit.unit, .warning = most});
  }
  for (const history::LimitVerdict& limit : report.limits) {
    if (limit.result == LimitResult::kept) continue;
    text += "\n" + ellipsize(nagios_text(limit.name + ": " + limit.sentence), kAuditLineColumns);
  }
  page.raw(text + "\n");
}

}  // namespace rz::reports
