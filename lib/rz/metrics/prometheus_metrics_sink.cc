#include "rz/metrics/prometheus_metrics_sink.h"

#include "rz/base/module.h"

namespace rz {

Result<std::unique_ptr<PrometheusMetricsSink>> make_prometheus_sink(
    const PrometheusOptions& options) {
  auto symbol = module_symbol("prometheus", "rz_make_prometheus_sink");
  if (!symbol) return fail(std::move(symbol).error());
  auto* make = reinterpret_cast<PrometheusMetricsSink* (*)(const PrometheusOptions&)>(*symbol);
  return std::unique_ptr<PrometheusMetricsSink>(make(options));
}

}  // namespace rz
