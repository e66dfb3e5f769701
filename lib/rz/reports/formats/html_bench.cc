#include <fmt/format.h>

#include <string>
#include <vector>

#include "rz/base/json.h"
#include "rz/base/text.h"
#include "rz/base/timestamp.h"
#include "rz/bench/statistics/summary.h"
#include "rz/reports/bench_report.h"
#include "rz/reports/formats.h"
#include "rz/reports/html/forest_plot.h"
#include "rz/reports/html/html_page.h"
#include "rz/reports/html/html_text.h"
#include "rz/reports/html/sample_strip.h"

namespace rz::reports {
namespace {

void write_comparison(const bench::Comparison& comparison, HtmlPage& page) {
  page.section("comparison", "Comparison");
  page.paragraph("Beside " + comparison.baseline + ": " + count_text(comparison) + ".");
  if (comparison.other_machine) {
    page.paragraph("The baseline is of another machine, so that nothing can be told from times.");
  }
  const auto changes = most_telling_first(comparison.changes);
  if (changes.empty()) return;
  page.raw(forest_plot(changes, comparison.limits));
  HtmlTable table("Each benchmark before and now", {{"Benchmark"},
                                                    {"Before", "n"},
                                                    {"Now", "n"},
                                                    {"Change", "n"},
                                                    {"99 % interval", "n"},
                                                    {"Verdict"}});
  for (const bench::BenchmarkChange& change : changes) {
    // Behind the word, which the badge has already.
    const std::string said = describe_verdict(change);
    const std::size_t colon = said.find(": ");
    const std::string why =
        colon == std::string::npos ? "" : " " + html_text(said.substr(colon + 2));
    table.row({html_cell(change.name, "w"),
               html_cell(humanize_figure(change.before, change.unit), "n"),
               html_cell(humanize_figure(change.now, change.unit), "n"),
               html_cell(signed_percent(change.ratio), "n"),
               html_cell(describe(change.interval), "n"),
               {verdict_badge(change) + why, "w"}});
  }
  page.raw(table.markup());
}

void write_figures(const bench::BenchRun& run, HtmlPage& page) {
  page.section("figures", "Figures");
  HtmlTable table("Of one operation", {{"Benchmark"},
                                       {"Median", "n"},
                                       {"Spread", "n"},
                                       {"Least", "n"},
                                       {"p95", "n"},
                                       {"Rate", "n"},
                                       {"Samples", "n"}});
  for (const bench::Measurement& m : run.measurements) {
    if (m.samples.empty()) continue;
    const bench::Summary s = bench::summarize(m.samples);
    table.row({html_cell(m.name, "w"), html_cell(humanize_figure(s.median, m.unit), "n"),
               html_cell(spread_percent((s.q3 - s.q1) / 2, s.median), "n"),
               html_cell(humanize_figure(s.min, m.unit), "n"),
               html_cell(humanize_figure(s.p95, m.unit), "n"),
               html_cell(describe_rate(s.median, m.unit), "n"),
               html_cell(std::to_string(s.samples), "n")});
  }
  for (const bench::Measurement& m : run.measurements) {
    if (!m.samples.empty() || !m.moments) continue;
    table.row({html_cell(m.name, "w"), html_cell(humanize_figure(m.moments->mean, m.unit), "n"),
               html_cell(spread_percent(m.moments->stddev, m.moments->mean), "n"),
               html_cell("-", "n"), html_cell("-", "n"),
               html_cell(describe_rate(m.moments->mean, m.unit), "n"),
               html_cell(std::to_string(m.moments->count), "n")});
  }
  page.raw(table.markup());
}

void write_distributions(const bench::BenchRun& run, HtmlPage& page) {
  page.section("samples", "Samples");
  page.paragraph(
      "A dot is a sample: the faster, the further left; the first at the top. The box holds half "
      "of them, the line in it is the median.",
      "faint");
  for (const bench::Measurement& m : run.measurements) {
    if (m.samples.size() < 2) continue;
    page.raw("<figure class=\"samples\">\n<figcaption>" + html_text(m.name) + "</figcaption>\n" +
             sample_strip(m) + "</figure>\n");
  }
}

void write_machine(const bench::BenchRun& run, HtmlPage& page) {
  page.section("machine", "Machine");
  HtmlTable table("On which it was measured", {{"What"}, {"Is"}});
  for (const Value* part : {&run.machine, &run.conditions}) {
    if (part->as_object() == nullptr) continue;
    for (const auto& [name, value] : *part->as_object()) {
      const std::string* text = value.as_string();
      table.row({html_cell(name), html_cell(text != nullptr ? *text : to_json(value))});
    }
  }
  page.raw(table.markup());
}

}  // namespace

void Html::write(const BenchReport& report, Page& page) {
  HtmlPage html(page, "Benchmarks");
  std::string told = report.run.timestamp ? format_timestamp(*report.run.timestamp) : "";
  if (!report.run.commit.empty()) told += (told.empty() ? "" : ", ") + report.run.commit;
  if (!told.empty()) html.paragraph(told, "faint");
  if (report.comparison) write_comparison(*report.comparison, html);
  write_figures(report.run, html);
  write_distributions(report.run, html);
  write_machine(report.run, html);
  html.finish("{}");
}

}  // namespace rz::reports
