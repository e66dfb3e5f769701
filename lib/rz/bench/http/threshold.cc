#include "rz/bench/http/threshold.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "rz/base/duration.h"
#include "rz/base/text.h"
#include "rz/base/try.h"

namespace rz::bench {
namespace {

using MetricValue = std::optional<double>;

double number(std::uint64_t count) { return static_cast<double>(count); }

MetricValue error_percent(const LoadResult& result) {
  if (result.due() == 0) return std::nullopt;
  return 100 * result.error_rate();
}

MetricValue drop_percent(const LoadResult& result) {
  if (result.due() == 0) return std::nullopt;
  return 100 * number(result.dropped) / number(result.due());
}

template <std::size_t hundred>
MetricValue status_count(const LoadResult& result) {
  return number(result.statuses[hundred]);
}

struct ScalarMetric {
  std::string_view name;
  LoadUnit unit;
  MetricValue (*value)(const LoadResult&);
};

constexpr ScalarMetric kScalars[] = {
    {"error_rate", LoadUnit::percent, error_percent},
    {"drop_rate", LoadUnit::percent, drop_percent},
    {"throughput", LoadUnit::per_second,
     [](const LoadResult& result) { return MetricValue(result.throughput()); }},
    {"requests", LoadUnit::count,
     [](const LoadResult& result) { return MetricValue(number(result.sent())); }},
    {"answers", LoadUnit::count,
     [](const LoadResult& result) { return MetricValue(number(result.answered)); }},
    {"errors", LoadUnit::count,
     [](const LoadResult& result) {
       return MetricValue(number(result.failed() + result.bad_status()));
     }},
    {"dropped", LoadUnit::count,
     [](const LoadResult& result) { return MetricValue(number(result.dropped)); }},
    {"queued", LoadUnit::count,
     [](const LoadResult& result) { return MetricValue(number(result.queued)); }},
    {"status_2xx", LoadUnit::count, status_count<2>},
    {"status_3xx", LoadUnit::count, status_count<3>},
    {"status_4xx", LoadUnit::count, status_count<4>},
    {"status_5xx", LoadUnit::count, status_count<5>},
};

/// The times that a run keeps. Each has min, mean, max, stddev and percentiles.
struct Distribution {
  std::string_view prefix;
  const Histogram& (*of)(const LoadResult&);
};

constexpr std::string_view kCorrected = "corrected_";

constexpr Distribution kDistributions[] = {
    {"", [](const LoadResult& r) -> const Histogram& { return r.latency; }},
    {"first_byte_", [](const LoadResult& r) -> const Histogram& { return r.first_byte; }},
    {"connect_", [](const LoadResult& r) -> const Histogram& { return r.connect; }},
    {"tls_", [](const LoadResult& r) -> const Histogram& { return r.tls; }},
    {"lateness_", [](const LoadResult& r) -> const Histogram& { return r.lateness; }},
};

constexpr std::string_view kStatistics[] = {"min", "mean", "stddev", "p50",    "p75", "p90",
                                            "p95", "p99",  "p99.9",  "p99.99", "max"};

/// The percent of `p99.9`; nothing for what is no percentile.
std::optional<double> percent_of(std::string_view statistic) {
  if (!statistic.starts_with('p') || statistic.size() < 2 || !is_digit(statistic[1])) {
    return std::nullopt;
  }
  const auto percent = parse_double(statistic.substr(1));
  if (!percent || *percent <= 0 || *percent > 100) return std::nullopt;
  return percent;
}

bool is_statistic(std::string_view text) {
  return percent_of(text) ||
         std::find(std::begin(kStatistics), std::end(kStatistics), text) != std::end(kStatistics);
}

/// `unanswered`: how many more there were, which would have taken longer than all others.
MetricValue statistic_of(std::string_view statistic, const Histogram& times,
                         std::uint64_t unanswered = 0) {
  constexpr double kForEver = std::numeric_limits<double>::infinity();
  if (times.empty()) return std::nullopt;
  if (unanswered > 0 && statistic == "max") return kForEver;
  if (auto percent = percent_of(statistic)) {
    *percent *= 1 + number(unanswered) / number(times.count());
    if (unanswered > 0 && *percent > 100) return kForEver;
    return static_cast<double>(times.percentile(*percent).count());
  }
  if (statistic == "min") return static_cast<double>(times.min().count());
  if (statistic == "max") return static_cast<double>(times.max().count());
  return statistic == "mean" ? times.mean_ns() : times.stddev_ns();
}

/// Whether a statistic is a lower bound only, since the `unknown` longest of the times are.
bool is_lower_bound(std::string_view statistic, const Histogram& times, std::uint64_t unknown,
                    std::uint64_t unanswered = 0) {
  if (unknown == 0 || times.empty()) return false;
  if (statistic == "mean") return true;
  if (statistic == "stddev") return false;
  const double all = number(times.count() + unanswered);
  const double known = number(times.count()) - number(unknown);
  const double percent = percent_of(statistic).value_or(statistic == "min" ? 100 / all : 100.0);
  return std::ceil(percent / 100 * all - 1e-9) > known;
}

/// Whether the value that load_metric() has is a lower bound: it is among requests that timed out,
/// of which nobody knows how long they would have taken.
bool is_lower_bound(std::string_view name, const LoadResult& result) {
  const std::uint64_t timeouts = result.errors[static_cast<std::size_t>(LoadError::timeout)];
  if (timeouts == 0) return false;
  if (name.starts_with(kCorrected)) {
    // What was added for a timeout would have waited longer, too.
    const Histogram times = result.corrected();
    const std::uint64_t unknown = timeouts + times.count() - result.latency.count();
    return is_lower_bound(name.substr(kCorrected.size()), times, unknown);
  }
  return is_statistic(name) && is_lower_bound(name, result.latency, timeouts, result.dropped);
}

const ScalarMetric* find_scalar(std::string_view name) {
  const auto found = std::find_if(std::begin(kScalars), std::end(kScalars),
                                  [&](const ScalarMetric& row) { return row.name == name; });
  return found == std::end(kScalars) ? nullptr : found;
}

bool is_time_metric(std::string_view name) {
  if (name.starts_with(kCorrected)) return is_statistic(name.substr(kCorrected.size()));
  return std::any_of(std::begin(kDistributions), std::end(kDistributions), [&](auto& row) {
    return name.starts_with(row.prefix) && is_statistic(name.substr(row.prefix.size()));
  });
}

tl::unexpected<Error> wrong_threshold(std::string_view text, const std::string& why) {
  return fail(ErrorCode::invalid_argument, "'" + printable(text) + "': " + why);
}

Result<double> parse_limit(std::string_view text, LoadUnit unit, std::string_view threshold) {
  if (unit == LoadUnit::nanoseconds) {
    if (const auto duration = parse_duration(text)) {
      return static_cast<double>(std::chrono::nanoseconds(*duration).count());
    }
    return wrong_threshold(threshold, "the limit must be a duration, as 500ms or 250us");
  }
  if (unit == LoadUnit::percent) {
    if (const auto percent = parse_percent(text)) return *percent;
    return wrong_threshold(threshold, "the limit must be a percentage, as 1%");
  }
  const auto count = parse_double(text);
  if (count && *count >= 0) return *count;
  return wrong_threshold(threshold, "the limit must be a plain number, as 1000");
}

}  // namespace

bool ThresholdOutcome::is_met() const {
  if (!value) return false;
  switch (threshold.comparison) {
    case Threshold::Comparison::less: return *value < threshold.limit;
    case Threshold::Comparison::less_equal: return *value <= threshold.limit;
    case Threshold::Comparison::greater: return *value > threshold.limit;
    default: return *value >= threshold.limit;
  }
}

std::vector<std::string> load_metric_names() {
  std::vector<std::string> names;
  for (const ScalarMetric& row : kScalars) names.emplace_back(row.name);
  for (const std::string_view statistic : kStatistics) {
    for (const Distribution& row : kDistributions) {
      names.push_back(std::string(row.prefix).append(statistic));
    }
    names.push_back(std::string(kCorrected).append(statistic));
  }
  return names;
}

Result<Threshold> parse_threshold(std::string_view text) {
  Threshold parsed;
  parsed.text = trim(text);
  const std::size_t sign = parsed.text.find_first_of("<>=!");
  if (sign == std::string::npos || parsed.text[sign] == '=' || parsed.text[sign] == '!') {
    return wrong_threshold(text, "write a metric, one of < <= > >=, and a limit: p95<500ms");
  }
  const bool less = parsed.text[sign] == '<';
  const bool equal = parsed.text.substr(sign + 1).starts_with('=');
  using Comparison = Threshold::Comparison;
  parsed.comparison = less    ? equal ? Comparison::less_equal : Comparison::less
                      : equal ? Comparison::greater_equal
                              : Comparison::greater;
  parsed.metric = trim(std::string_view(parsed.text).substr(0, sign));
  const ScalarMetric* scalar = find_scalar(parsed.metric);
  if (scalar == nullptr && !is_time_metric(parsed.metric)) {
    const auto names = load_metric_names();
    return wrong_threshold(text, "there is no metric '" + printable(parsed.metric) + "'" +
                                     suggestion(parsed.metric, names) +
                                     " (rz-bench(1) lists them: p50 to p99.99, error_rate, …)");
  }
  parsed.unit = scalar != nullptr ? scalar->unit : LoadUnit::nanoseconds;
  const std::string_view limit = trim(std::string_view(parsed.text).substr(sign + (equal ? 2 : 1)));
  TRY_ASSIGN(parsed.limit, parse_limit(limit, parsed.unit, text));
  return parsed;
}

std::optional<double> load_metric(std::string_view name, const LoadResult& result) {
  if (const ScalarMetric* scalar = find_scalar(name)) return scalar->value(result);
  if (name.starts_with(kCorrected)) {
    if (result.open_loop) return std::nullopt;
    return statistic_of(name.substr(kCorrected.size()), result.corrected());
  }
  for (const Distribution& row : kDistributions) {
    const std::string_view statistic = name.substr(std::min(row.prefix.size(), name.size()));
    if (name.starts_with(row.prefix) && is_statistic(statistic)) {
      // No connection was free for what was dropped, since answers took too long.
      return statistic_of(statistic, row.of(result), row.prefix.empty() ? result.dropped : 0);
    }
  }
  return std::nullopt;
}

std::vector<ThresholdOutcome> judge(const std::vector<Threshold>& thresholds,
                                    const LoadResult& result) {
  std::vector<ThresholdOutcome> outcomes;
  for (const Threshold& threshold : thresholds) {
    ThresholdOutcome outcome{threshold, load_metric(threshold.metric, result)};
    using Comparison = Threshold::Comparison;
    const bool less =
        threshold.comparison == Comparison::less || threshold.comparison == Comparison::less_equal;
    // Of a lower bound it is certain only that it is too long, or long enough.
    if (outcome.value && is_lower_bound(threshold.metric, result) && outcome.is_met() == less) {
      outcome.value.reset();
    }
    outcomes.push_back(std::move(outcome));
  }
  return outcomes;
}

bool all_met(const std::vector<ThresholdOutcome>& outcomes) {
  return std::all_of(outcomes.begin(), outcomes.end(), [](auto& one) { return one.is_met(); });
}

bool is_sustained(const std::vector<ThresholdOutcome>& goals, const LoadResult& result) {
  if (result.is_late() || result.answered == 0 || result.dropped > 0 || !all_met(goals)) {
    return false;
  }
  const auto has_goal = [&](std::string_view metric) {
    return std::any_of(goals.begin(), goals.end(),
                       [&](auto& goal) { return goal.threshold.metric == metric; });
  };
  if (has_goal("error_rate") || has_goal("errors")) return true;
  return result.failed() == 0 && (result.statuses[4] == 0 || has_goal("status_4xx")) &&
         (result.statuses[5] == 0 || has_goal("status_5xx"));
}

}  // namespace rz::bench
