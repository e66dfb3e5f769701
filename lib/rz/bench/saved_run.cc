#include "rz/bench/saved_run.h"

#include <algorithm>
#include <set>

#include "rz/base/file.h"
#include "rz/base/json.h"
#include "rz/base/json_members.h"
#include "rz/base/text.h"
#include "rz/base/timestamp.h"
#include "rz/base/try.h"
#include "rz/bench/foreign_runs.h"
#include "rz/bench/run_members.h"
#include "rz/bench/statistics/summary.h"

namespace rz::bench {
namespace {

constexpr const char* kSchema = "rz.bench/1";
constexpr std::uint64_t kMaxFile = 256 << 20;

void set_figures(Value& value, const Measurement& measurement) {
  const Summary s = summarize(measurement.samples);
  value.set("median", s.median);
  value.set("mean", s.mean);
  value.set("stddev", s.stddev);
  value.set("min", s.min);
  value.set("max", s.max);
  value.set("q1", s.q1);
  value.set("q3", s.q3);
  value.set("p95", s.p95);
  value.set("p99", s.p99);
  value.set("outliers", s.outliers);
  value.set("severe_outliers", s.severe_outliers);
}

void set_moments(Value& value, const Moments& moments) {
  value.set("mean", moments.mean);
  value.set("stddev", moments.stddev);
  value.set("rounds", moments.count);
}

Value to_value(const Measurement& measurement) {
  Value value = Value::object({{"name", measurement.name}, {"unit", measurement.unit}});
  if (measurement.moments && measurement.samples.empty()) {
    set_moments(value, *measurement.moments);
    return value;
  }
  set_figures(value, measurement);
  value.set("iterations", static_cast<std::int64_t>(measurement.iterations));
  value.set("per_round", measurement.per_round);
  if (!measurement.probes.empty()) {
    value.set("probes", Value::Array(measurement.probes.begin(), measurement.probes.end()));
  }
  if (!measurement.process_rounds.empty()) {
    Value rounds = Value::array();
    for (const std::size_t count : measurement.process_rounds) rounds.push_back(count);
    value.set("process_rounds", std::move(rounds));
  }
  if (!measurement.wait_probes.empty()) {
    value.set("wait_probes",
              Value::Array(measurement.wait_probes.begin(), measurement.wait_probes.end()));
  }
  if (measurement.noise) value.set("noise", *measurement.noise);
  if (const auto& use = measurement.use) {
    value.set("user_ns", use->user_ns);
    value.set("system_ns", use->system_ns);
    value.set("peak_memory_bytes", use->peak_memory);
    if (use->peak_is_bound) value.set("peak_memory_is_bound", true);
  }
  value.set("samples", Value::Array(measurement.samples.begin(), measurement.samples.end()));
  return value;
}

/// `kind`: of the samples.
Result<Measurement> measurement_from(const Value& value, const std::string& place, Figures kind) {
  Measurement measurement;
  TRY_ASSIGN(measurement.name, name_at(value, "name", place));
  measurement.unit = text_or(value, "unit", std::string(kNanoseconds));
  if (measurement.unit != kNanoseconds && measurement.unit != kInstructions) {
    return fail(ErrorCode::parse, "is not a unit of rz bench: " + printable(measurement.unit),
                member_place(place, "unit"));
  }
  if (value.find("samples") == nullptr) {
    Moments moments;
    TRY_ASSIGN(moments.mean, figure_at(value, "mean", place, kind));
    TRY_ASSIGN(moments.stddev, figure_at(value, "stddev", place));
    TRY_ASSIGN(moments.count, count_at(value, "rounds", place));
    measurement.moments = moments;
    return measurement;
  }
  TRY_ASSIGN(measurement.samples, figures_at(value, "samples", place, kind));
  TRY_ASSIGN(measurement.iterations, iterations_at(value, place));
  if (value.find("per_round") != nullptr) {
    TRY_ASSIGN(measurement.per_round, count_at(value, "per_round", place));
  }
  if (value.find("probes") != nullptr) {
    TRY_ASSIGN(measurement.probes, figures_at(value, "probes", place, Figures::times));
  }
  if (value.find("process_rounds") != nullptr) {
    TRY_ASSIGN(const std::vector<double> counts,
               figures_at(value, "process_rounds", place, Figures::counts));
    for (const double count : counts) {
      measurement.process_rounds.push_back(static_cast<std::size_t>(std::min(count, 1e9)));
    }
  }
  if (value.find("wait_probes") != nullptr) {
    TRY_ASSIGN(measurement.wait_probes, figures_at(value, "wait_probes", place, Figures::times));
  }
  if (value.find("noise") != nullptr) {
    TRY_ASSIGN(measurement.noise, figure_at(value, "noise", place));
  }
  if (value.find("peak_memory_bytes") != nullptr) {
    ProgramUse use;
    TRY_ASSIGN(use.user_ns, figure_at(value, "user_ns", place));
    TRY_ASSIGN(use.system_ns, figure_at(value, "system_ns", place));
    TRY_ASSIGN(const double peak_memory, figure_at(value, "peak_memory_bytes", place));
    use.peak_memory = static_cast<std::int64_t>(peak_memory);
    const Value* bound = value.find("peak_memory_is_bound");
    use.peak_is_bound = bound != nullptr && *bound == Value(true);
    measurement.use = use;
  }
  return measurement;
}

Value object_or_empty(const Value& document, std::string_view key) {
  const Value* found = document.find(key);
  return found != nullptr && found->as_object() != nullptr ? *found : Value::object();
}

Result<BenchRun> own_run_from(const Value& document) {
  BenchRun run;
  const auto timestamp = time_or(document, "timestamp");
  if (!timestamp) return fail(ErrorCode::parse, timestamp.error().message, "timestamp");
  if (*timestamp != TimePoint{}) run.timestamp = *timestamp;
  run.commit = text_or(document, "commit");
  run.counter = text_or(document, "counter", "time");
  run.counted_by = text_or(document, "counted_by");
  run.machine = object_or_empty(document, "machine");
  run.conditions = object_or_empty(document, "conditions");
  // Processor time may be less than what the system counts in, and instructions those of rz alone.
  const Figures kind = run.counter == "time" ? Figures::times : Figures::counts;
  TRY_ASSIGN(const Value::Array* benchmarks, objects_at(document, "benchmarks", ""));
  for (std::size_t i = 0; i < benchmarks->size(); ++i) {
    TRY_ASSIGN(Measurement one,
               measurement_from((*benchmarks)[i], item_place("benchmarks", i), kind));
    run.measurements.push_back(std::move(one));
  }
  return run;
}

Result<BenchRun> run_of_any_kind(const Value& document) {
  const std::string schema = text_or(document, "schema");
  if (schema == kSchema) return own_run_from(document);
  if (!schema.empty()) {
    return fail(ErrorCode::parse, "expected " + std::string(kSchema) + ", got " + printable(schema),
                "schema");
  }
  for (const ForeignRun& foreign : foreign_runs()) {
    if (!foreign.recognize(document)) continue;
    BenchRun run;
    run.program = foreign.program;
    TRY_ASSIGN(run.measurements, foreign.read(document));
    return run;
  }
  return fail(ErrorCode::parse,
              "is not a saved run of rz bench, pytest-benchmark, Google Benchmark or hyperfine");
}

Result<void> require_distinct(const BenchRun& run) {
  std::set<std::string> names;
  for (const Measurement& one : run.measurements) {
    if (one.samples.empty() && !one.moments) {
      return fail(ErrorCode::parse, "'" + printable(one.name) + "' has no figures");
    }
    if (!names.insert(one.name).second) {
      return fail(ErrorCode::parse, "two benchmarks have the name '" + printable(one.name) + "'");
    }
  }
  return {};
}

}  // namespace

double best_probe(const BenchRun& run) {
  double best = 0;
  for (const Measurement& one : run.measurements) {
    const double probe = best_probe(one);
    if (probe > 0 && (best == 0 || probe < best)) best = probe;
  }
  return best;
}

Value to_value(const BenchRun& run) {
  Value document = Value::object({{"schema", kSchema}});
  if (run.timestamp) document.set("timestamp", format_timestamp(*run.timestamp));
  if (!run.commit.empty()) document.set("commit", run.commit);
  document.set("counter", run.counter);
  if (!run.counted_by.empty()) document.set("counted_by", run.counted_by);
  document.set("machine", run.machine);
  document.set("conditions", run.conditions);
  Value benchmarks = Value::array();
  Value errors = Value::array();
  for (const Measurement& one : run.measurements) {
    if (one.error) {
      errors.push_back(Value::object({{"name", one.name}, {"message", to_string(*one.error)}}));
    }
    if (!one.samples.empty() || one.moments) benchmarks.push_back(to_value(one));
  }
  document.set("benchmarks", std::move(benchmarks));
  if (!errors.as_array()->empty()) document.set("errors", std::move(errors));
  return document;
}

Result<BenchRun> parse_run(std::string_view text, const std::string& where) {
  TRY_ASSIGN(const Value document, parse_json(text, where));
  return run_from(document, where);
}

Result<BenchRun> run_from(const Value& document, const std::string& where) {
  if (document.as_object() == nullptr) {
    return fail(ErrorCode::parse,
                std::string("expected a JSON object, but this is ") + document.type_name(), where);
  }
  auto run = run_of_any_kind(document);
  const auto distinct = run ? require_distinct(*run) : Result<void>();
  const Error* error = !run ? &run.error() : !distinct ? &distinct.error() : nullptr;
  if (error != nullptr) {
    return fail(error->code, error->message,
                error->where.empty() ? where : where + ": " + error->where);
  }
  run->name = where;
  return run;
}

Result<BenchRun> read_run(const std::string& path) {
  TRY_ASSIGN(const std::string text, read_file(path, kMaxFile));
  return parse_run(text, input_name(path));
}

}  // namespace rz::bench
