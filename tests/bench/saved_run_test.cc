#include "rz/bench/saved_run.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "rz/base/file.h"
#include "rz/base/json.h"
#include "rz/base/timestamp.h"
#include "support/temp_folder.h"

namespace rz::bench {
namespace {

BenchRun sample_run() {
  BenchRun run;
  run.name = "f";
  run.timestamp = *parse_timestamp("2026-11-27T06:00:00Z");
  run.commit = "0123abcd";
  run.counted_by = kByValgrind;
  run.machine = Value::object({{"cpu", "X"}, {"cores", 2}});
  run.conditions = Value::object({{"load", 0.5}});
  run.measurements = {{.name = "a",
                       .iterations = 7,
                       .per_round = 2,
                       .samples = {1, 2.5, 3, 4},
                       .probes = {30, 31},
                       .wait_probes = {1000, 900},
                       .process_rounds = {1, 1},
                       .noise = 0.04,
                       .use = ProgramUse{1000, 2000, 4096}},
                      {.name = "b", .unit = "instructions", .iterations = 1, .samples = {100}},
                      {.name = "c", .error = Error{ErrorCode::unavailable, "refused", "host"}}};
  return run;
}

std::string refusal_of(const std::string& text) {
  const auto run = parse_run(text, "f");
  REQUIRE_FALSE(run);
  CHECK(run.error().code == ErrorCode::parse);
  return to_string(run.error());
}

TEST_CASE("a run that was saved reads back as it was, without what failed") {
  const BenchRun run = sample_run();
  const auto read = parse_run(to_json(to_value(run)), "f");
  REQUIRE(read);
  CHECK(read->name == "f");
  CHECK(read->program == "rz");
  CHECK(read->timestamp == run.timestamp);
  CHECK(read->commit == run.commit);
  CHECK(read->machine == run.machine);
  CHECK(read->conditions == run.conditions);
  REQUIRE(read->measurements.size() == 2);
  const Measurement& a = read->measurements[0];
  CHECK(a.name == "a");
  CHECK(a.unit == "ns");
  CHECK(a.iterations == 7);
  CHECK(a.per_round == 2);
  CHECK(a.samples == run.measurements[0].samples);
  CHECK(a.probes == run.measurements[0].probes);
  CHECK(a.process_rounds == run.measurements[0].process_rounds);
  CHECK(a.wait_probes == run.measurements[0].wait_probes);
  CHECK(a.noise == run.measurements[0].noise);
  REQUIRE(a.use);
  CHECK(a.use->system_ns == 2000);
  CHECK(a.use->peak_memory == 4096);
  CHECK(read->measurements[1].unit == "instructions");
  CHECK(to_value(*read).find("errors") == nullptr);
  CHECK(read->counted_by == "valgrind");
  CHECK(to_json(*to_value(run).find("errors")) == R"([{"name":"c","message":"host: refused"}])");
}

TEST_CASE("a run is read from a file") {
  const TempFolder folder;
  const std::string path = folder.path() + "/run.json";
  REQUIRE(write_file(path, to_json(to_value(sample_run()))));
  const auto read = read_run(path);
  REQUIRE(read);
  CHECK(read->name == path);
  const auto none = read_run(folder.path() + "/none.json");
  REQUIRE_FALSE(none);
  CHECK(none.error().code == ErrorCode::not_found);
}

// As pytest-benchmark 4.0 writes it, cut to what counts: with --benchmark-save-data, and without.
TEST_CASE("a file of pytest-benchmark is read, with its samples or without") {
  const auto run = parse_run(R"({"machine_info": {"node": "h"}, "commit_info": {"id": "1"},
    "benchmarks": [
      {"group": null, "name": "test_evaluate", "fullname": "t.py::test_evaluate", "params": null,
       "stats": {"min": 1e-06, "max": 4e-06, "mean": 2e-06, "stddev": 1e-06, "rounds": 50,
                 "median": 2e-06, "iterations": 10, "ops": 500000.0}},
      {"group": null, "name": "test_parse", "fullname": "t.py::test_parse", "params": null,
       "stats": {"min": 1e-06, "max": 2e-06, "mean": 1.5e-06, "stddev": 1e-07, "rounds": 2,
                 "median": 1.5e-06, "iterations": 1, "data": [1e-06, 2e-06]}}],
    "datetime": "2025-01-01T00:00:00", "version": "4.0.0"})",
                             "initial.json");
  REQUIRE(run);
  CHECK(run->program == "pytest-benchmark");
  REQUIRE(run->measurements.size() == 2);
  const Measurement& evaluate = run->measurements[0];
  CHECK(evaluate.name == "test_evaluate");
  CHECK(evaluate.samples.empty());
  REQUIRE(evaluate.moments);
  CHECK(evaluate.moments->mean == doctest::Approx(2000));
  CHECK(evaluate.moments->stddev == doctest::Approx(1000));
  CHECK(evaluate.moments->count == 50);
  REQUIRE(run->measurements[1].samples.size() == 2);
  CHECK(run->measurements[1].samples[1] == doctest::Approx(2000));
}

// As Google Benchmark 1.7.1 writes it with --benchmark_repetitions=2, and with
// --benchmark_report_aggregates_only.
TEST_CASE("a file of Google Benchmark is read: repetitions, or what was kept of them") {
  const auto run = parse_run(R"({"context": {"date": "2026-11-27T06:00:00+00:00", "num_cpus": 2},
    "benchmarks": [
      {"name": "BM_x/repeats:2", "run_name": "BM_x/repeats:2", "run_type": "iteration",
       "repetitions": 2, "repetition_index": 0, "threads": 1, "iterations": 1000,
       "real_time": 1.5, "cpu_time": 1.4, "time_unit": "us"},
      {"name": "BM_x/repeats:2", "run_name": "BM_x/repeats:2", "run_type": "iteration",
       "repetitions": 2, "repetition_index": 1, "threads": 1, "iterations": 1000,
       "real_time": 1.7, "cpu_time": 1.4, "time_unit": "us"},
      {"name": "BM_x/repeats:2_mean", "run_name": "BM_x/repeats:2", "run_type": "aggregate",
       "aggregate_name": "mean", "repetitions": 2, "real_time": 1.6, "cpu_time": 1.4,
       "time_unit": "us"},
      {"name": "BM_y_mean", "run_name": "BM_y", "run_type": "aggregate", "aggregate_name": "mean",
       "repetitions": 9, "real_time": 20, "cpu_time": 20, "time_unit": "ns"},
      {"name": "BM_y_median", "run_name": "BM_y", "run_type": "aggregate",
       "aggregate_name": "median", "repetitions": 9, "real_time": 21, "cpu_time": 20,
       "time_unit": "ns"},
      {"name": "BM_y_stddev", "run_name": "BM_y", "run_type": "aggregate",
       "aggregate_name": "stddev", "repetitions": 9, "real_time": 2, "cpu_time": 2,
       "time_unit": "ns"},
      {"name": "BM_z", "run_name": "BM_z", "run_type": "iteration", "error_occurred": true,
       "error_message": "no"}]})",
                             "g.json");
  REQUIRE(run);
  CHECK(run->program == "Google Benchmark");
  REQUIRE(run->measurements.size() == 2);
  CHECK(run->measurements[0].name == "BM_x/repeats:2");
  REQUIRE(run->measurements[0].samples.size() == 2);
  CHECK(run->measurements[0].samples[1] == doctest::Approx(1700));
  CHECK_FALSE(run->measurements[0].moments);
  REQUIRE(run->measurements[1].moments);
  CHECK(run->measurements[1].moments->mean == 20);
  CHECK(run->measurements[1].moments->stddev == 2);
  CHECK(run->measurements[1].moments->count == 9);
}

std::string google_refusal(const std::string& entries) {
  return refusal_of(R"({"context":{},"benchmarks":[)" + entries + "]}");
}

TEST_CASE("what has no mean has no figures, and a file of nothing else is refused") {
  const std::string deviation =
      R"({"name":"d","run_name":"d","run_type":"aggregate","aggregate_name":"stddev",)"
      R"("repetitions":9,"real_time":2})";
  const std::string failed = R"({"name":"e","error_occurred":true,"error_message":"no"})";
  CHECK(google_refusal(deviation) == "f: benchmarks: none of them has a time or a mean");
  CHECK(google_refusal(failed) == "f: benchmarks: none of them has a time or a mean");
  const auto run = parse_run(R"({"context":{},"benchmarks":[)" + deviation + "," + failed +
                                 R"(,{"name":"t","real_time":3}]})",
                             "f");
  REQUIRE(run);
  REQUIRE(run->measurements.size() == 1);
  CHECK(run->measurements[0].name == "t");
}

TEST_CASE("times that nothing can take are refused in files of others, too") {
  CHECK(google_refusal(R"({"name":"t","real_time":0})") ==
        "f: benchmarks[0].real_time: is not a figure that a benchmark can have");
  CHECK(google_refusal(R"({"name":"t","real_time":3,"iterations":-9})") ==
        "f: benchmarks[0].iterations: is not a number of iterations");
  // In nanoseconds this is beyond all measure.
  CHECK(refusal_of(R"({"results":[{"command":"c","times":[1,1e18]}]})") ==
        "f: results[0].times[1]: is not a figure that a benchmark can have");
  const std::string pytest = R"({"machine_info":{},"benchmarks":[{"name":"t","stats":)";
  CHECK(refusal_of(pytest + R"({"mean":0,"stddev":0,"rounds":5}}]})") ==
        "f: benchmarks[0].stats.mean: is not a figure that a benchmark can have");
  CHECK(refusal_of(pytest + R"({"mean":1,"stddev":0,"rounds":5,"iterations":0}}]})") ==
        "f: benchmarks[0].stats.iterations: is not a number of iterations");
}

// As hyperfine 1.15 writes it with --export-json.
TEST_CASE("a file of hyperfine is read") {
  const auto run = parse_run(R"({"results": [
      {"command": "gzip -k x", "mean": 0.0015, "stddev": 0.0005, "median": 0.0015, "user": 0.001,
       "system": 0.0002, "min": 0.001, "max": 0.002, "times": [0.001, 0.002],
       "exit_codes": [0, 0]}]})",
                             "h.json");
  REQUIRE(run);
  CHECK(run->program == "hyperfine");
  REQUIRE(run->measurements.size() == 1);
  CHECK(run->measurements[0].name == "gzip -k x");
  CHECK(run->measurements[0].samples[0] == doctest::Approx(1e6));
}

TEST_CASE("what is no saved run is refused, with the place") {
  CHECK(refusal_of("[]") == "f: expected a JSON object, but this is array");
  CHECK(refusal_of("{").starts_with("f:1:"));
  CHECK(refusal_of("{}") ==
        "f: is not a saved run of rz bench, pytest-benchmark, Google Benchmark or hyperfine");
  CHECK(refusal_of(R"({"schema":"rz.bench.http/1"})") ==
        "f: schema: expected rz.bench/1, got rz.bench.http/1");
  CHECK(refusal_of(R"({"schema":"rz.bench/1"})") ==
        "f: benchmarks: expected a list, but it is missing");
  CHECK(refusal_of(R"({"schema":"rz.bench/1","benchmarks":[]})") == "f: benchmarks: is empty");
  CHECK(refusal_of(R"({"schema":"rz.bench/1","benchmarks":[3]})") ==
        "f: benchmarks[0]: expected an object, got integer");
}

std::string refusal_of_benchmark(const std::string& members) {
  return refusal_of(R"({"schema":"rz.bench/1","benchmarks":[{)" + members + "}]}");
}

TEST_CASE("processor time and instructions may be nothing at all") {
  const auto run = parse_run(
      R"({"schema":"rz.bench/1","counter":"cpu","benchmarks":[{"name":"a","samples":[0]}]})", "f");
  REQUIRE(run);
  CHECK(run->measurements[0].samples == std::vector<double>{0});
}

TEST_CASE("a benchmark that is damaged is refused, with the place") {
  CHECK(refusal_of_benchmark(R"("samples":[1])") ==
        "f: benchmarks[0].name: expected a text, but it is missing");
  CHECK(refusal_of_benchmark(R"("name":"a")") ==
        "f: benchmarks[0].mean: expected a number, but it is missing");
  CHECK(refusal_of_benchmark(R"("name":"a","samples":[])") == "f: benchmarks[0].samples: is empty");
  CHECK(refusal_of_benchmark(R"("name":"a","samples":[1,"x"])") ==
        "f: benchmarks[0].samples[1]: expected a number, got string");
  CHECK(refusal_of_benchmark(R"("name":"a","samples":[-1])") ==
        "f: benchmarks[0].samples[0]: is not a figure that a benchmark can have");
  for (const char* sample : {"1e19", "0", "1e-300"}) {
    CHECK(refusal_of_benchmark(R"("name":"a","samples":[2,)" + std::string(sample) + "]") ==
          "f: benchmarks[0].samples[1]: is not a figure that a benchmark can have");
  }
  CHECK(refusal_of_benchmark(R"("name":"a","samples":[1],"iterations":-9)") ==
        "f: benchmarks[0].iterations: is not a number of iterations");
  CHECK(refusal_of_benchmark(R"("name":"a","samples":[1],"probes":[0])") ==
        "f: benchmarks[0].probes[0]: is not a figure that a benchmark can have");
  CHECK(refusal_of_benchmark(R"("name":"a\nb","samples":[1]},{"name":"a\nb","samples":[2])") ==
        "f: two benchmarks have the name 'a\\nb'");
  CHECK(refusal_of_benchmark(R"("name":"a","unit":"apples","samples":[1])") ==
        "f: benchmarks[0].unit: is not a unit of rz bench: apples");
  CHECK(refusal_of_benchmark(R"("name":"a","samples":[1],"per_round":0)") ==
        "f: benchmarks[0].per_round: is not a number of samples");
  CHECK(refusal_of_benchmark(R"("name":"a","samples":[1]},{"name":"a","samples":[2])") ==
        "f: two benchmarks have the name 'a'");
}

}  // namespace
}  // namespace rz::bench
