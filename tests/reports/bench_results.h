#pragma once

#include <chrono>
#include <string>

#include "rz/reports/bench_report.h"
#include "rz/reports/load_report.h"

namespace rz::testing {

/// Three benchmarks, and what they show beside a baseline: one of each verdict.
inline reports::BenchReport looked_at_bench() {
  reports::BenchReport report;
  report.run.commit = "0123abc";
  report.run.machine = Value::object({{"processor", "a processor <b>"}, {"processors", 2}});
  for (const std::string name : {"cond/parse", "a/very/long/name/of/a/benchmark --with 'words'"}) {
    bench::Measurement measurement{.name = name, .iterations = 1};
    for (int i = 0; i < 60; ++i) {
      measurement.samples.push_back(1000 + (i * 37) % 100 + (i % 20 == 0 ? 5000 : 0));
    }
    report.run.measurements.push_back(measurement);
  }
  bench::Comparison comparison{.baseline = "before.json"};
  const auto change = [](std::string name, double ratio, bench::Interval interval,
                         bench::Verdict verdict, bench::Severity severity) {
    return bench::BenchmarkChange{.name = std::move(name),
                                  .unit = "ns",
                                  .before = 1000,
                                  .now = 1000 * ratio,
                                  .ratio = ratio,
                                  .interval = interval,
                                  .verdict = verdict,
                                  .severity = severity};
  };
  using bench::Severity;
  using bench::Verdict;
  comparison.changes = {change("slow", 1.5, {1.4, 1.6}, Verdict::slower, Severity::failure),
                        change("slower", 1.13, {1.11, 1.15}, Verdict::slower, Severity::warning),
                        change("fast", 0.8, {0.75, 0.85}, Verdict::faster, Severity::none),
                        change("same", 1.001, {0.99, 1.01}, Verdict::same, Severity::none),
                        change("unclear", 1.1, {0, 1e9}, Verdict::inconclusive, Severity::none)};
  comparison.changes.back().why = "needs at least 7 rounds";
  report.comparison = comparison;
  return report;
}

/// Half a minute of a server that becomes slower, with a search for its highest rate.
inline reports::LoadReport looked_at_load(bool searches) {
  using std::chrono::microseconds;
  reports::LoadReport report;
  report.options.url = "http://127.0.0.1:8080/a/path";
  bench::LoadResult& result = report.result;
  result.open_loop = searches;
  for (int i = 0; i < 10'000; ++i) {
    result.latency.record(microseconds{200 + i % 500 + (i % 1000 == 0 ? 40'000 : 0)});
  }
  result.answered = 10'000;
  result.statuses = {0, 0, 9'990, 0, 0, 10};
  result.errors[0] = 3;
  result.elapsed = result.sending = std::chrono::seconds{30};
  result.endpoints = {{"GET /a/path", 10'000, 13, {}}};
  for (int i = 0; i < 30; ++i) {
    result.seconds.push_back({static_cast<std::uint64_t>(330 + i % 7), i == 9 ? 10U : 0U,
                              microseconds{i == 9 ? 40'700 : 900}, microseconds{400 + 5 * i},
                              microseconds{700 + 10 * i}});
  }
  report.thresholds =
      bench::judge({*bench::parse_threshold("p99<50ms"), *bench::parse_threshold("error_rate<0.1%"),
                    *bench::parse_threshold("tls_p50<1ms")},
                   result);
  if (!searches) return report;
  report.options.rate = 400;
  report.search = reports::LoadSearch{{}, 400, true};
  for (const double rate : {100.0, 200.0, 400.0, 800.0, 600.0}) {
    bench::Histogram latency;
    latency.record(microseconds{static_cast<std::int64_t>(rate)}, 99);
    latency.record(microseconds{static_cast<std::int64_t>(rate * rate / 5)}, 2);
    report.search->steps.push_back({rate, rate < 500, false,
                                    bench::judge({*bench::parse_threshold("p99<50ms")}, result),
                                    reports::shown_percentiles(latency)});
  }
  return report;
}

}  // namespace rz::testing
