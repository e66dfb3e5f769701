#include "rz/reports/html/budget_chart.h"

#include <fmt/format.h>

#include <algorithm>

#include "rz/base/duration.h"
#include "rz/reports/history_report.h"

namespace rz::reports {
namespace {

constexpr double kChartWidth = 960;
constexpr double kChartHeight = 160;

/// Where a point of the budget lies in the picture.
class Scale {
 public:
  explicit Scale(const history::ErrorBudget& budget)
      : begin_(budget.when.begin), length_(static_cast<double>(budget.when.length().count())) {
    most_ = static_cast<double>(budget.budget.count());
    for (const history::BudgetPoint& point : budget.series) {
      least_ = std::min(least_, static_cast<double>(point.left.count()));
    }
  }

  double x(TimePoint time) const {
    return length_ > 0 ? static_cast<double>((time - begin_).count()) / length_ * kChartWidth : 0;
  }
  double y(Micros left) const {
    const double span = most_ - least_;
    return span > 0 ? (most_ - static_cast<double>(left.count())) / span * kChartHeight
                    : kChartHeight;
  }

 private:
  TimePoint begin_;
  double length_, most_ = 0, least_ = 0;
};

}  // namespace

std::string budget_chart(const history::ErrorBudget& budget) {
  const Scale scale(budget);
  std::string points;
  for (const history::BudgetPoint& point : budget.series) {
    points += fmt::format("{:.1f},{:.1f} ", scale.x(point.time), scale.y(point.left));
  }
  const std::string told =
      fmt::format("{} of {} spent, {} left", humanize_duration(budget.spent),
                  humanize_duration(budget.budget), humanize_duration(budget.left()));
  return fmt::format(
      "<figure>\n<svg class=\"burn\" role=\"img\" aria-label=\"What was left of the error budget "
      "over "
      "time: {0}\" viewBox=\"0 -4 {1} {2}\" preserveAspectRatio=\"none\">\n"
      "<line class=\"zero\" x1=\"0\" x2=\"{1}\" y1=\"{3:.1f}\" y2=\"{3:.1f}\"/>\n"
      "<polyline class=\"left\" points=\"{4}\"/>\n</svg>\n"
      "<div class=\"ends\"><span>{5}</span><span>{6}</span></div>\n"
      "<figcaption>What was left of {7}; the dashed line is nothing "
      "left.</figcaption>\n</figure>\n",
      told, kChartWidth, kChartHeight + 8, scale.y(Micros{0}), points,
      short_time(budget.when.begin), short_time(budget.when.end), humanize_duration(budget.budget));
}

}  // namespace rz::reports
