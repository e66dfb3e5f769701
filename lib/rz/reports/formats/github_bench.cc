#include <string>
#include <vector>

#include "rz/base/text.h"
#include "rz/reports/bench_report.h"
#include "rz/reports/formats.h"
#include "rz/reports/writing/github_annotations.h"

namespace rz::reports {
namespace {

constexpr std::size_t kBenchTitleColumns = 80;

Annotation annotation_of(const bench::BenchmarkChange& change) {
  return {.title = ellipsize(printable(change.name), kBenchTitleColumns) + " is slower",
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

}  // namespace

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

}  // namespace rz::reports
