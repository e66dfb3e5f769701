#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "rz/reports/formats.h"
#include "rz/reports/profile_report.h"
#include "rz/reports/writing/text_table.h"

namespace rz::reports {
namespace {

using profile::FunctionWeight;

constexpr std::size_t kShownFunctions = 20;

std::string percent(std::int64_t part, std::int64_t whole) {
  return fmt::format("{:.1f}%",
                     whole == 0 ? 0 : 100 * static_cast<double>(part) / static_cast<double>(whole));
}

std::string signed_points(double change) { return fmt::format("{:+.1f}%", 100 * change); }

/// What each function took itself in the other profile.
std::map<std::string, std::int64_t> before_by_name(const ProfileReport& report) {
  std::map<std::string, std::int64_t> weights;
  if (!report.before) return weights;
  for (const FunctionWeight& one : profile::functions_of(*report.before, 0)) {
    weights[one.name] = one.self[0];
  }
  return weights;
}

struct ChangedFunction {
  FunctionWeight function;
  double change = 0;
};

/// Adds the functions that only the other profile has.
void add_gone(const ProfileReport& report, const std::map<std::string, std::int64_t>& before,
              std::vector<FunctionWeight>& functions) {
  std::set<std::string_view> known(report.profile.names().begin(), report.profile.names().end());
  const std::vector<std::int64_t> nothing(report.profile.measures().size());
  for (const auto& [name, weight] : before) {
    if (!known.contains(name)) functions.push_back({name, nothing, nothing});
  }
}

/// In a comparison the greatest changes first, else the greatest weights.
std::vector<ChangedFunction> order_functions(const ProfileReport& report) {
  const auto before = before_by_name(report);
  auto functions = profile::functions_of(report.profile, report.shown);
  add_gone(report, before, functions);
  std::vector<ChangedFunction> ordered;
  for (FunctionWeight& one : functions) {
    const auto was = before.find(one.name);
    const double change =
        report.change_of(one.self[report.shown], was == before.end() ? 0 : was->second);
    ordered.push_back({std::move(one), change});
  }
  if (report.before) {
    std::stable_sort(ordered.begin(), ordered.end(), [](const auto& a, const auto& b) {
      return std::abs(a.change) > std::abs(b.change);
    });
  }
  return ordered;
}

std::vector<TextTable::Column> columns_of(const ProfileReport& report) {
  std::vector<TextTable::Column> columns;
  if (report.profile.measures().size() > 1) {
    for (const profile::Measure& measure : report.profile.measures()) {
      std::string title = measure.name;
      for (char& c : title) c = static_cast<char>(c - 'a' + 'A');
      columns.push_back({title, true});
    }
  } else {
    columns.push_back({"SELF", true});
    columns.push_back({"SELF %", true});
  }
  columns.push_back({"TOTAL %", true});
  if (report.before) columns.push_back({"CHANGE", true});
  columns.push_back({"FUNCTION"});
  return columns;
}

std::vector<Painted> row_of(const ProfileReport& report, const ChangedFunction& one) {
  const FunctionWeight& function = one.function;
  const auto& measures = report.profile.measures();
  std::vector<Painted> row;
  for (std::size_t i = 0; i < measures.size(); ++i) {
    row.push_back({humanize_weight(function.self[i], measures[i].unit)});
  }
  if (measures.size() == 1) row.push_back({percent(function.self[0], report.total()), Color::bold});
  row.push_back({percent(function.total[report.shown], report.total())});
  if (report.before) {
    const bool is_more = one.change > 0.001;
    const bool is_less = one.change < -0.001;
    row.push_back({signed_points(one.change), is_more   ? Color::red
                                              : is_less ? Color::green
                                                        : Color::none});
  }
  row.push_back({function.name});
  return row;
}

}  // namespace

void Text::write(const ProfileReport& report, Page& page) {
  page.line(describe_profile(report));
  if (report.heap) page.line(describe_heap(report));
  page.line();
  const auto ordered = order_functions(report);
  TextTable table(columns_of(report));
  const std::size_t shown =
      page.whole() ? ordered.size() : std::min(ordered.size(), kShownFunctions);
  for (std::size_t i = 0; i < shown; ++i) table.add(row_of(report, ordered[i]));
  table.print(page);
  if (shown < ordered.size()) page.line("and ", ordered.size() - shown, " more functions");
}

}  // namespace rz::reports
