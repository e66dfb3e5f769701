#include "rz/reports/profile_report.h"

#include <fmt/format.h>

#include <algorithm>

#include "rz/base/text.h"
#include "rz/reports/bench_report.h"

namespace rz::reports {

double ProfileReport::before_scale() const {
  const auto was = before ? before->total(0) : 0;
  if (was == 0) return 0;
  const bool by_share = measure().name == "cpu" || measure().name == "samples";
  return by_share ? static_cast<double>(total()) / static_cast<double>(was) : 1;
}

double ProfileReport::change_of(std::int64_t now, std::int64_t before_weight) const {
  const double scale = before_scale();
  const double was = before ? static_cast<double>(before->total(0)) * scale : 0;
  const double whole = std::max({static_cast<double>(total()), was, 1.0});
  return (static_cast<double>(now) - static_cast<double>(before_weight) * scale) / whole;
}

std::string humanize_weight(std::int64_t weight, profile::Unit unit) {
  if (weight == 0) return "0";
  switch (unit) {
    case profile::Unit::nanoseconds: return humanize_nanoseconds(static_cast<double>(weight));
    case profile::Unit::bytes: return humanize_size(static_cast<std::uint64_t>(weight));
    case profile::Unit::count: return std::to_string(weight);
  }
  return std::to_string(weight);
}

std::string describe_profile(const ProfileReport& report) {
  std::string text = report.measure().name + " of " + report.program;
  if (!report.by.empty()) text += " by " + report.by;
  text += ": " + humanize_weight(report.total(), report.measure().unit);
  if (report.exit_code) text += "; exit code " + std::to_string(*report.exit_code);
  if (report.is_cut) text += "; it was ended before its end";
  if (report.before) text += "; compared with " + report.before_name;
  return text;
}

std::string describe_heap(const ProfileReport& report) {
  if (!report.heap) return "";
  const auto size = [](std::int64_t bytes) {
    return humanize_size(static_cast<std::uint64_t>(bytes));
  };
  return fmt::format("peak {}, {} allocations ({} of them released at once), {} leaked",
                     size(report.heap->peak_bytes), report.heap->allocations,
                     report.heap->temporary, size(report.heap->leaked_bytes));
}

}  // namespace rz::reports
