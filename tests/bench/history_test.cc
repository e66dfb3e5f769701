#include "rz/bench/history.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "rz/base/timestamp.h"

namespace rz::bench {
namespace {

/// A run of one benchmark, on that day.
BenchRun run_on(int day, double level) {
  BenchRun run;
  run.name = "day" + std::to_string(day);
  run.timestamp =
      *parse_timestamp("2026-11-" + std::string(day < 10 ? "0" : "") + std::to_string(day));
  run.measurements = {{.name = "a", .per_round = 2, .samples = {level, 9 * level}}};
  return run;
}

TEST_CASE("runs follow each other by their time, and a change is at the run that begins it") {
  std::vector<BenchRun> runs;
  for (int day = 12; day > 0; --day)
    runs.push_back(run_on(day, day < 7 ? 100 + day % 2 : 130 + day % 2));
  const auto history = follow_runs(runs);
  REQUIRE(history);
  CHECK(history->runs.front().name == "day1");
  REQUIRE(history->benchmarks.size() == 1);
  const BenchmarkHistory& a = history->benchmarks[0];
  CHECK(a.medians.size() == 12);
  CHECK(a.medians.front() == 101);
  REQUIRE(a.changes.size() == 1);
  CHECK(history->runs[a.runs[a.changes[0].index]].name == "day7");
  CHECK(a.changes[0].ratio == doctest::Approx(1.3).epsilon(0.02));
  REQUIRE(a.noise);
  CHECK(*a.noise < 0.05);
}

TEST_CASE("the newest run becomes a baseline that knows the noise") {
  std::vector<BenchRun> runs;
  for (int day = 1; day <= 8; ++day) runs.push_back(run_on(day, 100 + day % 2 * 4));
  const auto history = follow_runs(runs);
  REQUIRE(history);
  const BenchRun baseline = with_noise(*history);
  CHECK(baseline.name == "day8");
  REQUIRE(baseline.measurements[0].noise);
  CHECK(*baseline.measurements[0].noise == doctest::Approx(0.04).epsilon(0.01));
}

TEST_CASE("runs of rounds of other sizes are followed by as many samples of each round") {
  std::vector<BenchRun> runs = {run_on(1, 1), run_on(2, 1)};
  runs[1].measurements[0].per_round = 4;
  runs[1].measurements[0].samples = {3, 4, 1, 1};
  const auto history = follow_runs(runs);
  REQUIRE(history);
  CHECK(history->benchmarks[0].medians == std::vector<double>{1, 3});
}

TEST_CASE("a benchmark that some runs lack is followed through the others") {
  std::vector<BenchRun> runs = {run_on(1, 1), run_on(2, 2), run_on(3, 3)};
  runs[1].measurements[0].name = "other";
  const auto history = follow_runs(runs);
  REQUIRE(history);
  CHECK(history->benchmarks[0].runs == std::vector<std::size_t>{0, 2});
  CHECK_FALSE(history->benchmarks[0].noise);
}

TEST_CASE("one run is no history, and runs that count different things are none") {
  const auto one = follow_runs({run_on(1, 1)});
  REQUIRE_FALSE(one);
  CHECK(one.error().message == "a history is of two runs at least");
  std::vector<BenchRun> runs = {run_on(1, 1), run_on(2, 2)};
  runs[1].counter = "cpu";
  const auto mixed = follow_runs(runs);
  REQUIRE_FALSE(mixed);
  CHECK(to_string(mixed.error()) == "day2: counts cpu, and day1 time");
}

}  // namespace
}  // namespace rz::bench
