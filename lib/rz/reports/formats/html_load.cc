#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "rz/base/text.h"
#include "rz/reports/bench_report.h"
#include "rz/reports/formats.h"
#include "rz/reports/html/html_page.h"
#include "rz/reports/html/html_text.h"
#include "rz/reports/html/line_chart.h"
#include "rz/reports/load_report.h"

namespace rz::reports {
namespace {

using bench::Histogram;
using bench::LoadResult;
using bench::LoadUnit;
using std::chrono::nanoseconds;

std::string time_text(double ns) { return humanize_nanoseconds(ns); }
std::string time_text(nanoseconds time) { return time_text(static_cast<double>(time.count())); }
double as_ns(nanoseconds time) { return static_cast<double>(time.count()); }

std::string load_tile(std::string_view name, const std::string& figure) {
  return fmt::format("<div><dt>{}</dt><dd>{}</dd></div>\n", name, html_text(figure));
}

void write_answers(const LoadReport& report, HtmlPage& page) {
  const LoadResult& r = report.result;
  page.section("answers", "Answers");
  std::string tiles = "<dl class=\"tiles\">\n";
  tiles += load_tile("answers a second", humanize_load_value(r.throughput(), LoadUnit::per_second));
  tiles += load_tile("answers", std::to_string(r.answered));
  tiles += load_tile("errors", std::to_string(r.failed() + r.bad_status() + r.dropped));
  tiles += load_tile("error rate", humanize_load_value(100 * r.error_rate(), LoadUnit::percent));
  if (!r.latency.empty()) {
    tiles += load_tile("p50", time_text(r.latency.percentile(50)));
    tiles += load_tile("p99", time_text(r.latency.percentile(99)));
    tiles += load_tile("longest", time_text(r.latency.max()));
  }
  page.raw(tiles + "</dl>\n");
  if (r.is_late()) {
    page.paragraph("The run is not valid: the sender itself was late by " +
                   time_text(r.lateness.percentile(99)) + " at p99.");
  }
  if (r.interrupted) page.paragraph("It was interrupted, and this is what there was until then.");
}

HtmlCell outcome_cell(const bench::ThresholdOutcome& outcome) {
  const char letter = !outcome.value     ? html_letter(history::TimeKind::unknown)
                      : outcome.is_met() ? html_letter(history::TimeKind::primary)
                                         : html_letter(history::TimeKind::safe);
  return {fmt::format("<span class=\"mode {}\">{}</span>", letter, verdict_of(outcome)), ""};
}

void write_thresholds(const LoadReport& report, HtmlPage& page) {
  if (report.thresholds.empty()) return;
  page.section("thresholds", "Thresholds");
  HtmlTable table("What the run must meet", {{"Threshold"}, {"Found", "n"}, {"Result"}});
  for (const bench::ThresholdOutcome& outcome : report.thresholds) {
    table.row({html_cell(outcome.threshold.text), html_cell(humanize_value(outcome), "n"),
               outcome_cell(outcome)});
  }
  page.raw(table.markup());
}

/// So many nines: each of them is as far from the next, since each is ten times as rare.
constexpr int kNines = 4;

ChartLine percentile_line(const std::string& name, const Histogram& latency) {
  constexpr int kSteps = 80;
  ChartLine line{name, {}};
  for (int i = 0; i <= kSteps; ++i) {
    const double part = static_cast<double>(i) / kSteps;
    const double percent = 100 * (1 - std::pow(10, -part * kNines));
    // Rarer than one of all there is nothing to tell.
    if ((100 - percent) / 100 * static_cast<double>(latency.count()) < 0.999) break;
    line.points.push_back({part, as_ns(latency.percentile(percent))});
  }
  return line;
}

void write_percentiles(const LoadResult& r, HtmlPage& page) {
  if (r.latency.empty()) return;
  page.section("percentiles", "Latency by percentile");
  std::vector<ChartLine> lines = {percentile_line(r.open_loop ? "latency" : "raw", r.latency)};
  const bool corrects = !r.open_loop;
  const Histogram corrected = corrects ? r.corrected() : Histogram();
  if (corrects) lines.push_back(percentile_line("corrected", corrected));
  const auto text = [](double ns) { return time_text(ns); };
  page.raw(line_chart("Latency by percentile: p50 " + time_text(r.latency.percentile(50)) +
                          ", p99 " + time_text(r.latency.percentile(99)),
                      axis_of(lines, false, text), lines,
                      {"least", "p90", "p99", "p99.9", "p99.99"}));
  std::vector<HtmlCell> columns = {{"Percentile"}, {corrects ? "Raw" : "Latency", "n"}};
  if (corrects) columns.push_back({"Corrected", "n"});
  HtmlTable table("So many percent were not slower", columns);
  for (const ShownPercentile& shown : kShownPercentiles) {
    std::vector<HtmlCell> row = {html_cell(shown.name),
                                 html_cell(time_text(r.latency.percentile(shown.percent)), "n")};
    if (corrects) row.push_back(html_cell(time_text(corrected.percentile(shown.percent)), "n"));
    table.row(row);
  }
  page.raw(table.markup());
}

/// At most so many points: neighbours are joined, with the worst of each.
constexpr std::size_t kMostPoints = 600;

std::vector<bench::LoadSecond> joined_seconds(const std::vector<bench::LoadSecond>& seconds) {
  const std::size_t step = (seconds.size() + kMostPoints - 1) / kMostPoints;
  if (step <= 1) return seconds;
  std::vector<bench::LoadSecond> joined;
  for (std::size_t i = 0; i < seconds.size(); ++i) {
    if (i % step == 0) joined.emplace_back();
    bench::LoadSecond& into = joined.back();
    into.answered = std::max(into.answered, seconds[i].answered);
    into.failed = std::max(into.failed, seconds[i].failed);
    into.median = std::max(into.median, seconds[i].median);
    into.p99 = std::max(into.p99, seconds[i].p99);
    into.longest = std::max(into.longest, seconds[i].longest);
  }
  return joined;
}

void write_time(const LoadResult& r, HtmlPage& page) {
  // What is left of a second at the end would look as if the server had stopped.
  auto whole = r.seconds;
  const auto full = std::chrono::duration_cast<std::chrono::seconds>(r.elapsed).count();
  if (whole.size() > static_cast<std::size_t>(full)) whole.resize(static_cast<std::size_t>(full));
  if (whole.size() < 2) return;
  page.section("time", "Over time");
  const auto seconds = joined_seconds(whole);
  std::vector<ChartLine> latency = {{"p50", {}}, {"p99", {}}, {"longest", {}}};
  std::vector<ChartLine> counts = {{"answers a second", {}}, {"errors a second", {}}};
  for (std::size_t i = 0; i < seconds.size(); ++i) {
    const double x = static_cast<double>(i) / static_cast<double>(seconds.size() - 1);
    const bench::LoadSecond& one = seconds[i];
    if (one.longest.count() > 0) {
      latency[0].points.push_back({x, as_ns(one.median)});
      latency[1].points.push_back({x, as_ns(one.p99)});
      latency[2].points.push_back({x, as_ns(one.longest)});
    }
    counts[0].points.push_back({x, static_cast<double>(one.answered)});
    counts[1].points.push_back({x, static_cast<double>(one.failed)});
  }
  const auto at = [&](double part) {
    return fmt::format("{:.0f} s", part * static_cast<double>(whole.size()));
  };
  const std::vector<std::string> ticks = {"0 s", at(0.5), at(1)};
  page.raw(line_chart("Latency of each second",
                      axis_of(latency, false, [](double ns) { return time_text(ns); }), latency,
                      ticks));
  page.raw(line_chart("Answers and errors of each second",
                      axis_of(counts, true, [](double n) { return fmt::format("{:g}", n); }),
                      counts, ticks));
  if (seconds.size() < whole.size()) {
    page.paragraph("A point is the worst of several seconds.", "faint");
  }
}

std::string step_result(const LoadSearchStep& step) {
  return step.late ? "the sender was late" : step.met ? "met" : "missed";
}

/// The rates on a scale on which twice is as far everywhere.
void write_rate_chart(const std::vector<LoadSearchStep>& steps, HtmlPage& page) {
  constexpr std::size_t kShown[] = {0, 4};
  const double least = std::log(std::max(steps.front().rate, 1.0));
  const double span = std::max(std::log(std::max(steps.back().rate, 1.0)) - least, 1e-9);
  std::vector<ChartLine> lines;
  for (const std::size_t index : kShown) lines.push_back({kShownPercentiles[index].name, {}});
  for (const LoadSearchStep& step : steps) {
    if (step.percentiles.empty()) continue;
    const double x = (std::log(std::max(step.rate, 1.0)) - least) / span;
    for (std::size_t i = 0; i < lines.size(); ++i) {
      lines[i].points.push_back({x, as_ns(step.percentiles[kShown[i]]), !step.met});
    }
  }
  const double middle = std::exp(least + span / 2);
  const auto rate = [](double r) { return fmt::format("{:.0f}/s", r); };
  page.raw(line_chart("Latency at each rate",
                      axis_of(lines, false, [](double ns) { return time_text(ns); }), lines,
                      {rate(steps.front().rate), rate(middle), rate(steps.back().rate)}));
  page.paragraph("A dot is a rate that met the goals, a square one that did not.", "faint");
}

void write_search(const LoadSearch& search, HtmlPage& page) {
  page.section("rates", "By rate");
  page.paragraph(search.best > 0
                     ? fmt::format("The highest rate that meets the goals is {:.0f} requests/s{}.",
                                   search.best, search.bounded ? "" : ", or more")
                     : std::string("No rate met the goals."));
  std::vector<LoadSearchStep> steps = search.steps;
  std::stable_sort(steps.begin(), steps.end(),
                   [](const auto& a, const auto& b) { return a.rate < b.rate; });
  if (steps.size() > 1 && steps.front().rate < steps.back().rate) write_rate_chart(steps, page);
  HtmlTable table("Each rate that was tried",
                  {{"Rate", "n"}, {"p50", "n"}, {"p99", "n"}, {"Goals"}, {"Result"}});
  for (const LoadSearchStep& step : steps) {
    const auto time = [&step](std::size_t index) {
      return html_cell(step.percentiles.empty() ? "-" : time_text(step.percentiles[index]), "n");
    };
    std::vector<std::string> goals;
    for (const auto& goal : step.goals) {
      goals.push_back(goal.threshold.text + ": " + humanize_value(goal));
    }
    table.row({html_cell(fmt::format("{:.0f}/s", step.rate), "n"), time(0), time(4),
               html_cell(join(goals, ", ")), html_cell(step_result(step))});
  }
  page.raw(table.markup());
}

void write_errors(const LoadResult& r, HtmlPage& page) {
  if (r.failed() + r.bad_status() + r.dropped == 0) return;
  page.section("errors", "Errors");
  HtmlTable table("By kind", {{"Error"}, {"Times", "n"}, {"What it is"}});
  const auto row = [&table](std::string_view name, std::uint64_t count, std::string_view what) {
    if (count == 0) return;
    table.row({html_cell(name), html_cell(std::to_string(count), "n"), html_cell(what)});
  };
  for (std::size_t i = 0; i < r.errors.size(); ++i) {
    const auto error = static_cast<bench::LoadError>(i);
    row(name_of(error), r.errors[i], explain(error));
  }
  row("4xx", r.statuses[4], "the server refused the request");
  row("5xx", r.statuses[5], "the server failed");
  row("dropped", r.dropped, "no connection was free for them");
  page.raw(table.markup());
}

void write_phases(const LoadResult& r, HtmlPage& page) {
  if (r.connect.empty() && r.latency.empty()) return;
  page.section("phases", "Phases");
  HtmlTable table("How long each took", {{"Phase"}, {"p50", "n"}, {"p99", "n"}, {"Longest", "n"}});
  const auto row = [&table](const std::string& name, const Histogram& times) {
    if (times.empty()) return;
    table.row({html_cell(name), html_cell(time_text(times.percentile(50)), "n"),
               html_cell(time_text(times.percentile(99)), "n"),
               html_cell(time_text(times.max()), "n")});
  };
  row("connect", r.connect);
  row("TLS", r.tls);
  row("first byte", r.first_byte);
  row("whole answer", r.latency);
  row("lateness of the sender", r.lateness);
  if (r.endpoints.size() > 1) {
    for (const bench::EndpointResult& endpoint : r.endpoints) row(endpoint.name, endpoint.latency);
  }
  page.raw(table.markup());
}

}  // namespace

void Html::write(const LoadReport& report, Page& page) {
  HtmlPage html(page, "Load of HTTP");
  html.paragraph(report.url());
  html.paragraph(report.kind(), "faint");
  write_answers(report, html);
  write_thresholds(report, html);
  if (report.search) write_search(*report.search, html);
  write_percentiles(report.result, html);
  write_time(report.result, html);
  write_errors(report.result, html);
  write_phases(report.result, html);
  html.finish("{}");
}

}  // namespace rz::reports
