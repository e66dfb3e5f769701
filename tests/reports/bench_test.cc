#include <doctest/doctest.h>

#include <string>

#include "rz/reports/bench_report.h"
#include "rz/reports/formats.h"
#include "written.h"

namespace rz::reports {
namespace {

using bench::Measurement;
using testing::written;

std::vector<Measurement> two_measurements() {
  return {{.name = "a/b", .iterations = 7, .samples = {1, 2, 3}, .error = {}},
          {.name = "c/d",
           .iterations = 0,
           .samples = {},
           .error = Error{ErrorCode::unavailable, "refused", "redis://h"}}};
}

TEST_CASE("the document holds every figure, every sample and every failure") {
  CHECK(written(BenchReport{two_measurements(), Value::object({{"cores", 2}})}, "json") ==
        R"({"schema":"rz.bench/1","machine":{"cores":2},"benchmarks":[{"name":"a/b","unit":"ns",)"
        R"("median":2.0,"mean":2.0,"stddev":1.0,"min":1.0,"max":3.0,"p95":2.9,"p99":2.98,)"
        R"("iterations":7,"samples":[1.0,2.0,3.0]}],)"
        R"("errors":[{"name":"c/d","message":"redis://h: refused"}]})"
        "\n");
}

TEST_CASE("without a failure there is no list of them") {
  auto good = two_measurements();
  good.pop_back();
  CHECK(written(BenchReport{good}, "json").find("errors") == std::string::npos);
}

TEST_CASE("CSV has a line for each that was measured") {
  CHECK(written(BenchReport{two_measurements()}, "csv") ==
        "name,unit,median,mean,stddev,min,max,p95,p99,samples\r\n"
        "a/b,ns,2,2,1,1,3,2.9,2.98,3\r\n");
}

TEST_CASE("text has a line for each that was measured, the same figures for people") {
  CHECK(written(BenchReport{two_measurements()}, "text") ==
        "BENCHMARK   MEDIAN  SPREAD      MIN      P95     RATE\n"
        "a/b        2.00 ns    ±50%  1.00 ns  2.90 ns  500 M/s\n");
}

TEST_CASE("Markdown has a row for each that was measured") {
  CHECK(written(BenchReport{two_measurements()}, "markdown") ==
        "| Benchmark | Median | Mean | Min | P95 | Rate |\n"
        "| --- | ---: | ---: | ---: | ---: | ---: |\n"
        "| a/b | 2.00 ns | 2.00 ns | 1.00 ns | 2.90 ns | 500 M/s |\n");
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
}

}  // namespace
}  // namespace rz::reports
