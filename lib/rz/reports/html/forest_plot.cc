#include "rz/reports/html/forest_plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "rz/reports/bench_report.h"
#include "rz/reports/html/html_page.h"
#include "rz/reports/html/html_text.h"

namespace rz::reports {
namespace {

constexpr double kForestWidth = 1000;
constexpr double kForestHeight = 24;
constexpr double kLeastSpan = 1.05;
// What is beyond is at the edge: one that cannot be told must not press all others together.
constexpr double kMostSpan = 3;

char letter_of_verdict(const bench::BenchmarkChange& change) {
  switch (change.verdict) {
    case bench::Verdict::faster: return html_letter(history::TimeKind::primary);
    case bench::Verdict::same: return html_letter(history::TimeKind::maintenance);
    case bench::Verdict::slower:
      return html_letter(change.severity == bench::Severity::failure
                             ? history::TimeKind::safe
                             : history::TimeKind::heuristic);
    case bench::Verdict::inconclusive: return html_letter(history::TimeKind::unknown);
  }
  return html_letter(history::TimeKind::unknown);
}

/// Where a ratio stands: the middle is no change, and twice is as far from it as half.
class RatioScale {
 public:
  RatioScale(const std::vector<bench::BenchmarkChange>& changes, const bench::Limits& limits) {
    double most = std::max(kLeastSpan, 1 + 1.2 * limits.fail_above / 100);
    for (const bench::BenchmarkChange& change : changes) {
      for (const double ratio : {change.interval.low, change.interval.high, change.ratio}) {
        if (std::isfinite(ratio) && ratio > 0) most = std::max({most, ratio, 1 / ratio});
      }
    }
    span_ = std::min(most, kMostSpan);
  }

  double x(double ratio) const {
    const double part = std::log(std::max(ratio, 1e-9)) / std::log(span_);
    return (0.5 + 0.49 * std::clamp(part, -1.0, 1.0)) * kForestWidth;
  }
  double span() const { return span_; }

 private:
  double span_ = kLeastSpan;
};

std::string row_picture(const bench::BenchmarkChange& change, const RatioScale& scale,
                        const bench::Limits& limits, std::string_view patterns) {
  const double low = scale.x(change.interval.low);
  const double high = std::max(scale.x(change.interval.high), low + 3);
  const std::string told = change.name + ": " + signed_percent(change.ratio) + ", " +
                           describe(change.interval) + ", " + describe_verdict(change);
  return fmt::format(
      "<svg class=\"interval\" role=\"img\" aria-label=\"{}\" viewBox=\"0 0 {} {}\" "
      "preserveAspectRatio=\"none\">{}<path class=\"none\" d=\"M500 0V24\"/><path "
      "class=\"limit\" d=\"M{:.0f} 0V24M{:.0f} 0V24\"/><rect class=\"bar\" "
      "fill=\"url(#fill{})\" x=\"{:.0f}\" width=\"{:.0f}\" y=\"6\" height=\"12\"/><path "
      "class=\"middle\" d=\"M{:.0f} 2V22\"/></svg>\n",
      html_text(told), kForestWidth, kForestHeight, patterns, scale.x(1 + limits.warn_above / 100),
      scale.x(1 + limits.fail_above / 100), letter_of_verdict(change), low, high - low,
      scale.x(change.ratio));
}

}  // namespace

std::string verdict_badge(const bench::BenchmarkChange& change) {
  return fmt::format("<span class=\"mode {}\">{}</span>", letter_of_verdict(change),
                     to_string(change.verdict));
}

std::string forest_plot(const std::vector<bench::BenchmarkChange>& changes,
                        const bench::Limits& limits) {
  const RatioScale scale(changes, limits);
  const std::string ends = fmt::format(
      "<div class=\"ends\"><span>{} faster</span><span>0</span><span>slower {}"
      "</span></div>\n",
      html_text(signed_percent(1 / scale.span())), html_text(signed_percent(scale.span())));
  std::string markup = "<figure class=\"forest\">\n" + ends;
  for (const bench::BenchmarkChange& change : changes) {
    const bool is_first = &change == changes.data();
    markup += fmt::format("<div class=\"what\"><span>{}</span> <span>{} {}</span></div>\n",
                          html_text(change.name), html_text(signed_percent(change.ratio)),
                          verdict_badge(change));
    markup += row_picture(change, scale, limits, is_first ? html_patterns() : "");
  }
  return markup +
         "<figcaption>The bar holds the true change at 99 %, the line in it is what was found. "
         "The dashed lines are the limits for a warning and for a failure.</figcaption>\n"
         "</figure>\n";
}

}  // namespace rz::reports
