#include "rz/reports/writing/metric_family.h"

#include <cmath>

#include "rz/base/text.h"
#include "rz/reports/writing/measurements.h"

namespace rz::reports {
namespace {

// The value of a label: a line of UTF-8 without control characters, and what ends it escaped.
std::string label_value(std::string_view text) {
  std::string escaped;
  for (const char c : printable(text)) {
    if (c == '\\' || c == '"') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

std::string series_name(std::string_view name, const MetricFamily::Labels& labels) {
  std::string series(name);
  std::string_view before = "{";
  for (const auto& [key, value] : labels) {
    series.append(std::exchange(before, ",")).append(key);
    series.append("=\"").append(label_value(value)).append("\"");
  }
  if (!labels.empty()) series += '}';
  return series;
}

}  // namespace

void MetricFamily::add(Labels labels, double value) {
  std::string series = series_name(name_, labels);
  while (!series_.insert(series).second) {
    labels.front().second += '_';
    series = series_name(name_, labels);
  }
  samples_.push_back(series + " " + (std::isfinite(value) ? plain_number(value) : "NaN"));
}

void MetricFamily::write(Page& page, bool openmetrics) const {
  if (samples_.empty()) return;
  const std::string name(name_);
  page.raw("# HELP " + name + " " + std::string(help_) + "\n");
  page.raw("# TYPE " + name + " gauge\n");
  if (openmetrics && !unit_.empty()) page.raw("# UNIT " + name + " " + std::string(unit_) + "\n");
  for (const std::string& sample : samples_) page.raw(sample + "\n");
}

}  // namespace rz::reports
