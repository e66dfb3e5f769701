#pragma once

#include "rz/metrics/metrics_log.h"
#include "rz/metrics/metrics_sink.h"
#include "rz/metrics/prometheus_text.h"

namespace rz {
class FieldVisitor;
}

namespace rz::metrics {

/// `type: prometheus`.
struct PrometheusOptions {
  static constexpr std::string_view kType = "prometheus";

  std::string path;            ///< The textfile that flush() writes; none if empty.
  std::string prefix = "rz_";  ///< Before every name.
};

void visit_fields(FieldVisitor& fields, PrometheusOptions& options);

/// Keeps measurements and shows them in Prometheus' text format.
///
/// Names are adapted to its data model (https://prometheus.io/docs/concepts/data_model/): other
/// characters than letters, digits and `_` become `_`, and a counter's name ends in `_total`. Two
/// tags that become one name are told apart by a `_` behind the second. Label values are written as
/// by printable(). Timestamps are left out: node_exporter's textfile collector rejects a file that
/// has one, and a scraped value has the time of the scrape.
class PrometheusMetricsSink : public MetricsSink {
 public:
  /// Everything that this sink was given, families and series in the order of their names.
  virtual std::string serialize() const = 0;

  /// The same as families, for another sink to push. Nothing in it was told before.
  virtual PrometheusUpdate update() = 0;

  /// Adds what is new to the textfile, which other runs and other commands write, too. The folder
  /// is locked meanwhile; the file is replaced whole or not at all, and every user can read it, as
  /// the exporter runs as another one. Counters and histograms add up over the runs, gauges are
  /// replaced, and other families stay. Without a measurement the file is not touched. Errors:
  /// unavailable (not written), timeout (another rz has the lock), invalid_argument (a name used
  /// for two kinds of measurement, a counter that went down: that measurement is missing, the
  /// others are written), corrupt (the file that was there is not in the format, and was replaced).
  Result<void> flush_by(Deadline deadline) override = 0;
};

/// The sink on prometheus-cpp, which is loaded by the first call. Errors: unavailable.
Result<std::unique_ptr<PrometheusMetricsSink>> make_prometheus_sink(
    const PrometheusOptions& options);

/// The same for a configuration. Errors: also invalid_argument, without a path.
Result<std::unique_ptr<MetricsSink>> make_metrics_sink(const PrometheusOptions& options,
                                                       const MetricsLog& log);

}  // namespace rz::metrics
