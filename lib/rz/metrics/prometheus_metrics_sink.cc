#include "rz/metrics/prometheus_metrics_sink.h"

#include "rz/base/field_visitor.h"
#include "rz/metrics/name_prefix.h"
#include "rz/metrics/prometheus_module.h"

namespace rz::metrics {

void visit_fields(FieldVisitor& fields, PrometheusOptions& options) {
  fields.path({.key = "path",
               .sentence = "The text file for the node exporter.",
               .example = "/var/lib/prometheus/node-exporter/rz.prom",
               .needed_by = "a prometheus sink"},
              options.path);
  visit_prefix(fields, options.prefix, NameSeparator::underscore);
}

Result<std::unique_ptr<PrometheusMetricsSink>> make_prometheus_sink(
    const PrometheusOptions& options) {
  const auto make = load_module(kPrometheusModule);
  if (!make) return fail(make.error());
  return std::unique_ptr<PrometheusMetricsSink>((*make)(options));
}

Result<std::unique_ptr<MetricsSink>> make_metrics_sink(const PrometheusOptions& options,
                                                       const MetricsLog&) {
  if (options.path.empty()) {
    return fail(ErrorCode::invalid_argument, "a prometheus sink needs a path");
  }
  auto sink = make_prometheus_sink(options);
  if (!sink) return fail(std::move(sink).error());
  return std::unique_ptr<MetricsSink>(std::move(*sink));
}

}  // namespace rz::metrics
