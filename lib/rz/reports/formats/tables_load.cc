// The report of a load in the formats that are tables: CSV, Markdown, and GitHub's commands.

#include <fmt/format.h>

#include <string>
#include <utility>
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

using Cells = std::vector<std::string>;

std::string number_text(double number) { return fmt::format("{:.6g}", number); }

/// What failed, by kind, with how many of it; kinds of which there are none only if `all`.
std::vector<std::pair<std::string, std::uint64_t>> errors_by_kind(const LoadResult& r, bool all) {
  std::vector<std::pair<std::string, std::uint64_t>> kinds;
  for (std::size_t i = 0; i < r.errors.size(); ++i) {
    if (r.errors[i] == 0 && !all) continue;
    kinds.emplace_back(name_of(static_cast<bench::LoadError>(i)), r.errors[i]);
  }
  return kinds;
}

struct Phase {
  const char* name;
  const Histogram& times;
};

/// Those that the load had.
std::vector<Phase> phases_of(const LoadResult& r) {
  std::vector<Phase> phases;
  for (const Phase& phase : {Phase{"connect", r.connect}, Phase{"tls", r.tls},
                             Phase{"first byte", r.first_byte}, Phase{"lateness", r.lateness}}) {
    if (!phase.times.empty()) phases.push_back(phase);
  }
  return phases;
}

/// What is said of the whole load, and of no endpoint: the columns behind the latencies.
struct WholeLoad {
  Cells titles;
  Cells cells;

  void add(std::string title, std::string cell) {
    titles.push_back(std::move(title));
    cells.push_back(std::move(cell));
  }
};

WholeLoad describe_whole(const LoadReport& report) {
  const LoadResult& r = report.result;
  const auto yes = [](bool holds) { return std::string(holds ? "true" : "false"); };
  WholeLoad whole;
  whole.add("valid", yes(!r.is_late()));
  whole.add("interrupted", yes(r.interrupted));
  whole.add("requested_rate", report.options.rate ? number_text(*report.options.rate) : "");
  whole.add("achieved_rate", number_text(r.sent_rate()));
  whole.add("throughput_rps", number_text(r.throughput()));
  whole.add("error_rate", number_text(r.error_rate()));
  whole.add("queued", std::to_string(r.queued));
  whole.add("dropped", std::to_string(r.dropped));
  whole.add("abandoned", std::to_string(r.abandoned));
  whole.add("bytes", std::to_string(r.bytes));
  for (std::size_t i = 1; i < r.statuses.size(); ++i) {
    whole.add(fmt::format("status_{}xx", i), std::to_string(r.statuses[i]));
  }
  for (const auto& [kind, count] : errors_by_kind(r, true)) {
    whole.add("error_" + kind, std::to_string(count));
  }
  for (const bench::ThresholdOutcome& outcome : report.thresholds) {
    whole.add("threshold " + outcome.threshold.text, verdict_of(outcome));
  }
  return whole;
}

/// One endpoint, all together, and a phase have the same columns.
Cells latency_cells(const std::string& name, std::uint64_t answers, const std::string& errors,
                    const Histogram& latency) {
  Cells cells = {name, std::to_string(answers), errors, ms_text(latency.min()),
                 fmt::format("{:.6f}", latency.mean_ns() / 1e6)};
  for (const ShownPercentile& shown : kShownPercentiles) {
    cells.push_back(ms_text(latency.percentile(shown.percent)));
  }
  cells.push_back(ms_text(latency.max()));
  return cells;
}

void append_cells(Cells& cells, const Cells& more) {
  cells.insert(cells.end(), more.begin(), more.end());
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

// ---- Markdown

void write_markdown_counts(const LoadReport& report, Page& page) {
  const LoadResult& r = report.result;
  page.line();
  MarkdownTable table(page, {{"Requests"}, {"", true}});
  if (report.options.rate)
    table.row({"rate asked for", fmt::format("{:.1f}/s", *report.options.rate)});
  table.row({"rate", fmt::format("{:.1f}/s", r.sent_rate())});
  for (std::size_t i = 1; i < r.statuses.size(); ++i) {
    if (r.statuses[i] > 0)
      table.row({fmt::format("status {}xx", i), std::to_string(r.statuses[i])});
  }
  for (const auto& [kind, count] : errors_by_kind(r, false)) {
    table.row({"error " + kind, std::to_string(count)});
  }
  const std::pair<const char*, std::uint64_t> counts[] = {
      {"queued", r.queued}, {"dropped", r.dropped}, {"abandoned", r.abandoned}};
  for (const auto& [name, count] : counts) {
    if (count > 0) table.row({name, std::to_string(count)});
  }
}

void write_markdown_phases(const LoadResult& r, Page& page) {
  const std::vector<Phase> phases = phases_of(r);
  if (phases.empty()) return;
  page.line();
  MarkdownTable table(page, {{"Phase"}, {"p50", true}, {"p99", true}, {"max", true}});
  for (const Phase& phase : phases) {
    table.row({phase.name, time_text(phase.times.percentile(50)),
               time_text(phase.times.percentile(99)), time_text(phase.times.max())});
  }
}

void write_markdown_endpoints(const LoadResult& r, Page& page) {
  if (r.endpoints.size() < 2) return;
  page.line();
  MarkdownTable table(
      page, {{"Endpoint"}, {"Answers", true}, {"Errors", true}, {"p50", true}, {"p99", true}});
  for (const bench::EndpointResult& endpoint : r.endpoints) {
    table.row({endpoint.name, std::to_string(endpoint.answered), std::to_string(endpoint.failed),
               time_text(endpoint.latency.percentile(50)),
               time_text(endpoint.latency.percentile(99))});
  }
}

void write_markdown_thresholds(const LoadReport& report, Page& page) {
  if (report.thresholds.empty()) return;
  page.line();
  MarkdownTable goals(page, {{"Threshold"}, {"Value", true}, {"Verdict"}});
  for (const bench::ThresholdOutcome& outcome : report.thresholds) {
    goals.row({outcome.threshold.text, humanize_value(outcome), verdict_of(outcome)});
  }
}

void write_markdown_search(const LoadSearch& search, Page& page) {
  page.line(search.best == 0
                ? std::string("no rate meets the goals")
                : fmt::format("{:.1f} requests/s {}", search.best,
                              search.bounded
                                  ? "is the highest rate that meets the goals, to 5 %"
                                  : "meets the goals; a higher rate could not be tried"));
  page.line();
  MarkdownTable table(page, {{"Rate", true}, {"Goal"}, {"Value", true}, {"Verdict"}});
  for (const LoadSearchStep& step : search.steps) {
    for (const bench::ThresholdOutcome& goal : step.goals) {
      table.row({fmt::format("{:.1f}/s", step.rate), goal.threshold.text, humanize_value(goal),
                 step.late  ? "the sender is late"
                 : step.met ? "met"
                            : "missed"});
    }
  }
  page.line();
}

}  // namespace

// The row `all` counts what was dropped among the errors; no endpoint was chosen for it yet.
void Csv::write(const LoadReport& report, Page& page) {
  CsvWriter csv(page);
  const WholeLoad whole = describe_whole(report);
  Cells titles = {"endpoint", "answers", "errors", "min_ms", "mean_ms"};
  for (const ShownPercentile& shown : kShownPercentiles) {
    titles.push_back(std::string(shown.name) + "_ms");
  }
  titles.push_back("max_ms");
  append_cells(titles, whole.titles);
  csv.row(titles);
  const LoadResult& r = report.result;
  const auto row = [&](Cells cells, const Cells& rest) {
    append_cells(cells, rest);
    csv.row(cells);
  };
  const Cells nothing(whole.cells.size());
  row(latency_cells("all", r.answered, std::to_string(r.failed() + r.bad_status() + r.dropped),
                    r.latency),
      whole.cells);
  if (!r.open_loop && !r.latency.empty()) {
    row(latency_cells("all, corrected", r.answered, std::to_string(r.failed() + r.bad_status()),
                      r.corrected()),
        nothing);
  }
  for (const Phase& phase : phases_of(r)) {
    row(latency_cells(std::string("phase: ") + phase.name, phase.times.count(), "", phase.times),
        nothing);
  }
  if (r.endpoints.size() < 2) return;
  for (const bench::EndpointResult& endpoint : r.endpoints) {
    row(latency_cells(endpoint.name, endpoint.answered, std::to_string(endpoint.failed),
                      endpoint.latency),
        nothing);
  }
}

void Markdown::write(const LoadReport& report, Page& page) {
  const LoadResult& r = report.result;
  page.line(escape_markdown(report.url()), " (", escape_markdown(report.kind()),
            "): ", escape_markdown(load_summary(report)));
  if (r.interrupted) page.line("**It was interrupted: this is what there was until then.**");
  if (r.is_late()) page.line("**The sender was late: the run is not valid.**");
  page.line();
  if (report.search) write_markdown_search(*report.search, page);
  MarkdownTable table(page, {{"Latency"},
                             {r.open_loop ? "From due" : "Raw", true},
                             {r.open_loop ? "First byte" : "Corrected", true}});
  const Histogram other = r.open_loop || r.latency.empty() ? r.first_byte : r.corrected();
  for (const ShownPercentile& shown : kShownPercentiles) {
    table.row({shown.name, time_text(r.latency.percentile(shown.percent)),
               time_text(other.percentile(shown.percent))});
  }
  table.row({"max", time_text(r.latency.max()), time_text(other.max())});
  write_markdown_counts(report, page);
  write_markdown_phases(r, page);
  write_markdown_endpoints(r, page);
  write_markdown_thresholds(report, page);
}

void Github::write(const LoadReport& report, Page& page) {
  const LoadResult& r = report.result;
  for (const bench::ThresholdOutcome& outcome : report.thresholds) {
    if (outcome.is_met()) continue;
    const char* command = outcome.is_missed() ? "error" : "warning";
    page.raw(github_command(command, "threshold of the load", outcome_text(outcome)));
  }
  if (r.interrupted) {
    page.raw(
        github_command("warning", "load was interrupted", "this is what there was until then"));
  }
  if (r.is_late()) {
    page.raw(github_command("warning", "load is not valid",
                            "the sender was late by more than 1 ms at p99"));
  }
  std::vector<std::string> failures;
  for (const auto& [kind, count] : errors_by_kind(r, false)) {
    failures.push_back(fmt::format("{} {}", count, kind));
  }
  for (const std::size_t bad : {4, 5}) {
    if (r.statuses[bad] > 0)
      failures.push_back(fmt::format("{} status {}xx", r.statuses[bad], bad));
  }
  if (r.dropped > 0) failures.push_back(fmt::format("{} dropped", r.dropped));
  if (!failures.empty()) {
    page.raw(github_command("warning", "errors of the load", join(failures, ", ")));
  }
  page.raw(github_command("notice", "load on " + report.url(), load_summary(report)));
}

}  // namespace rz::reports
