#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "rz/base/text.h"
#include "rz/reports/bench_report.h"
#include "rz/reports/formats.h"
#include "rz/reports/load_report.h"
#include "rz/reports/writing/sparkline.h"
#include "rz/reports/writing/text_table.h"

namespace rz::reports {
namespace {

using bench::Histogram;
using bench::LoadResult;
using bench::LoadUnit;

constexpr std::size_t kSparkColumns = 60;
constexpr std::size_t kBarColumns = 40;

std::string load_time(std::chrono::nanoseconds time) {
  return humanize_nanoseconds(static_cast<double>(time.count()));
}

/// A line of the summary: its name in a column of its own.
void load_line(Page& page, const char* name, const std::string& text, Color color = Color::none) {
  page.line(fmt::format("{:<12}", name), Painted{text, color});
}

void write_counts(const LoadReport& report, Page& page) {
  const LoadResult& r = report.result;
  load_line(page, "answers",
            fmt::format("{} in {:.2f} s: {:.1f}/s, {}/s", r.answered,
                        std::chrono::duration<double>(r.elapsed).count(), r.throughput(),
                        humanize_size(static_cast<std::uint64_t>(
                            static_cast<double>(r.bytes) /
                            std::max(1e-9, std::chrono::duration<double>(r.elapsed).count())))),
            Color::bold);
  std::vector<std::string> statuses;
  for (std::size_t i = 1; i < r.statuses.size(); ++i) {
    if (r.statuses[i] > 0) statuses.push_back(fmt::format("{}xx {}", i, r.statuses[i]));
  }
  if (!statuses.empty()) load_line(page, "status", join(statuses, ", "));
  const std::uint64_t errors = r.failed() + r.bad_status() + r.dropped;
  load_line(page, "errors", fmt::format("{} ({:.3g}%)", errors, 100 * r.error_rate()),
            errors > 0 ? Color::red : Color::none);
  for (std::size_t i = 0; i < r.errors.size(); ++i) {
    if (r.errors[i] == 0) continue;
    const auto kind = static_cast<bench::LoadError>(i);
    page.line(fmt::format("  {} {}: {}", r.errors[i], name_of(kind), explain(kind)));
  }
  if (r.dropped > 0)
    page.line(fmt::format("  {} dropped: no connection was free for them", r.dropped));
  if (r.queued > 0) load_line(page, "queued", fmt::format("{} waited for a connection", r.queued));
  if (r.abandoned > 0) {
    load_line(page, "abandoned", fmt::format("{} had no answer yet at the end", r.abandoned));
  }
  if (r.stray_answers > 0) {
    load_line(page, "stray", fmt::format("{} times bytes came unasked", r.stray_answers));
  }
}

// The last second is mostly not a whole one.
void write_seconds(const LoadResult& result, Page& page) {
  const auto whole = static_cast<std::size_t>(result.sending / std::chrono::seconds{1});
  std::vector<double> rates;
  for (std::size_t i = 0; i < std::min(whole, result.seconds.size()); ++i) {
    rates.push_back(static_cast<double>(result.seconds[i].answered));
  }
  if (rates.size() > 1) load_line(page, "by second", sparkline(rates, kSparkColumns));
}

void write_latency(const LoadReport& report, Page& page) {
  const LoadResult& r = report.result;
  std::vector<TextTable::Column> columns = {{"LATENCY"}, {r.open_loop ? "FROM DUE" : "RAW", true}};
  const Histogram corrected = r.open_loop ? Histogram() : r.corrected();
  if (!r.open_loop) columns.push_back({"CORRECTED", true});
  TextTable table(columns);
  const auto row = [&](const char* name, std::chrono::nanoseconds raw,
                       std::chrono::nanoseconds other) {
    std::vector<Painted> cells = {{name}, {load_time(raw)}};
    if (!r.open_loop) cells.push_back({load_time(other)});
    table.add(std::move(cells));
  };
  row("min", r.latency.min(), corrected.min());
  for (const ShownPercentile& shown : kShownPercentiles) {
    row(shown.name, r.latency.percentile(shown.percent), corrected.percentile(shown.percent));
  }
  row("max", r.latency.max(), corrected.max());
  table.print(page);
}

// Bins of 1, 2 and 5 times powers of ten, since latencies spread over decades.
void write_bars(const Histogram& latency, Page& page) {
  struct Bin {
    std::chrono::nanoseconds end;
    std::uint64_t count;
  };
  std::vector<Bin> bins;
  std::int64_t begin = 0;
  std::int64_t power = 1;
  for (int step = 0; begin <= latency.max().count(); ++step) {
    const std::int64_t end = power * (step % 3 == 0 ? 1 : step % 3 == 1 ? 2 : 5);
    if (step % 3 == 2) power *= 10;
    const std::uint64_t count =
        latency.count_between(std::chrono::nanoseconds{begin}, std::chrono::nanoseconds{end});
    if (count > 0 || !bins.empty()) bins.push_back({std::chrono::nanoseconds{end}, count});
    begin = end;
  }
  std::uint64_t most = 1;
  for (const Bin& bin : bins) most = std::max(most, bin.count);
  for (const Bin& bin : bins) {
    const auto part = static_cast<double>(bin.count) / static_cast<double>(most);
    std::string bar;
    const auto width = static_cast<std::size_t>(part * static_cast<double>(kBarColumns) + 0.5);
    for (std::size_t i = 0; i < width; ++i) bar += "█";
    if (width == 0 && bin.count > 0) bar = "▏";
    page.line(fmt::format("  < {:>8}  {:>9}  ", load_time(bin.end), bin.count),
              Painted{bar, Color::cyan});
  }
}

void write_phases(const LoadReport& report, Page& page) {
  const LoadResult& r = report.result;
  TextTable table({{"PHASE"}, {"P50", true}, {"P99", true}, {"MAX", true}});
  const auto row = [&](const char* name, const Histogram& times) {
    if (times.empty()) return;
    table.add({{name},
               {load_time(times.percentile(50))},
               {load_time(times.percentile(99))},
               {load_time(times.max())}});
  };
  row("connect", r.connect);
  row("tls", r.tls);
  row("first byte", r.first_byte);
  row("lateness", r.lateness);
  table.print(page);
}

void write_endpoints(const LoadReport& report, Page& page) {
  if (report.result.endpoints.size() < 2) return;
  page.line();
  TextTable table(
      {{"ENDPOINT"}, {"ANSWERS", true}, {"ERRORS", true}, {"P50", true}, {"P99", true}});
  for (const bench::EndpointResult& endpoint : report.result.endpoints) {
    table.add({{endpoint.name},
               {std::to_string(endpoint.answered)},
               {std::to_string(endpoint.failed)},
               {load_time(endpoint.latency.percentile(50))},
               {load_time(endpoint.latency.percentile(99))}});
  }
  table.print(page);
}

void write_outcomes(const std::vector<bench::ThresholdOutcome>& outcomes, Page& page) {
  if (outcomes.empty()) return;
  page.line();
  TextTable table({{"THRESHOLD"}, {"VALUE", true}, {""}});
  for (const bench::ThresholdOutcome& outcome : outcomes) {
    const Color color = outcome.is_met() ? Color::green
                        : outcome.value  ? Color::red
                                         : Color::yellow;
    table.add({{outcome.threshold.text}, {humanize_value(outcome)}, {verdict_of(outcome), color}});
  }
  table.print(page);
}

void write_search(const LoadSearch& search, Page& page) {
  TextTable table({{"RATE", true}, {"GOAL"}, {"VALUE", true}, {""}});
  for (const LoadSearchStep& step : search.steps) {
    for (const bench::ThresholdOutcome& goal : step.goals) {
      table.add({{fmt::format("{:.1f}/s", step.rate)},
                 {goal.threshold.text},
                 {humanize_value(goal)},
                 {step.late  ? "the sender is late"
                  : step.met ? "met"
                             : "missed",
                  step.met ? Color::green : Color::red}});
    }
  }
  table.print(page);
  page.line();
  if (search.best == 0) {
    page.line(Painted{"no rate meets the goals", Color::red});
  } else {
    page.line(Painted{fmt::format("{:.1f} requests/s", search.best), Color::bold},
              search.bounded ? " is the highest rate that meets the goals, to 5 %"
                             : " meets the goals; a higher rate could not be tried");
  }
  page.line();
}

}  // namespace

void Text::write(const LoadReport& report, Page& page) {
  page.line(Painted{report.url(), Color::bold}, "  ", report.kind());
  page.line();
  if (report.result.interrupted) {
    page.line(Painted{"interrupted: this is what there was until then", Color::yellow});
    page.line();
  }
  if (report.search) write_search(*report.search, page);
  if (report.search && report.search->best == 0) return;
  write_counts(report, page);
  write_seconds(report.result, page);
  if (report.result.sent() > 0) {
    load_line(page, "sender",
              fmt::format("{:.0f}% of a core", 100 * report.result.processor_share));
  }
  if (!report.result.latency.empty()) {
    page.line();
    write_latency(report, page);
    page.line();
    write_bars(report.result.latency, page);
  }
  page.line();
  write_phases(report, page);
  write_endpoints(report, page);
  write_outcomes(report.thresholds, page);
}

}  // namespace rz::reports
