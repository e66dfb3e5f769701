#include "rz/bench/report.h"

#include <fmt/format.h>

#include <array>
#include <cmath>

#include "rz/base/text.h"
#include "rz/bench/statistics.h"

namespace rz::bench {
namespace {

/// `value` in the largest of `units`, each a thousand times the one before, that leaves 1 or more.
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

Value to_value(std::span<const Measurement> measurements, const Value& machine) {
  Value benchmarks = Value::array();
  Value errors = Value::array();
  for (const Measurement& m : measurements) {
    if (m.error) {
      errors.push_back(Value::object({{"name", m.name}, {"message", to_string(*m.error)}}));
    }
    if (m.samples.empty()) continue;
    const Summary s = summarize(m.samples);
    benchmarks.push_back(
        Value::object({{"name", m.name},
                       {"unit", "ns"},
                       {"median", s.median},
                       {"mean", s.mean},
                       {"stddev", s.stddev},
                       {"min", s.min},
                       {"max", s.max},
                       {"p95", s.p95},
                       {"p99", s.p99},
                       {"iterations", static_cast<std::int64_t>(m.iterations)},
                       {"samples", Value::Array(m.samples.begin(), m.samples.end())}}));
  }
  Value document = Value::object({{"schema", "rz.bench/1"}, {"machine", machine}});
  document.set("benchmarks", std::move(benchmarks));
  if (!errors.as_array()->empty()) document.set("errors", std::move(errors));
  return document;
}

std::string to_csv(std::span<const Measurement> measurements) {
  std::string text = "name,unit,median,mean,stddev,min,max,p95,p99,samples\r\n";
  for (const Measurement& m : measurements) {
    if (m.samples.empty()) continue;
    const Summary s = summarize(m.samples);
    text += m.name + ",ns";
    for (double figure : {s.median, s.mean, s.stddev, s.min, s.max, s.p95, s.p99}) {
      text += "," + format_double(figure);
    }
    text += "," + std::to_string(m.samples.size()) + "\r\n";
  }
  return text;
}

std::string humanize_nanoseconds(double nanoseconds) {
  static constexpr std::array kUnits = {"ns", "µs", "ms", "s"};
  return humanize(nanoseconds, kUnits);
}

std::string humanize_rate(double per_second) {
  static constexpr std::array kUnits = {"/s", "k/s", "M/s", "G/s"};
  return humanize(per_second, kUnits);
}

}  // namespace rz::bench
