#include "rz/reports/bench_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

namespace rz::reports {
namespace {

/// `value` in the largest of `units` that leaves 1 or more; each unit is a thousand times the one
/// before.
std::string humanize(double value, std::span<const char* const> units) {
  std::size_t unit = 0;
  // 999.5 would round to 1000.
  while (unit + 1 < units.size() && value >= 999.5) {
    value /= 1000;
    ++unit;
  }
  const int decimals = value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return fmt::format("{:.{}f} {}", value, decimals, units[unit]);
}

// From here on the digits of a percentage say nothing.
constexpr double kMostPercent = 1e6;

int rank_of(const bench::BenchmarkChange& change) {
  if (change.severity == bench::Severity::failure) return 0;
  if (change.severity == bench::Severity::warning) return 1;
  switch (change.verdict) {
    case bench::Verdict::slower:
    case bench::Verdict::faster: return 2;
    case bench::Verdict::inconclusive: return 3;
    case bench::Verdict::same: return 4;
  }
  return 4;
}

}  // namespace

std::string humanize_nanoseconds(double nanoseconds) {
  static constexpr std::array kUnits = {"ns", "µs", "ms", "s"};
  return humanize(nanoseconds, kUnits);
}

std::string humanize_rate(double per_second) {
  static constexpr std::array kUnits = {"/s", "k/s", "M/s", "G/s"};
  return humanize(per_second, kUnits);
}

std::string describe_rate(double time, std::string_view unit) {
  return time > 0 && unit == bench::kNanoseconds ? humanize_rate(1e9 / time) : "-";
}

std::string humanize_figure(double value, std::string_view unit) {
  if (unit == bench::kNanoseconds) return humanize_nanoseconds(value);
  static constexpr std::array kUnits = {"", "k", "M", "G", "T"};
  std::string text = humanize(value, kUnits);
  text.erase(text.find_last_not_of(' ') + 1);
  return text;
}

std::string spread_percent(double part, double whole) {
  if (whole <= 0) return "-";
  const double percent = 100 * part / whole;
  return percent < kMostPercent ? fmt::format("±{}%", static_cast<int>(percent + 0.5))
                                : fmt::format("±{:.1e}%", percent);
}

std::string signed_percent(double ratio) {
  const double percent = (ratio - 1) * 100;
  if (percent >= kMostPercent) return fmt::format("{:+.1e}%", percent);
  return fmt::format("{:+.{}f}%", percent, std::abs(percent) >= 99.95 ? 0 : 1);
}

std::string describe(const bench::Interval& interval) {
  return signed_percent(interval.low) + " to " + signed_percent(interval.high);
}

std::string describe_verdict(const bench::BenchmarkChange& change) {
  std::string text = bench::to_string(change.verdict);
  if (!change.why.empty()) text += ": " + change.why;
  return text;
}

std::vector<bench::BenchmarkChange> most_telling_first(
    std::vector<bench::BenchmarkChange> changes) {
  std::stable_sort(changes.begin(), changes.end(), [](const auto& a, const auto& b) {
    if (rank_of(a) != rank_of(b)) return rank_of(a) < rank_of(b);
    return std::abs(std::log(a.ratio)) > std::abs(std::log(b.ratio));
  });
  return changes;
}

std::string count_text(const bench::Comparison& comparison) {
  using bench::Verdict;
  std::string text = fmt::format("{} benchmark{}:", comparison.changes.size(),
                                 comparison.changes.size() == 1 ? "" : "s");
  const char* separator = " ";
  for (const Verdict verdict :
       {Verdict::slower, Verdict::faster, Verdict::same, Verdict::inconclusive}) {
    const std::size_t count = comparison.count(verdict);
    if (count == 0) continue;
    text += fmt::format("{}{} {}", separator, count, bench::to_string(verdict));
    separator = ", ";
  }
  return text + "; geometric mean " + signed_percent(comparison.geometric_mean);
}

std::string describe_point(const bench::RunHistory& history,
                           const bench::BenchmarkHistory& benchmark,
                           const bench::ChangePoint& change) {
  const bench::BenchRun& run = history.runs[benchmark.runs[change.index]];
  std::string text = signed_percent(change.ratio) + " at " + run.name;
  if (!run.commit.empty()) text += " (" + run.commit.substr(0, 12) + ")";
  return text;
}

}  // namespace rz::reports
