#include "rz/bench/foreign_runs.h"

#include <algorithm>

#include "rz/base/json_members.h"
#include "rz/base/text.h"
#include "rz/base/try.h"
#include "rz/bench/run_members.h"

namespace rz::bench {
namespace {

constexpr double kSecond = 1e9;

bool has_member(const Value& document, std::string_view key) {
  return document.find(key) != nullptr;
}

/// The one of that name, which is added if it is not there.
Measurement& named(std::vector<Measurement>& all, const std::string& name) {
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&](const Measurement& one) { return one.name == name; });
  if (found != all.end()) return *found;
  all.push_back({.name = name});
  return all.back();
}

// ---- pytest-benchmark: seconds; the samples, `data`, only if they were asked for

Result<Moments> moments_at(const Value& stats, std::string_view count, const std::string& place,
                           double factor) {
  Moments moments;
  TRY_ASSIGN(moments.mean, figure_at(stats, "mean", place, Figures::times, factor));
  TRY_ASSIGN(moments.stddev, figure_at(stats, "stddev", place, Figures::counts, factor));
  TRY_ASSIGN(moments.count, count_at(stats, count, place));
  return moments;
}

Result<std::vector<Measurement>> read_pytest(const Value& document) {
  TRY_ASSIGN(const Value::Array* benchmarks, objects_at(document, "benchmarks", ""));
  std::vector<Measurement> all;
  for (std::size_t i = 0; i < benchmarks->size(); ++i) {
    const Value& benchmark = (*benchmarks)[i];
    const std::string place = item_place("benchmarks", i);
    const Value* stats = benchmark.find("stats");
    if (stats == nullptr || stats->as_object() == nullptr) {
      return fail(ErrorCode::parse, "expected an object", member_place(place, "stats"));
    }
    Measurement one;
    TRY_ASSIGN(one.name, name_at(benchmark, "name", place));
    TRY_ASSIGN(one.iterations, iterations_at(*stats, place + ".stats"));
    if (has_member(*stats, "data")) {
      TRY_ASSIGN(one.samples,
                 figures_at(*stats, "data", place + ".stats", Figures::times, kSecond));
    } else {
      TRY_ASSIGN(one.moments, moments_at(*stats, "rounds", place + ".stats", kSecond));
    }
    all.push_back(std::move(one));
  }
  return all;
}

// ---- Google Benchmark: a time unit for each; repetitions are entries of their own, and aggregates
// ---- of them may be all that was kept

Result<double> google_unit(const Value& entry, const std::string& place) {
  const std::string unit = text_or(entry, "time_unit", "ns");
  if (unit == "ns") return 1;
  if (unit == "us") return 1e3;
  if (unit == "ms") return 1e6;
  if (unit == "s") return kSecond;
  return fail(ErrorCode::parse, "is not a unit of time: " + printable(unit),
              member_place(place, "time_unit"));
}

Result<void> add_google_aggregate(const Value& entry, const std::string& place, double factor,
                                  Measurement& to) {
  const std::string aggregate = text_or(entry, "aggregate_name");
  if (aggregate != "mean" && aggregate != "stddev") return {};
  const bool mean = aggregate == "mean";
  TRY_ASSIGN(const double figure,
             figure_at(entry, "real_time", place, mean ? Figures::times : Figures::counts, factor));
  if (!to.moments) to.moments = Moments{};
  (mean ? to.moments->mean : to.moments->stddev) = figure;
  to.moments->count = static_cast<std::size_t>(std::max<std::int64_t>(
      1, integer_or(entry, "repetitions", integer_or(entry, "iterations", 1))));
  return {};
}

Result<std::vector<Measurement>> read_google(const Value& document) {
  TRY_ASSIGN(const Value::Array* entries, objects_at(document, "benchmarks", ""));
  std::vector<Measurement> all;
  for (std::size_t i = 0; i < entries->size(); ++i) {
    const Value& entry = (*entries)[i];
    const std::string place = item_place("benchmarks", i);
    if (boolean_or(entry, "error_occurred", false)) continue;
    TRY_ASSIGN(const std::string name,
               name_at(entry, has_member(entry, "run_name") ? "run_name" : "name", place));
    TRY_ASSIGN(const double factor, google_unit(entry, place));
    Measurement& one = named(all, name);
    if (text_or(entry, "run_type", "iteration") == "aggregate") {
      TRY(add_google_aggregate(entry, place, factor, one));
      continue;
    }
    TRY_ASSIGN(const double time, figure_at(entry, "real_time", place, Figures::times, factor));
    TRY_ASSIGN(one.iterations, iterations_at(entry, place));
    one.samples.push_back(time);
  }
  for (Measurement& one : all) {
    // The aggregates say less than the repetitions that they are made of.
    if (!one.samples.empty()) one.moments.reset();
  }
  // A median or a deviation alone is nothing to compare.
  std::erase_if(all, [](const Measurement& one) {
    return one.samples.empty() && (!one.moments || one.moments->mean == 0);
  });
  if (!all.empty()) return all;
  return fail(ErrorCode::parse, "none of them has a time or a mean", "benchmarks");
}

// ---- hyperfine: seconds

Result<std::vector<Measurement>> read_hyperfine(const Value& document) {
  TRY_ASSIGN(const Value::Array* results, objects_at(document, "results", ""));
  std::vector<Measurement> all;
  for (std::size_t i = 0; i < results->size(); ++i) {
    const Value& result = (*results)[i];
    const std::string place = item_place("results", i);
    Measurement one;
    one.iterations = 1;
    TRY_ASSIGN(one.name, name_at(result, "command", place));
    TRY_ASSIGN(one.samples, figures_at(result, "times", place, Figures::times, kSecond));
    all.push_back(std::move(one));
  }
  return all;
}

constexpr ForeignRun kForeignRuns[] = {
    {"pytest-benchmark",
     [](const Value& d) { return has_member(d, "machine_info") && has_member(d, "benchmarks"); },
     read_pytest},
    {"Google Benchmark",
     [](const Value& d) { return has_member(d, "context") && has_member(d, "benchmarks"); },
     read_google},
    {"hyperfine", [](const Value& d) { return has_member(d, "results"); }, read_hyperfine},
};

}  // namespace

std::span<const ForeignRun> foreign_runs() { return kForeignRuns; }

}  // namespace rz::bench
