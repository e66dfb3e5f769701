#include "rz/reports/bench_report.h"

#include <fmt/format.h>

#include <array>
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

}  // namespace

std::string humanize_nanoseconds(double nanoseconds) {
  static constexpr std::array kUnits = {"ns", "µs", "ms", "s"};
  return humanize(nanoseconds, kUnits);
}

std::string humanize_rate(double per_second) {
  static constexpr std::array kUnits = {"/s", "k/s", "M/s", "G/s"};
  return humanize(per_second, kUnits);
}

}  // namespace rz::reports
