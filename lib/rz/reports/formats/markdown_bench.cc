#include <algorithm>
#include <iterator>
#include <string>

#include "rz/bench/statistics/summary.h"
#include "rz/reports/bench_report.h"
#include "rz/reports/formats.h"
#include "rz/reports/writing/markdown_table.h"

namespace rz::reports {
namespace {

void write_markdown_comparison(const bench::Comparison& comparison, Page& page) {
  page.raw(escape_markdown(count_text(comparison)) + "\n\n");
  if (comparison.other_machine) {
    page.raw("The baseline was measured on another machine: its times cannot be compared.\n\n");
  }
  MarkdownTable table(page, {{"Benchmark"},
                             {"Before", true},
                             {"Now", true},
                             {"Change", true},
                             {"99% interval", true},
                             {"Verdict"}});
  for (const bench::BenchmarkChange& change : most_telling_first(comparison.changes)) {
    table.row({change.name, humanize_figure(change.before, change.unit),
               humanize_figure(change.now, change.unit), signed_percent(change.ratio),
               describe(change.interval), describe_verdict(change)});
  }
}

void write_markdown_measurements(const bench::BenchRun& run, Page& page) {
  MarkdownTable table(page, {{"Benchmark"},
                             {"Median", true},
                             {"Mean", true},
                             {"Min", true},
                             {"P95", true},
                             {"Rate", true}});
  for (const bench::Measurement& m : run.measurements) {
    if (m.samples.empty()) continue;
    const bench::Summary s = bench::summarize(m.samples);
    table.row({m.name, humanize_figure(s.median, m.unit), humanize_figure(s.mean, m.unit),
               humanize_figure(s.min, m.unit), humanize_figure(s.p95, m.unit),
               describe_rate(s.median, m.unit)});
  }
}

bool has_only_moments(const bench::Measurement& m) { return m.samples.empty() && m.moments; }

/// Those of which a file says no more than these figures.
void write_markdown_moments(const bench::BenchRun& run, Page& page) {
  MarkdownTable table(
      page, {{"Benchmark"}, {"Mean", true}, {"Stddev", true}, {"Rounds", true}, {"Rate", true}});
  for (const bench::Measurement& m : run.measurements) {
    if (!has_only_moments(m)) continue;
    table.row({m.name, humanize_figure(m.moments->mean, m.unit),
               humanize_figure(m.moments->stddev, m.unit), std::to_string(m.moments->count),
               describe_rate(m.moments->mean, m.unit)});
  }
}

}  // namespace

// A comparison stands first: it is what the summary of a step is read for.
void Markdown::write(const BenchReport& report, Page& page) {
  if (report.comparison) {
    write_markdown_comparison(*report.comparison, page);
    page.raw("\n");
  }
  const auto& all = report.run.measurements;
  const auto without = std::count_if(all.begin(), all.end(), has_only_moments);
  if (without < std::ssize(all) || all.empty()) write_markdown_measurements(report.run, page);
  if (without == 0) return;
  if (without < std::ssize(all)) page.raw("\n");
  write_markdown_moments(report.run, page);
}

}  // namespace rz::reports
