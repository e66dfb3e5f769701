#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "rz/base/value.h"
#include "rz/bench/http/load_options.h"
#include "rz/bench/http/load_result.h"
#include "rz/bench/http/threshold.h"

namespace rz::reports {

/// The latencies of a step of a search, by kShownPercentiles.
std::vector<std::chrono::nanoseconds> shown_percentiles(const bench::Histogram& latency);

/// One run of a search for the highest rate.
struct LoadSearchStep {
  double rate = 0;
  bool met = false;
  bool late = false;  ///< The sender could not keep up.
  std::vector<bench::ThresholdOutcome> goals;
  /// Of the latency, those of kShownPercentiles; empty: there was no answer.
  std::vector<std::chrono::nanoseconds> percentiles{};
};

/// A search for the highest rate at which goals are met (`--find-max`).
struct LoadSearch {
  std::vector<LoadSearchStep> steps;
  double best = 0;       ///< 0: none was met.
  bool bounded = false;  ///< A higher rate misses the goals; else no higher one could be tried.
};

/// What a load has shown.
struct LoadReport {
  bench::LoadOptions options;
  bench::LoadResult result;
  std::vector<bench::ThresholdOutcome> thresholds;
  std::optional<LoadSearch> search;  ///< Then `result` is that of the best rate.
  Value machine = Value::object();   ///< It ran on (bench::machine_fingerprint).

  /// The URL without what may be secret.
  std::string url() const;
  /// `closed loop, 10 connections, HTTP/1.1`.
  std::string kind() const;
};

/// The percentiles that reports show, in percent, and what they call them.
struct ShownPercentile {
  double percent;
  const char* name;
};
inline constexpr ShownPercentile kShownPercentiles[] = {
    {50, "p50"}, {75, "p75"},     {90, "p90"},      {95, "p95"},
    {99, "p99"}, {99.9, "p99.9"}, {99.99, "p99.99"}};

/// What a metric's value is for people: `412 µs`, `1.2%`, `1234`.
std::string humanize_load_value(double value, bench::LoadUnit unit);

/// The same of an outcome; `-` where there is no value.
std::string humanize_value(const bench::ThresholdOutcome& outcome);

/// `met`, `missed` or `unknown`.
const char* verdict_of(const bench::ThresholdOutcome& outcome);

}  // namespace rz::reports
