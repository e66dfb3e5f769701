#include "rz/reports/load_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "rz/net/url.h"
#include "rz/reports/bench_report.h"

namespace rz::reports {

std::string LoadReport::url() const { return net::redacted_url(options.url); }

std::string LoadReport::kind() const {
  std::string text = result.open_loop ? "open loop" : "closed loop";
  if (options.rate) {
    text += fmt::format(", {:g}", *options.rate);
    if (options.end_rate) text += fmt::format(" to {:g}", *options.end_rate);
    text += options.arrivals == bench::Arrivals::poisson ? " requests/s (poisson)" : " requests/s";
  }
  text +=
      fmt::format(", {} connection{}", options.connections, options.connections == 1 ? "" : "s");
  if (options.http2) text += fmt::format(" with {} streams", options.streams);
  text += options.http2 ? ", HTTP/2" : ", HTTP/1.1";
  return options.keep_alive ? text : text + ", a connection for each request";
}

std::vector<std::chrono::nanoseconds> shown_percentiles(const bench::Histogram& latency) {
  std::vector<std::chrono::nanoseconds> times;
  if (latency.empty()) return times;
  for (const ShownPercentile& shown : kShownPercentiles) {
    times.push_back(latency.percentile(shown.percent));
  }
  return times;
}

std::string humanize_load_value(double value, bench::LoadUnit unit) {
  switch (unit) {
    case bench::LoadUnit::percent: return fmt::format("{:.3g}%", value);
    case bench::LoadUnit::count: return fmt::format("{:.0f}", value);
    case bench::LoadUnit::per_second: return fmt::format("{:.1f}/s", value);
    default: break;
  }
  return std::isinf(value) ? "no answer" : humanize_nanoseconds(value);
}

std::string humanize_value(const bench::ThresholdOutcome& outcome) {
  if (!outcome.value) return "-";
  return humanize_load_value(*outcome.value, outcome.threshold.unit);
}

const char* verdict_of(const bench::ThresholdOutcome& outcome) {
  if (!outcome.value) return "unknown";
  return outcome.is_met() ? "met" : "missed";
}

}  // namespace rz::reports
