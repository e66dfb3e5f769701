#include "rz/reports/html/line_chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "rz/reports/html/html_text.h"

namespace rz::reports {
namespace {

// The picture is stretched to its place, so that its units are only parts of the whole.
constexpr double kLineChartSize = 1000;
// More points are a line anyway.
constexpr std::size_t kMostDots = 40;

/// The least of 1, 2 and 5, times a power of ten, that is not below `value`.
double round_up(double value) {
  if (value <= 0) return 1;
  const double power = std::pow(10, std::floor(std::log10(value)));
  for (const double step : {1.0, 2.0, 5.0}) {
    if (step * power >= value * (1 - 1e-9)) return step * power;
  }
  return 10 * power;
}

/// Where a figure stands, from 0 at the bottom to 1, and the figures at the side.
class ChartScale {
 public:
  explicit ChartScale(const ChartAxis& axis) : linear_(axis.linear) {
    if (linear_) {
      high_ = round_up(axis.high);
      for (const double part : {0.0, 0.5, 1.0}) ticks_.push_back(part * high_);
      return;
    }
    // A little beyond a power of ten is no reason for another one.
    low_ = std::floor(std::log10(std::max(axis.low, 1e-3)) + 1e-6);
    high_ = std::max(low_ + 1, std::ceil(std::log10(std::max(axis.high, 1e-3)) - 0.01));
    for (double power = low_; power <= high_ + 0.5; ++power) {
      ticks_.push_back(std::pow(10, power));
    }
  }

  double part(double figure) const {
    const double part =
        linear_ ? figure / high_ : (std::log10(std::max(figure, 1e-9)) - low_) / (high_ - low_);
    return std::clamp(part, 0.0, 1.0);
  }
  const std::vector<double>& ticks() const { return ticks_; }

 private:
  bool linear_;
  double low_ = 0;
  double high_ = 1;
  std::vector<double> ticks_{};
};

std::string place_of(const ChartPoint& point, const ChartScale& scale) {
  return fmt::format("{:.1f} {:.1f}", point.x * kLineChartSize,
                     (1 - scale.part(point.y)) * kLineChartSize);
}

// A line of no length with round ends is a dot, however the picture is stretched.
std::string line_markup(const ChartLine& line, const ChartScale& scale, std::size_t index) {
  std::string path, dots, crosses;
  for (const ChartPoint& point : line.points) {
    const std::string place = place_of(point, scale);
    path += (path.empty() ? "M" : "L") + place;
    (point.is_marked ? crosses : dots) += "M" + place + "h0";
  }
  std::string markup = fmt::format("<path class=\"l{}\" d=\"{}\"/>", index + 1, path);
  if (line.points.size() > kMostDots) return markup;
  if (!dots.empty()) markup += fmt::format("<path class=\"d{}\" d=\"{}\"/>", index + 1, dots);
  if (!crosses.empty()) {
    markup += fmt::format("<path class=\"d{} cross\" d=\"{}\"/>", index + 1, crosses);
  }
  return markup;
}

}  // namespace

ChartAxis axis_of(const std::vector<ChartLine>& lines, bool linear,
                  std::function<std::string(double)> text) {
  ChartAxis axis{0, 0, linear, std::move(text)};
  bool is_first = true;
  for (const ChartLine& line : lines) {
    for (const ChartPoint& point : line.points) {
      if (!linear && point.y <= 0) continue;
      axis.low = is_first ? point.y : std::min(axis.low, point.y);
      axis.high = is_first ? point.y : std::max(axis.high, point.y);
      is_first = false;
    }
  }
  return axis;
}

std::string line_chart(const std::string& told, const ChartAxis& axis,
                       const std::vector<ChartLine>& lines, const std::vector<std::string>& ticks) {
  const ChartScale scale(axis);
  std::string grid, labels, pictures, legend, below;
  for (auto tick = scale.ticks().rbegin(); tick != scale.ticks().rend(); ++tick) {
    labels += "<span>" + html_text(axis.text(*tick)) + "</span>";
    grid +=
        fmt::format("M0 {0:.1f}H{1:.0f}", (1 - scale.part(*tick)) * kLineChartSize, kLineChartSize);
  }
  for (std::size_t i = 0; i < lines.size(); ++i) {
    pictures += line_markup(lines[i], scale, i);
    legend += fmt::format("<li><i class=\"k{}\"></i>{}</li>", i + 1, html_text(lines[i].name));
  }
  for (const std::string& tick : ticks) below += "<span>" + html_text(tick) + "</span>";
  return fmt::format(
      "<figure class=\"chart\">\n<ul class=\"legend\">{0}</ul>\n<div class=\"ys\">{1}</div>\n"
      "<svg role=\"img\" aria-label=\"{2}\" viewBox=\"0 0 {3} {3}\" "
      "preserveAspectRatio=\"none\"><path class=\"grid\" d=\"{4}\"/>{5}</svg>\n"
      "<div class=\"ends\">{6}</div>\n</figure>\n",
      legend, labels, html_text(told), kLineChartSize, grid, pictures, below);
}

}  // namespace rz::reports
