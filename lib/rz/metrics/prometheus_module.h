#pragma once

#include "rz/base/module.h"
#include "rz/metrics/prometheus_metrics_sink.h"

/// As rz::make_prometheus_sink. The caller owns what it gets.
extern "C" [[gnu::visibility("default")]] rz::metrics::PrometheusMetricsSink*
rz_make_prometheus_sink(const rz::metrics::PrometheusOptions& options);

namespace rz::metrics {

inline constexpr Module<decltype(rz_make_prometheus_sink)> kPrometheusModule{
    "prometheus", "rz_make_prometheus_sink", "libprometheus-cpp-core1.0"};

}  // namespace rz::metrics
