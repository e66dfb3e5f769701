#pragma once

#include <vector>

#include "rz/metrics/logging_metrics_sink.h"
#include "rz/metrics/metrics_sink.h"
#include "rz/metrics/sink_options.h"

namespace rz {

/// One sink that is all of `sinks`; none of them is one that keeps nothing. `log` takes the lines
/// of those of type logging. Errors: those of make_prometheus_sink and StatsdMetricsSink::open;
/// invalid_argument (a prometheus sink without a path).
Result<std::unique_ptr<MetricsSink>> make_sinks(const std::vector<SinkOptions>& sinks,
                                                const MetricsLog& log);

}  // namespace rz
