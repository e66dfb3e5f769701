#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rz/base/result.h"
#include "rz/bench/http/load_result.h"

namespace rz::bench {

/// What a number of a run is counted in.
enum class LoadUnit { nanoseconds, percent, count, per_second };

/// A goal that a run must meet: `p95<500ms`, `error_rate<1%`, `throughput>=1000`.
struct Threshold {
  enum class Comparison { less, less_equal, greater, greater_equal };

  std::string text;    ///< As it was given.
  std::string metric;  ///< `p95`, `first_byte_p99.9`, `errors`.
  LoadUnit unit = LoadUnit::nanoseconds;
  Comparison comparison = Comparison::less;
  double limit = 0;
};

/// What a threshold says of a run. Without a value it cannot be told.
struct ThresholdOutcome {
  Threshold threshold;
  std::optional<double> value;  ///< In the threshold's unit.

  bool is_met() const;
  bool is_missed() const { return value && !is_met(); }
};

/// Errors: invalid_argument (no such form, no such metric, a limit in another unit), with what
/// there is.
Result<Threshold> parse_threshold(std::string_view text);

/// The value of the metric `name`, one that parse_threshold() takes; nothing if the run has none:
/// there was no answer, the loop is not of the sort that has it.
std::optional<double> load_metric(std::string_view name, const LoadResult& result);

/// What is among requests that timed out is known to be no shorter than they were waited for: such
/// a value is there only where that decides.
std::vector<ThresholdOutcome> judge(const std::vector<Threshold>& thresholds,
                                    const LoadResult& result);

bool all_met(const std::vector<ThresholdOutcome>& outcomes);

/// Whether the server kept up with the rate of the run: something was answered, nothing was
/// dropped, the goals are met, and nothing failed, by no answer or by a status of 400 or more,
/// unless a goal says how much of that may be (error_rate, errors; status_4xx and status_5xx for
/// those).
bool is_sustained(const std::vector<ThresholdOutcome>& goals, const LoadResult& result);

/// All metrics that there are, but for other percentiles: for a test of each, and for the manual.
std::vector<std::string> load_metric_names();

}  // namespace rz::bench
