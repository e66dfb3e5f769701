#pragma once

#include <functional>
#include <string>
#include <vector>

namespace rz::reports {

/// A place in a chart.
struct ChartPoint {
  double x = 0;            ///< From 0, left, to 1.
  double y = 0;            ///< A figure of the axis.
  bool is_marked = false;  ///< A cross in place of a dot.
};

/// A line of a chart. The first is solid, the second dashed, the third dotted.
struct ChartLine {
  std::string name;
  std::vector<ChartPoint> points;
};

/// The figures at the left: powers of ten from that below `low` to that above `high`, or, if it is
/// `linear`, from 0 to a round number.
struct ChartAxis {
  double low = 0;
  double high = 0;
  bool linear = false;
  std::function<std::string(double)> text;
};

/// Lines over something, with a legend. `told`: what it shows, for those who do not see it.
/// `ticks`: texts below, at even distances. It is as wide as its place, whatever that is.
std::string line_chart(const std::string& told, const ChartAxis& axis,
                       const std::vector<ChartLine>& lines, const std::vector<std::string>& ticks);

/// The axis of these lines.
ChartAxis axis_of(const std::vector<ChartLine>& lines, bool linear,
                  std::function<std::string(double)> text);

}  // namespace rz::reports
