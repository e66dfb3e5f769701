// Workflow commands of GitHub Actions, which become annotations of a run.

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <vector>

#include "rz/base/text.h"
#include "rz/reports/failure.h"
#include "rz/reports/formats.h"
#include "rz/reports/github_commands.h"
#include "rz/reports/health_report.h"

namespace rz::reports {
namespace {

// GitHub shows as many errors and as many warnings of a step, and drops the others without a word.
constexpr std::size_t kMaxAnnotations = 10;
constexpr std::size_t kTitleColumns = 80;

std::string annotation(std::string_view command, const ReportLine& line,
                       const std::string& config_path) {
  const CheckResult& result = line.result;
  std::string place;
  if (line.config_line > 0 && !config_path.empty()) {
    place = fmt::format("file={},line={},", github_property(config_path), line.config_line);
  }
  const std::string title = ellipsize(printable(result.name), kTitleColumns) + " is " +
                            (line.flaky() ? "flaky" : to_string(result.status));
  return fmt::format("::{} {}title={}::{}\n", command, place, github_property(title),
                     github_text(line.text()));
}

void write_annotations(std::string_view command, const std::vector<ReportLine>& lines,
                       const std::string& config_path, Page& page) {
  const bool all = lines.size() <= kMaxAnnotations;
  const std::size_t shown = all ? lines.size() : kMaxAnnotations - 1;
  for (std::size_t i = 0; i < shown; ++i) page.raw(annotation(command, lines[i], config_path));
  if (all) return;
  std::string names;
  for (std::size_t i = shown; i < lines.size(); ++i) {
    names += (i == shown ? "" : ", ") + lines[i].result.name;
  }
  page.raw(fmt::format("::{} title=… and {} more::{}\n", command, lines.size() - shown,
                       github_text(names)));
}

}  // namespace

void Github::write(const HealthReport& report, Page& page) {
  std::vector<ReportLine> errors;
  std::vector<ReportLine> warnings;
  std::vector<ReportLine> notices;
  for (ReportLine& line : worst_first(report.lines())) {
    const HealthStatus status = line.result.status;
    const bool is_warning = status == HealthStatus::degraded || line.result.skipped || line.flaky();
    if (!line.counts()) {
      if (!line.healthy()) notices.push_back(std::move(line));
    } else if (is_warning) {
      warnings.push_back(std::move(line));
    } else if (status != HealthStatus::healthy) {
      errors.push_back(std::move(line));
    }
  }
  const CheckReport all = report.with_components();
  if (!all.void_because.empty()) {
    page.raw("::error title=the run is void::" + github_text(all.void_because) + "\n");
  }
  write_annotations("error", errors, report.config_path, page);
  write_annotations("warning", warnings, report.config_path, page);
  write_annotations("notice", notices, report.config_path, page);
  page.line("rz health: ", to_string(all.status()), ": ", summary_text(all));
}

void Github::write(const Failure& failure, Page& page) {
  page.raw("::error title=rz health could not tell::" + github_text(to_string(failure.error)) +
           "\n");
}

}  // namespace rz::reports
