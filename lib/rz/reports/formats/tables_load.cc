// The report of a load in the formats that are tables: CSV, Markdown, and GitHub's commands.

#include <fmt/format.h>

#include <string>
#include <vector>

#include "rz/base/text.h"
#include "rz/reports/bench_report.h"
#include "rz/reports/formats.h"
#include "rz/reports/load_report.h"
#include "rz/reports/writing/csv.h"
#include "rz/reports/writing/github_commands.h"
#include "rz/reports/writing/markdown_table.h"

namespace rz::reports {
namespace {

using bench::Histogram;
using bench::LoadResult;

std::string ms_text(std::chrono::nanoseconds time) {
  return fmt::format("{:.6f}", static_cast<double>(time.count()) / 1e6);
}

std::string time_text(std::chrono::nanoseconds time) {
  return humanize_nanoseconds(static_cast<double>(time.count()));
}

// One endpoint, and all together, have the same columns.
void write_load_row(CsvWriter& csv, const std::string& name, std::uint64_t answers,
                    std::uint64_t errors, const Histogram& latency) {
  std::vector<std::string> fields = {name, std::to_string(answers), std::to_string(errors),
                                     ms_text(latency.min()),
                                     fmt::format("{:.6f}", latency.mean_ns() / 1e6)};
  for (const ShownPercentile& shown : kShownPercentiles) {
    fields.push_back(ms_text(latency.percentile(shown.percent)));
  }
  fields.push_back(ms_text(latency.max()));
  csv.row(fields);
}

std::string outcome_text(const bench::ThresholdOutcome& outcome) {
  return outcome.threshold.text + ": " + (outcome.value ? humanize_value(outcome) : "unknown");
}

std::string load_summary(const LoadReport& report) {
  const LoadResult& r = report.result;
  return fmt::format("{} answers, {:.1f}/s, {:.3g}% errors, p50 {}, p99 {}", r.answered,
                     r.throughput(), 100 * r.error_rate(), time_text(r.latency.percentile(50)),
                     time_text(r.latency.percentile(99)));
}

}  // namespace

// The row `all` counts what was dropped among the errors; no endpoint was chosen for it yet.
void Csv::write(const LoadReport& report, Page& page) {
  CsvWriter csv(page);
  std::vector<std::string> titles = {"endpoint", "answers", "errors", "min_ms", "mean_ms"};
  for (const ShownPercentile& shown : kShownPercentiles) {
    titles.push_back(std::string(shown.name) + "_ms");
  }
  titles.push_back("max_ms");
  csv.row(titles);
  const LoadResult& r = report.result;
  write_load_row(csv, "all", r.answered, r.failed() + r.bad_status() + r.dropped, r.latency);
  if (!r.open_loop && !r.latency.empty()) {
    write_load_row(csv, "all, corrected", r.answered, r.failed() + r.bad_status(), r.corrected());
  }
  if (r.endpoints.size() < 2) return;
  for (const bench::EndpointResult& endpoint : r.endpoints) {
    write_load_row(csv, endpoint.name, endpoint.answered, endpoint.failed, endpoint.latency);
  }
}

void Markdown::write(const LoadReport& report, Page& page) {
  const LoadResult& r = report.result;
  page.line(escape_markdown(report.url()), " (", escape_markdown(report.kind()),
            "): ", escape_markdown(load_summary(report)));
  if (r.is_late()) page.line("**The sender was late: the run is not valid.**");
  page.line();
  MarkdownTable table(page, {{"Latency"},
                             {r.open_loop ? "From due" : "Raw", true},
                             {r.open_loop ? "First byte" : "Corrected", true}});
  const Histogram other = r.open_loop || r.latency.empty() ? r.first_byte : r.corrected();
  for (const ShownPercentile& shown : kShownPercentiles) {
    table.row({shown.name, time_text(r.latency.percentile(shown.percent)),
               time_text(other.percentile(shown.percent))});
  }
  table.row({"max", time_text(r.latency.max()), time_text(other.max())});
  if (report.thresholds.empty()) return;
  page.line();
  MarkdownTable goals(page, {{"Threshold"}, {"Value", true}, {"Verdict"}});
  for (const bench::ThresholdOutcome& outcome : report.thresholds) {
    goals.row({outcome.threshold.text, humanize_value(outcome), verdict_of(outcome)});
  }
}

void Github::write(const LoadReport& report, Page& page) {
  for (const bench::ThresholdOutcome& outcome : report.thresholds) {
    if (outcome.is_met()) continue;
    const char* command = outcome.is_missed() ? "error" : "warning";
    page.raw(github_command(command, "threshold of the load", outcome_text(outcome)));
  }
  if (report.result.is_late()) {
    page.raw(github_command("warning", "load is not valid",
                            "the sender was late by more than 1 ms at p99"));
  }
  page.raw(github_command("notice", "load on " + report.url(), load_summary(report)));
}

}  // namespace rz::reports
