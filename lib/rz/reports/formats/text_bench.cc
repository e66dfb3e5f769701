#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "rz/base/text.h"
#include "rz/bench/statistics/summary.h"
#include "rz/reports/bench_report.h"
#include "rz/reports/formats.h"
#include "rz/reports/writing/sparkline.h"
#include "rz/reports/writing/text_table.h"

namespace rz::reports {
namespace {

constexpr std::size_t kSparkWidth = 12;
// Of so few benchmarks each has a histogram of its own.
constexpr std::size_t kMostHistograms = 2;
constexpr std::size_t kHistogramRows = 10;
constexpr std::size_t kBarWidth = 40;
// Fewer samples have no shape.
constexpr std::size_t kLeastShape = 10;

std::string shape(const std::vector<double>& samples) {
  if (samples.size() < kLeastShape) return "";
  const Bins bins = make_bins(samples, kSparkWidth);
  const std::vector<double> heights(bins.counts.begin(), bins.counts.end());
  return shape_line(heights);
}

/// Names are the commands of programs, too, as long as those are.
TextTable::Column name_column(std::string title) {
  return {.title = std::move(title), .shrink = true};
}

void write_measurements(const bench::BenchRun& run, Page& page) {
  TextTable table({name_column("BENCHMARK"),
                   {"MEDIAN", true},
                   {"SPREAD", true},
                   {"MIN", true},
                   {"P95", true},
                   {"RATE", true},
                   {"SHAPE"}});
  for (const bench::Measurement& m : run.measurements) {
    if (m.samples.empty()) continue;
    const bench::Summary s = bench::summarize(m.samples);
    table.add({{m.name},
               {humanize_figure(s.median, m.unit), Color::bold},
               {spread_percent((s.q3 - s.q1) / 2, s.median)},
               {humanize_figure(s.min, m.unit)},
               {humanize_figure(s.p95, m.unit)},
               {describe_rate(s.median, m.unit)},
               {shape(m.samples)}});
  }
  table.print(page);
}

/// Those of which a file says no more than these figures.
void write_moments(const bench::BenchRun& run, Page& page) {
  TextTable table({name_column("BENCHMARK"),
                   {"MEAN", true},
                   {"STDDEV", true},
                   {"ROUNDS", true},
                   {"RATE", true}});
  for (const bench::Measurement& m : run.measurements) {
    if (!m.samples.empty() || !m.moments) continue;
    table.add({{m.name},
               {humanize_figure(m.moments->mean, m.unit), Color::bold},
               {humanize_figure(m.moments->stddev, m.unit)},
               {std::to_string(m.moments->count)},
               {describe_rate(m.moments->mean, m.unit)}});
  }
  const bool below_others = std::any_of(run.measurements.begin(), run.measurements.end(),
                                        [](const auto& m) { return !m.samples.empty(); });
  if (below_others && !table.empty()) page.line();
  table.print(page);
}

/// A line that ends in a name, which is cut on a terminal.
std::string title_for(const std::string& what, const std::string& name, const Page& page) {
  std::string title = what + printable(name);
  if (!page.terminal() || page.whole()) return title;
  return ellipsize(title, static_cast<std::size_t>(page.width()));
}

void write_histogram(const bench::Measurement& m, Page& page) {
  if (m.samples.size() < kLeastShape) return;
  const Bins bins = make_bins(m.samples, kHistogramRows);
  const std::size_t most = *std::max_element(bins.counts.begin(), bins.counts.end());
  const double width = (bins.high - bins.low) / kHistogramRows;
  page.line();
  page.line(title_for(std::to_string(m.samples.size()) + " samples of ", m.name, page));
  for (std::size_t i = 0; i < bins.counts.size(); ++i) {
    std::string bar;
    const std::size_t length = (bins.counts[i] * kBarWidth + most - 1) / most;
    for (std::size_t column = 0; column < length; ++column) bar += "█";
    page.line(fmt::format("{:>9}  {:<{}} {}",
                          humanize_figure(bins.low + width * static_cast<double>(i), m.unit), bar,
                          kBarWidth, bins.counts[i]));
  }
  if (bins.above > 0) {
    page.line(fmt::format("{:>9}  {} above", humanize_figure(bins.high, m.unit), bins.above));
  }
}

void write_uses(const bench::BenchRun& run, Page& page) {
  TextTable table(
      {name_column("PROGRAM"), {"USER", true}, {"SYSTEM", true}, {"PEAK MEMORY", true}});
  for (const bench::Measurement& m : run.measurements) {
    if (!m.use) continue;
    table.add({{m.name},
               {humanize_nanoseconds(m.use->user_ns)},
               {humanize_nanoseconds(m.use->system_ns)},
               {(m.use->peak_is_bound ? "≤ " : "") +
                humanize_size(static_cast<std::uint64_t>(m.use->peak_memory))}});
  }
  if (table.empty()) return;
  page.line();
  table.print(page);
}

Color color_of_change(const bench::BenchmarkChange& change) {
  if (change.severity == bench::Severity::failure) return Color::red;
  if (change.severity == bench::Severity::warning) return Color::yellow;
  return change.verdict == bench::Verdict::faster ? Color::green : Color::none;
}

void write_text_comparison(const bench::Comparison& comparison, Page& page) {
  page.line();
  const bool of_rz = comparison.baseline_program == "rz";
  const std::string of = of_rz ? "" : " of " + comparison.baseline_program;
  page.line(title_for("beside ", comparison.baseline + of, page));
  TextTable table({name_column("BENCHMARK"),
                   {"BEFORE", true},
                   {"NOW", true},
                   {"CHANGE", true},
                   {"99% INTERVAL", true},
                   {"VERDICT", false, true}});
  for (const bench::BenchmarkChange& change : most_telling_first(comparison.changes)) {
    table.add({{change.name},
               {humanize_figure(change.before, change.unit)},
               {humanize_figure(change.now, change.unit)},
               {signed_percent(change.ratio), color_of_change(change)},
               {describe(change.interval)},
               {describe_verdict(change), color_of_change(change)}});
  }
  table.print(page);
  page.line(count_text(comparison));
}

}  // namespace

void Text::write(const BenchReport& report, Page& page) {
  const auto& measurements = report.run.measurements;
  write_measurements(report.run, page);
  write_moments(report.run, page);
  write_uses(report.run, page);
  if (measurements.size() <= kMostHistograms) {
    for (const bench::Measurement& m : measurements) write_histogram(m, page);
  }
  if (report.comparison) write_text_comparison(*report.comparison, page);
}

void Text::write(const BenchList& list, Page& page) {
  for (const std::string& name : list.names) page.line(name);
}

void Text::write(const BenchHistory& document, Page& page) {
  TextTable table({name_column("BENCHMARK"),
                   {"RUNS", true},
                   {"FIRST", true},
                   {"LAST", true},
                   {"NOISE", true},
                   {"TREND"},
                   {"CHANGES", false, true}});
  for (const bench::BenchmarkHistory& one : document.history.benchmarks) {
    if (one.medians.empty()) continue;
    std::vector<std::string> changes;
    for (const bench::ChangePoint& change : one.changes) {
      changes.push_back(describe_point(document.history, one, change));
    }
    const auto shown = std::min<std::size_t>(one.medians.size(), 2 * kSparkWidth);
    table.add({{one.name},
               {std::to_string(one.runs.size())},
               {humanize_figure(one.medians.front(), one.unit)},
               {humanize_figure(one.medians.back(), one.unit)},
               {one.noise ? spread_percent(*one.noise, 1) : "-"},
               {trend_line(std::span(one.medians).last(shown))},
               {changes.empty() ? "-" : join(changes, "; ")}});
  }
  table.print(page);
}

}  // namespace rz::reports
