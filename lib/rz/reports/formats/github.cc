#include <string>
#include <vector>

#include "rz/base/text.h"
#include "rz/reports/bench_report.h"
#include "rz/reports/failure.h"
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

Annotation annotation_of(const bench::BenchmarkChange& change) {
  return {.title = ellipsize(printable(change.name), kTitleColumns) + " is slower",
          .text = signed_percent(change.ratio) + " (" + describe(change.interval) +
                  "): " + humanize_figure(change.before, change.unit) + " before, " +
                  humanize_figure(change.now, change.unit) + " now",
          .summary = change.name};
}

std::vector<Annotation> annotations_of(const bench::Comparison& comparison,
                                       bench::Severity severity) {
  std::vector<Annotation> annotations;
  for (const bench::BenchmarkChange& change : most_telling_first(comparison.changes)) {
    if (change.severity == severity) annotations.push_back(annotation_of(change));
  }
  return annotations;
}

std::vector<Annotation> notices_of(const bench::Comparison& comparison) {
  if (!comparison.other_machine) return {};
  std::vector<std::string> differences;
  for (const bench::MachineDifference& one : comparison.differences) {
    differences.push_back(one.what + " " + one.before + " then, " + one.now + " now");
  }
  return {
      {.title = "the baseline was measured on another machine", .text = join(differences, "; ")}};
}

// `rz health` of `rz.health/1`.
std::string program_of(std::string_view schema) {
  std::string name(schema.substr(0, schema.find_first_of("./", schema.find('.') + 1)));
  if (const std::size_t dot = name.find('.'); dot != std::string::npos) name[dot] = ' ';
  return name;
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

void Github::write(const BenchReport& report, Page& page) {
  if (!report.comparison) {
    page.line("rz bench: ", report.run.measurements.size(), " benchmarks, compared with nothing");
    return;
  }
  const bench::Comparison& comparison = *report.comparison;
  write_annotations("error", annotations_of(comparison, bench::Severity::failure), page);
  write_annotations("warning", annotations_of(comparison, bench::Severity::warning), page);
  write_annotations("notice", notices_of(comparison), page);
  page.line("rz bench: ", count_text(comparison));
}

void Github::write(const Failure& failure, Page& page) {
  write_annotations(
      "error",
      {{.title = program_of(failure.schema) + " could not tell", .text = to_string(failure.error)}},
      page);
}

}  // namespace rz::reports
