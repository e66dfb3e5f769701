#include "rz/reports/html/sample_strip.h"

#include <fmt/format.h>

#include <algorithm>

#include "rz/base/counted.h"
#include "rz/bench/statistics/summary.h"
#include "rz/reports/bench_report.h"
#include "rz/reports/html/html_text.h"
#include "rz/reports/writing/sparkline.h"

namespace rz::reports {
namespace {

constexpr double kStripWidth = 1000;
constexpr double kStripHeight = 100;
// More dots cover each other, and make a page of many benchmarks large.
constexpr std::size_t kMostSamplesShown = 300;

}  // namespace

std::string sample_strip(const bench::Measurement& measurement) {
  const bench::Summary summary = bench::summarize(measurement.samples);
  const Bins bins = make_bins(measurement.samples, 1);
  const double width = std::max(bins.high - bins.low, 1e-9);
  // A hundredth of room at both ends, so that no dot is cut.
  const auto x = [&](double sample) {
    return (0.01 + 0.98 * (sample - bins.low) / width) * kStripWidth;
  };
  const auto& samples = measurement.samples;
  const std::size_t step = (samples.size() + kMostSamplesShown - 1) / kMostSamplesShown;
  std::string dots;
  for (std::size_t i = 0; i < samples.size(); i += step) {
    if (samples[i] > bins.high) continue;
    const double y =
        (0.1 + 0.8 * static_cast<double>(i) / static_cast<double>(samples.size())) * kStripHeight;
    dots += fmt::format("M{:.0f} {:.0f}h0", x(samples[i]), y);
  }
  const auto figure = [&](double value) { return humanize_figure(value, measurement.unit); };
  const std::string told =
      fmt::format("{}: {} of {} samples, half of them from {} to {}", measurement.name,
                  figure(summary.median), summary.samples, figure(summary.q1), figure(summary.q3));
  const double left = x(summary.q1);
  const double right = std::min(x(summary.q3), kStripWidth);
  return fmt::format(
      "<svg class=\"strip\" role=\"img\" aria-label=\"{0}\" viewBox=\"0 0 {1} {2}\" "
      "preserveAspectRatio=\"none\"><rect class=\"half\" x=\"{3:.0f}\" width=\"{4:.0f}\" y=\"4\" "
      "height=\"92\"/><path class=\"middle\" d=\"M{5:.0f} 0V{2}\"/><path class=\"dots\" "
      "d=\"{6}\"/></svg>\n<div class=\"ends\"><span>{7}</span>{8}<span>{9}</span></div>\n",
      html_text(told), kStripWidth, kStripHeight, left, std::max(right - left, 2.0),
      std::min(x(summary.median), kStripWidth), dots, html_text(figure(bins.low)),
      bins.above > 0 ? "<span>" + counted(bins.above, "sample") + " beyond</span>" : "",
      html_text(figure(bins.high)));
}

}  // namespace rz::reports
