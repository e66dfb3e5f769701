#include "rz/reports/health_report.h"

#include <algorithm>
#include <string>
#include <utility>

#include "rz/base/text.h"

namespace rz::reports {
namespace {

CheckResult unknown(std::string name, std::string type, std::string message, TimePoint now) {
  CheckResult result;
  result.name = std::move(name);
  result.type = std::move(type);
  result.message = std::move(message);
  result.timestamp = now;
  return result;
}

}  // namespace

CheckReport HealthReport::with_components() const {
  CheckReport all = run;
  if (unchecked_error) {
    all.results.push_back(unknown(kUncheckedName, "component", to_string(*unchecked_error), now));
    all.results.back().failure = unchecked_error;
  }
  if (!unchecked) return all;
  for (const ComponentHealth& component : unchecked->components) {
    CheckResult result;
    result.name = component.name;
    result.type = "component";
    // Components call failed what checks call unhealthy.
    result.status = component.status == "failed"
                        ? HealthStatus::unhealthy
                        : parse_health_status(component.status).value_or(HealthStatus::unknown);
    result.message = component.message.empty() ? "reported " + component.status : component.message;
    result.timestamp = component.last_updated;
    all.results.push_back(std::move(result));
  }
  for (const Error& error : unchecked->unreadable) {
    all.results.push_back(unknown(error.where, "record", error.message, now));
  }
  return all;
}

bool ReportLine::flaky() const {
  const Value* flaky = result.metadata.find("flaky");
  return healthy() && flaky != nullptr && flaky->as_bool() != nullptr && *flaky->as_bool();
}

std::string ReportLine::text() const {
  std::string text = result.message;
  const auto& failure = result.failure;
  if (failure && !failure->where.empty() && result.message == to_string(*failure)) {
    text = failure->message + " (" + failure->where + ")";
  }
  if (flaky()) text += " (only when tried again)";
  // One that was skipped says itself why.
  if (!counts() && !result.skipped) text += " (not counted: " + result.uncounted + ")";
  return text;
}

std::vector<ReportLine> worst_first(std::vector<ReportLine> lines) {
  const auto is_worse = [](const ReportLine& a, const ReportLine& b) {
    if (a.counts() != b.counts()) return a.counts();
    const HealthStatus one = a.result.status;
    const HealthStatus other = b.result.status;
    if (one != other) return worst(one, other) == one;
    return a.flaky() && !b.flaky();
  };
  std::stable_sort(lines.begin(), lines.end(), is_worse);
  return lines;
}

std::vector<ReportLine> HealthReport::lines() const {
  std::vector<ReportLine> lines;
  for (CheckResult& result : with_components().results) {
    const std::size_t index = lines.size();
    ReportLine line{.result = std::move(result)};
    line.has_check = index < run.results.size();
    if (index < run.checks.size()) line.config_line = run.checks[index].options.config_line;
    if (line.config_line > 0 && !config_path.empty()) {
      line.where = config_path + ":" + std::to_string(line.config_line);
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

std::vector<ReportLine> HealthReport::listed() const {
  std::vector<ReportLine> lines = this->lines();
  if (only_failed) std::erase_if(lines, [](const ReportLine& line) { return line.healthy(); });
  return lines;
}

std::string count_text(const CheckReport& run) {
  const StatusCounts counts(run);
  std::vector<std::string> parts;
  for (const auto status : {HealthStatus::unhealthy, HealthStatus::degraded, HealthStatus::unknown,
                            HealthStatus::healthy}) {
    if (counts[status] == 0) continue;
    parts.push_back(std::to_string(counts[status]) + " " + to_string(status));
  }
  // Healthy stands last.
  if (counts.flaky() > 0) parts.back() += " (" + std::to_string(counts.flaky()) + " flaky)";
  if (counts.uncounted() > 0) parts.push_back(std::to_string(counts.uncounted()) + " not counted");
  return join(parts, ", ");
}

std::string summary_text(const CheckReport& run) {
  const std::string counts = run.results.empty() ? "no checks" : count_text(run);
  return run.void_because.empty() ? counts : counts + "; void: " + run.void_because;
}

}  // namespace rz::reports
