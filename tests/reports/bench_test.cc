#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "rz/base/text.h"
#include "rz/reports/bench_report.h"
#include "rz/reports/formats.h"
#include "terminal.h"
#include "written.h"

namespace rz::reports {
namespace {

using bench::BenchmarkChange;
using bench::Comparison;
using testing::written;

BenchReport two_measurements() {
  BenchReport report;
  report.run.machine = Value::object({{"cores", 2}});
  report.run.measurements = {
      {.name = "a/b", .iterations = 7, .samples = {1, 2, 3}},
      {.name = "c/d", .error = Error{ErrorCode::unavailable, "refused", "redis://h"}}};
  return report;
}

BenchmarkChange changed(std::string name, double ratio, bench::Verdict verdict,
                        bench::Severity severity) {
  return {.name = std::move(name),
          .unit = "ns",
          .before = 100,
          .now = 100 * ratio,
          .ratio = ratio,
          .interval = {ratio - 0.05, ratio + 0.05},
          .p = 0.001,
          .p_adjusted = 0.004,
          .effect = 2,
          .verdict = verdict,
          .severity = severity};
}

BenchReport compared_measurements() {
  BenchReport report = two_measurements();
  Comparison comparison;
  comparison.baseline = "before.json";
  comparison.baseline_program = "rz";
  comparison.changes = {
      changed("x/same", 1.01, bench::Verdict::same, bench::Severity::none),
      changed("a/b", 1.3, bench::Verdict::slower, bench::Severity::failure),
      changed("x/warned", 1.15, bench::Verdict::slower, bench::Severity::warning),
      changed("x/open", 1.05, bench::Verdict::inconclusive, bench::Severity::none)};
  comparison.changes[3].why = "needs at least 7 rounds";
  comparison.changes[3].needed = 7;
  comparison.geometric_mean = 1.123;
  report.comparison = comparison;
  return report;
}

TEST_CASE("the document holds every figure, every sample and every failure") {
  CHECK(written(two_measurements(), "json") ==
        R"({"schema":"rz.bench/1","counter":"time","machine":{"cores":2},"conditions":{},)"
        R"("benchmarks":[{"name":"a/b","unit":"ns",)"
        R"("median":2.0,"mean":2.0,"stddev":1.0,"min":1.0,"max":3.0,"q1":1.5,"q3":2.5,)"
        R"("p95":2.9,"p99":2.98,"outliers":0,"severe_outliers":0,)"
        R"("iterations":7,"per_round":1,"samples":[1.0,2.0,3.0]}],)"
        R"("errors":[{"name":"c/d","message":"redis://h: refused"}]})"
        "\n");
}

TEST_CASE("without a failure there is no list of them") {
  auto good = two_measurements();
  good.run.measurements.pop_back();
  CHECK(written(good, "json").find("errors") == std::string::npos);
}

TEST_CASE("a comparison is a member of the document") {
  const std::string text = written(compared_measurements(), "json");
  CHECK(text.find(
            R"("comparison":{"baseline":"before.json","measured_by":"rz",)"
            R"("warn_above":10.0,"fail_above":20.0,"other_machine":false,"unknown_machine":false,)"
            R"("machine_differences":[],"machine_drift":[],"geometric_mean":1.123,)"
            R"("changes":[{"name":"x/same",)") != std::string::npos);
  CHECK(text.find(R"("p":0.001,"p_adjusted":0.004,"effect_size":2.0,"verdict":"inconclusive",)"
                  R"("severity":"none","why":"needs at least 7 rounds","needs":7}],)"
                  R"("only_before":[],"only_now":[]}})") != std::string::npos);
}

TEST_CASE("CSV has a line for each that was measured, and what it is beside the baseline") {
  CHECK(written(two_measurements(), "csv") ==
        "name,unit,median,mean,stddev,min,max,p95,p99,samples\r\n"
        "a/b,ns,2,2,1,1,3,2.9,2.98,3\r\n");
  CHECK(written(compared_measurements(), "csv") ==
        "name,unit,median,mean,stddev,min,max,p95,p99,samples,before,now,ratio,low,high,"
        "p_adjusted,verdict\r\n"
        "a/b,ns,2,2,1,1,3,2.9,2.98,3,100,130,1.3,1.25,1.35,0.004,slower\r\n");
}

TEST_CASE("text has a line for each that was measured, the same figures for people") {
  CHECK(written(two_measurements(), "text") ==
        "BENCHMARK   MEDIAN  SPREAD      MIN      P95     RATE  SHAPE\n"
        "a/b        2.00 ns    ±25%  1.00 ns  2.90 ns  500 M/s\n");
}

TEST_CASE("the comparison follows, the most telling first") {
  const std::string text = written(compared_measurements(), "text");
  CHECK(text.substr(text.find("\n\n")) ==
        "\n\n"
        "beside before.json\n"
        "BENCHMARK  BEFORE     NOW  CHANGE      99% INTERVAL  VERDICT\n"
        "a/b        100 ns  130 ns  +30.0%  +25.0% to +35.0%  slower\n"
        "x/warned   100 ns  115 ns  +15.0%  +10.0% to +20.0%  slower\n"
        "x/open     100 ns  105 ns   +5.0%   +0.0% to +10.0%  inconclusive: needs at least 7 "
        "rounds\n"
        "x/same     100 ns  101 ns   +1.0%    -4.0% to +6.0%  same\n"
        "4 benchmarks: 2 slower, 1 same, 1 inconclusive; geometric mean +12.3%\n");
}

TEST_CASE("of one or two benchmarks the text has a histogram, and what the program used") {
  BenchReport report;
  bench::Measurement program{.name = "p", .iterations = 1};
  for (int i = 0; i < 20; ++i) program.samples.push_back(1000 + 100 * (i % 10));
  program.samples.push_back(50'000);
  program.use = bench::ProgramUse{300, 200, 2 << 20};
  report.run.measurements = {program};
  const std::string text = written(report, "text");
  CHECK(text.find("\n\n"
                  "PROGRAM    USER  SYSTEM  PEAK MEMORY\n"
                  "p        300 ns  200 ns      2.0 MiB\n") != std::string::npos);
  CHECK(text.find("\n21 samples of p\n") != std::string::npos);
  CHECK(text.find(" 1 above\n") != std::string::npos);
  report.run.measurements[0].use->peak_is_bound = true;
  CHECK(written(report, "text").find(" ≤ 2.0 MiB\n") != std::string::npos);
  report.run.measurements.resize(3, program);
  CHECK(written(report, "text").find("21 samples") == std::string::npos);
}

TEST_CASE("the report of a long command fits a terminal") {
  BenchReport report;
  bench::Measurement program{.name = "tar " + std::string(120, 'c'), .iterations = 1};
  for (int i = 0; i < 20; ++i) program.samples.push_back(1000 + 100 * (i % 10));
  program.use = bench::ProgramUse{300, 200, 2 << 20};
  report.run.measurements = {program};
  Comparison comparison;
  comparison.baseline = "tar " + std::string(120, 'd');
  comparison.baseline_program = "rz";
  comparison.changes = {
      changed(program.name, 1.3, bench::Verdict::slower, bench::Severity::failure)};
  report.comparison = comparison;
  testing::Terminal terminal;
  Text::write(report, terminal);
  const std::string text = terminal.text;
  CHECK(text.find("tar cc") != std::string::npos);
  for (const std::string_view line : split(text, '\n')) CHECK(display_width(line) <= 80);
}

BenchReport measured_by_others() {
  BenchReport report;
  report.run.measurements = {
      {.name = "a", .iterations = 1, .samples = {1, 2, 3}},
      {.name = "b", .iterations = 1, .moments = bench::Moments{2000, 50, 12}}};
  return report;
}

TEST_CASE("of a file without samples mean, standard deviation and rounds are shown") {
  CHECK(written(measured_by_others(), "text") ==
        "BENCHMARK   MEDIAN  SPREAD      MIN      P95     RATE  SHAPE\n"
        "a          2.00 ns    ±25%  1.00 ns  2.90 ns  500 M/s\n"
        "\n"
        "BENCHMARK     MEAN   STDDEV  ROUNDS     RATE\n"
        "b          2.00 µs  50.0 ns      12  500 k/s\n");
  CHECK(written(measured_by_others(), "csv") ==
        "name,unit,median,mean,stddev,min,max,p95,p99,samples\r\n"
        "a,ns,2,2,1,1,3,2.9,2.98,3\r\n"
        "b,ns,,2000,50,,,,,12\r\n");
  CHECK(written(measured_by_others(), "markdown") ==
        "| Benchmark | Median | Mean | Min | P95 | Rate |\n"
        "| --- | ---: | ---: | ---: | ---: | ---: |\n"
        "| a | 2.00 ns | 2.00 ns | 1.00 ns | 2.90 ns | 500 M/s |\n"
        "\n"
        "| Benchmark | Mean | Stddev | Rounds | Rate |\n"
        "| --- | ---: | ---: | ---: | ---: |\n"
        "| b | 2.00 µs | 50.0 ns | 12 | 500 k/s |\n");
}

TEST_CASE("a document whose answer is an error has that") {
  BenchReport report = two_measurements();
  report.error = Error{ErrorCode::unavailable, "c/d: refused", "x"};
  CHECK(written(report, "json")
            .ends_with(R"("error":{"code":"unavailable","message":"c/d: refused","where":"x"}})"
                       "\n"));
}

TEST_CASE("figures beyond all measure have no endless digits") {
  CHECK(spread_percent(2.5, 100) == "±3%");
  CHECK(spread_percent(1, 0) == "-");
  CHECK(spread_percent(2.5e17, 4) == "±6.2e+18%");
  CHECK(signed_percent(1e9) == "+1.0e+11%");
  BenchReport report;
  report.run.measurements = {{.name = "a", .iterations = 1, .samples = {1e18, 3, 4}}};
  CHECK(written(report, "text").find("±6.2e+18%") != std::string::npos);
}

TEST_CASE("Markdown has a row for each that was measured") {
  CHECK(written(two_measurements(), "markdown") ==
        "| Benchmark | Median | Mean | Min | P95 | Rate |\n"
        "| --- | ---: | ---: | ---: | ---: | ---: |\n"
        "| a/b | 2.00 ns | 2.00 ns | 1.00 ns | 2.90 ns | 500 M/s |\n");
}

TEST_CASE("Markdown begins with the comparison, which the summary of a step is read for") {
  BenchReport report = compared_measurements();
  report.comparison->changes.resize(2);
  CHECK(written(report, "markdown")
            .starts_with("2 benchmarks: 1 slower, 1 same; geometric mean +12.3%\n\n"
                         "| Benchmark | Before | Now | Change | 99% interval | Verdict |\n"
                         "| --- | ---: | ---: | ---: | ---: | --- |\n"
                         "| a/b | 100 ns | 130 ns | +30.0% | +25.0% to +35.0% | slower |\n"
                         "| x/same | 100 ns | 101 ns | +1.0% | -4.0% to +6.0% | same |\n\n"));
  report.comparison->other_machine = true;
  CHECK(written(report, "markdown").find("on another machine") != std::string::npos);
}

TEST_CASE("annotations are of what is slower past a limit, and of another machine") {
  BenchReport report = compared_measurements();
  CHECK(written(report, "github") ==
        "::error title=a/b is slower::+30.0%25 (+25.0%25 to +35.0%25): 100 ns before, 130 ns now\n"
        "::warning title=x/warned is slower::+15.0%25 (+10.0%25 to +20.0%25): 100 ns before, "
        "115 ns now\n"
        "rz bench: 4 benchmarks: 2 slower, 1 same, 1 inconclusive; geometric mean +12.3%\n");
  report.comparison->other_machine = true;
  report.comparison->differences = {{"cpu", "X", "Y", true}};
  CHECK(written(report, "github")
            .find("::notice title=the baseline was measured on another "
                  "machine::cpu X then, Y now\n") != std::string::npos);
  CHECK(written(two_measurements(), "github") == "rz bench: 2 benchmarks, compared with nothing\n");
}

TEST_CASE("a history has a row for each benchmark, with where it changed") {
  BenchHistory document;
  document.history.runs = {{.name = "1.json"}, {.name = "2.json"}, {.name = "3.json"}};
  document.history.runs[1].commit = "0123456789abcdef";
  document.history.benchmarks = {{.name = "a",
                                  .unit = "ns",
                                  .runs = {0, 1, 2},
                                  .medians = {100, 126, 126},
                                  .changes = {{.index = 1, .ratio = 1.26, .p = 0.0001}},
                                  .noise = 0.034}};
  CHECK(written(document, "text") ==
        "BENCHMARK  RUNS   FIRST    LAST  NOISE  TREND  CHANGES\n"
        "a             3  100 ns  126 ns    ±3%  ▁██    +26.0% at 2.json (0123456789ab)\n");
  CHECK(written(document, "json") ==
        R"({"schema":"rz.bench.history/1","files":["1.json","2.json","3.json"],)"
        R"("machine_differences":[],"benchmarks":[{"name":"a","unit":"ns",)"
        R"("medians":[100.0,126.0,126.0],"noise":0.034,"changes":[{"file":"2.json","ratio":1.26,)"
        R"("p":0.0001,"commit":"0123456789abcdef"}]}]})"
        "\n");
  CHECK(written(document, "csv") ==
        "name,unit,file,commit,median,noise,change,p\r\n"
        "a,ns,1.json,,100,0.034,,\r\n"
        "a,ns,2.json,0123456789abcdef,126,0.034,1.26,1e-04\r\n"
        "a,ns,3.json,,126,0.034,,\r\n");
  CHECK(written(document, "markdown")
            .find("| a | 3 | 100 ns | 126 ns | ±3% | +26.0% at 2.json (0123456789ab) |\n") !=
        std::string::npos);
}

TEST_CASE("the list of benchmarks is a name a line, or a document") {
  CHECK(written(BenchList{{"a/b", "c/d"}}, "text") == "a/b\nc/d\n");
  CHECK(written(BenchList{{"a/b"}}, "json") ==
        R"({"schema":"rz.bench.list/1","benchmarks":["a/b"]})"
        "\n");
}

TEST_CASE("times and rates have three digits and the largest unit that fits") {
  CHECK(humanize_nanoseconds(0) == "0.00 ns");
  CHECK(humanize_nanoseconds(4.123) == "4.12 ns");
  CHECK(humanize_nanoseconds(9.996) == "10.0 ns");
  CHECK(humanize_nanoseconds(99.96) == "100 ns");
  CHECK(humanize_nanoseconds(999.4) == "999 ns");
  CHECK(humanize_nanoseconds(999.6) == "1.00 µs");
  CHECK(humanize_nanoseconds(20'340) == "20.3 µs");
  CHECK(humanize_nanoseconds(1.2e9) == "1.20 s");
  CHECK(humanize_nanoseconds(5e12) == "5000 s");
  CHECK(humanize_rate(12) == "12.0 /s");
  CHECK(humanize_rate(49'300) == "49.3 k/s");
  CHECK(humanize_rate(2.43e8) == "243 M/s");
  CHECK(humanize_figure(1500, "ns") == "1.50 µs");
  CHECK(humanize_figure(128'900, "instructions") == "129 k");
  CHECK(humanize_figure(7, "instructions") == "7.00");
}

TEST_CASE("ratios are told as percent, with a sign") {
  CHECK(signed_percent(1.345) == "+34.5%");
  CHECK(signed_percent(0.97) == "-3.0%");
  CHECK(signed_percent(2.1) == "+110%");
  CHECK(describe(bench::Interval{0.9, 1.1}) == "-10.0% to +10.0%");
}

}  // namespace
}  // namespace rz::reports
