#include <doctest/doctest.h>

#include <string>

#include "bench_results.h"
#include "rz/reports/formats.h"
#include "rz/reports/html/line_chart.h"
#include "written.h"

namespace rz::reports {
namespace {

using testing::contains;
using testing::looked_at_bench;
using testing::looked_at_load;
using testing::written;

}  // namespace

TEST_CASE("a page of benchmarks tells each verdict by a word, and escapes what it shows") {
  const std::string page = written(looked_at_bench(), "html");
  for (const char* word : {">slower<", ">faster<", ">same<", ">inconclusive<"}) {
    CAPTURE(word);
    CHECK(contains(page, word));
  }
  CHECK(contains(page, "default-src 'none'"));
  CHECK(contains(page, "needs at least 7 rounds"));
  CHECK(contains(page, "a processor &lt;b&gt;"));
  CHECK_FALSE(contains(page, "a processor <b>"));
  // Those that took five microseconds longer are told, and not drawn.
  CHECK(contains(page, "3 samples beyond"));
}

TEST_CASE("an interval without an end is drawn to the edge") {
  const std::string page = written(looked_at_bench(), "html");
  CHECK_FALSE(contains(page, "\"nan"));
  CHECK_FALSE(contains(page, "Mnan"));
  CHECK(contains(page, "fill=\"url(#fillU)\" x=\"10\" width=\"980\""));
}

TEST_CASE("a page of a load has its percentiles, its seconds and its rates") {
  const std::string closed = written(looked_at_load(false), "html");
  CHECK(contains(closed, "corrected"));
  CHECK(contains(closed, "Latency of each second"));
  CHECK_FALSE(contains(closed, "Latency at each rate"));
  CHECK(contains(closed, ">missed<"));
  CHECK(contains(closed, ">met<"));
  CHECK(contains(closed, ">unknown<"));
  const std::string open = written(looked_at_load(true), "html");
  CHECK(contains(open, "Latency at each rate"));
  CHECK(contains(open, "The highest rate that meets the goals is 400 requests/s."));
}

TEST_CASE("a page of a load without answers is whole") {
  LoadReport report;
  report.options.url = "http://127.0.0.1/";
  report.search = LoadSearch{{{100, false, true, {}, {}}}, 0, false};
  const std::string page = written(report, "html");
  CHECK(contains(page, "No rate met the goals."));
  CHECK(contains(page, "</html>"));
  CHECK_FALSE(contains(page, "\"nan"));
  CHECK_FALSE(contains(page, "Mnan"));
}

TEST_CASE("a chart has round figures at its side, whatever it shows") {
  const auto text = [](double value) { return std::to_string(static_cast<long>(value)); };
  const std::vector<ChartLine> lines = {{"a", {{0, 300, false}, {1, 12'000, true}}}};
  const std::string powers = line_chart("t", axis_of(lines, false, text), lines, {});
  CHECK(contains(powers, "<span>100000</span><span>10000</span><span>1000</span><span>100</span>"));
  CHECK(contains(powers, "class=\"d1 cross\""));
  const std::string linear = line_chart("t", axis_of(lines, true, text), lines, {});
  CHECK(contains(linear, "<span>20000</span><span>10000</span><span>0</span>"));
  const std::string nothing = line_chart("t", axis_of({}, true, text), {}, {});
  CHECK_FALSE(contains(nothing, "nan "));
}

}  // namespace rz::reports
