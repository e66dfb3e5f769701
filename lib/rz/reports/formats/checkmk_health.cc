// Lines of a local check of Checkmk's agent, each a service: `STATE "NAME" METRICS TEXT`.

#include <fmt/format.h>

#include <set>
#include <string>
#include <string_view>

#include "rz/base/text.h"
#include "rz/reports/failure.h"
#include "rz/reports/formats.h"
#include "rz/reports/health_report.h"
#include "rz/reports/writing/measurements.h"

namespace rz::reports {
namespace {

// HealthStatus has the order of Checkmk's states.
int checkmk_state(HealthStatus status) { return static_cast<int>(status); }

// Within quotes, which cannot be escaped.
std::string service_name(std::string_view name) {
  std::string safe = printable(name);
  for (char& c : safe) {
    if (c == '"') c = '\'';
  }
  return safe;
}

// Names of metrics are those of variables in the graphs.
std::string metric_name(std::string_view name) {
  std::string safe;
  for (const char c : name) safe += is_alpha(c) || is_digit(c) ? c : '_';
  return safe.empty() || is_digit(safe.front()) ? "_" + safe : safe;
}

// Checkmk has an upper level, or a lower and an upper one; any other range of Nagios is none.
std::string level(const std::string& text) {
  const std::size_t colon = text.find(':');
  const bool both = colon != std::string::npos && parse_double(text.substr(0, colon)) &&
                    parse_double(text.substr(colon + 1));
  return both || parse_double(text) ? text : std::string();
}

std::string metrics_of(const ReportLine& line) {
  if (!line.has_check) return "-";
  std::string metrics;
  std::set<std::string> names;
  for (const Measurement& measured : measurements_of(line.result)) {
    if (!measured.value) continue;
    std::string name = metric_name(measured.name);
    while (!names.insert(name).second) name += '_';
    std::string item = fmt::format("{}={};{};{};{};{}", name, plain_number(*measured.value),
                                   level(measured.warning), level(measured.critical),
                                   level(measured.min), level(measured.max));
    item.resize(item.find_last_not_of(';') + 1);
    metrics += (metrics.empty() ? "" : "|") + item;
  }
  return metrics.empty() ? "-" : metrics;
}

std::string service_line(HealthStatus status, const std::string& name, const std::string& metrics,
                         std::string_view text) {
  return fmt::format("{} \"{}\" {} {}\n", checkmk_state(status), name, metrics, text);
}

}  // namespace

void Checkmk::write(const HealthReport& report, Page& page) {
  const CheckReport all = report.with_components();
  const std::string took = fmt::format("duration={}", plain_number(all.duration_ms / 1000));
  page.raw(service_line(all.status(), "rz", took, printable(summary_text(all))));
  std::set<std::string> names;
  for (const ReportLine& line : report.lines()) {
    std::string name = "rz " + service_name(line.result.name);
    while (!names.insert(name).second) name += '_';
    // A service that does not count must not alert; its text tells what it is.
    const HealthStatus status = line.counts() ? line.result.status : HealthStatus::healthy;
    const std::string measured =
        line.bad() || line.healthy() ? "" : std::string(to_string(line.result.status)) + ": ";
    page.raw(service_line(status, name, metrics_of(line), measured + printable(line.text())));
  }
}

void Checkmk::write(const Failure& failure, Page& page) {
  page.raw(service_line(HealthStatus::unknown, "rz", "-", printable(to_string(failure.error))));
}

}  // namespace rz::reports
