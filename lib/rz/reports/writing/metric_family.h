#pragma once

#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rz/reports/writing/page.h"

namespace rz::reports {

/// A family of gauges. Names of the family and of labels are those of the format; the values of
/// labels may hold any bytes.
class MetricFamily {
 public:
  using Labels = std::vector<std::pair<std::string_view, std::string>>;

  /// `unit`: the last word of the name, where it is one.
  MetricFamily(std::string_view name, std::string_view unit, std::string_view help)
      : name_(name), unit_(unit), help_(help) {}

  /// A series. Both formats refuse one that is there twice, and two different texts may be shown
  /// alike: the first label of the second one then gets a `_`.
  void add(Labels labels, double value);

  /// Writes it with its one HELP and TYPE; nothing if it has no series. There is no timestamp: a
  /// textfile collector and a push refuse a sample that has one.
  void write(Page& page, bool openmetrics) const;

 private:
  std::string_view name_, unit_, help_;
  std::set<std::string, std::less<>> series_;
  std::vector<std::string> samples_;
};

}  // namespace rz::reports
