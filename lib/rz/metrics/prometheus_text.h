#pragma once

#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rz/base/result.h"

namespace rz::metrics {

/// A family of measurements in Prometheus' text format.
struct PrometheusFamily {
  std::string name;
  std::string kind = "untyped";  ///< gauge, counter, histogram, summary or untyped.
  std::string help;              ///< As it is written there; may be empty.
  /// Series, as `name` or `name{label="value"}`, and values as they are written.
  std::vector<std::pair<std::string, std::string>> samples;
};

/// Reads the format as node_exporter's textfile collector takes it: a family's samples stand
/// together, and none has a timestamp. Errors: parse, with the number of the line.
Result<std::vector<PrometheusFamily>> parse_prometheus_text(std::string_view text);

/// The families in the order of their names, each series on a line.
std::string to_prometheus_text(const std::vector<PrometheusFamily>& families);

/// What one run adds to the values of earlier runs.
struct PrometheusUpdate {
  std::vector<PrometheusFamily> families;
  /// Of a counter or histogram, the part of its values that was written before and is not added
  /// again.
  std::vector<std::pair<std::string, std::string>> told;
  /// Counters that were given as totals: they replace, and only grow.
  std::set<std::string> totals;
};

/// Merges `update` into `families`. The family of a gauge is replaced whole, so that a series that
/// is no longer measured goes away. Counters and histograms add up, and keep the series that this
/// run does not know of. Families that the update does not name stay as they are.
void merge(std::vector<PrometheusFamily>& families, const PrometheusUpdate& update);

}  // namespace rz::metrics
