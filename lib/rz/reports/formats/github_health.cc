#include <string>
#include <vector>

#include "rz/base/text.h"
#include "rz/reports/formats.h"
#include "rz/reports/health_report.h"
#include "rz/reports/writing/github_annotations.h"
#include "rz/reports/writing/github_commands.h"

namespace rz::reports {
namespace {

constexpr std::size_t kTitleColumns = 80;

Annotation annotation_of(const ReportLine& line, const std::string& config_path) {
  const CheckResult& result = line.result;
  return {.title = ellipsize(printable(result.name), kTitleColumns) + " is " +
                   (line.flaky() ? "flaky" : to_string(result.status)),
          .text = line.text(),
          .file = config_path,
          .line = line.config_line,
          .summary = result.name};
}

}  // namespace

void Github::write(const HealthReport& report, Page& page) {
  std::vector<Annotation> errors;
  std::vector<Annotation> warnings;
  std::vector<Annotation> notices;
  for (const ReportLine& line : worst_first(report.lines())) {
    const HealthStatus status = line.result.status;
    const bool is_warning = status == HealthStatus::degraded || line.result.skipped || line.flaky();
    if (!line.counts()) {
      if (!line.healthy()) notices.push_back(annotation_of(line, report.config_path));
    } else if (is_warning) {
      warnings.push_back(annotation_of(line, report.config_path));
    } else if (status != HealthStatus::healthy) {
      errors.push_back(annotation_of(line, report.config_path));
    }
  }
  const CheckReport all = report.with_components();
  if (!all.void_because.empty()) {
    page.raw(github_command("error", "the run is void", all.void_because));
  }
  write_annotations("error", errors, page);
  write_annotations("warning", warnings, page);
  write_annotations("notice", notices, page);
  page.line("rz health: ", to_string(all.status()), ": ", summary_text(all));
}

}  // namespace rz::reports
