#pragma once

#include "rz/metrics/metrics_sink.h"

namespace rz {

struct PrometheusOptions {
  std::string path;            ///< The textfile that flush() writes; none if empty.
  std::string prefix = "rz_";  ///< Before every name.
};

/// Keeps measurements and shows them in Prometheus' text format.
///
/// Names are bent to its data model (https://prometheus.io/docs/concepts/data_model/): other
/// characters than letters, digits and `_` become `_`, and a counter's name ends in `_total`. Two
/// tags that become one name are told apart by a `_` behind the second. Label values are written as
/// by printable(). Timestamps are left out: node_exporter's textfile collector turns a whole file
/// away for one of them, and a scraped value is of the time of the scrape.
class PrometheusMetricsSink : public MetricsSink {
 public:
  /// Everything so far, families and series in the order of their names.
  virtual std::string serialize() const = 0;

  /// Replaces the textfile by serialize(), whole or not at all, readable to all that the umask
  /// lets. Errors: unavailable (not written), invalid_argument (a name used for two kinds of
  /// measurement, a counter that went down: that measurement is missing, the others are written).
  Result<void> flush() override = 0;
};

/// The sink on prometheus-cpp, which is loaded by the first call. Errors: unavailable.
Result<std::unique_ptr<PrometheusMetricsSink>> make_prometheus_sink(
    const PrometheusOptions& options);

}  // namespace rz
