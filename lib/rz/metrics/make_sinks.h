#pragma once

#include <memory>
#include <vector>

#include "rz/base/result.h"
#include "rz/metrics/metrics_log.h"
#include "rz/metrics/metrics_sink.h"

namespace rz::metrics {

/// One sink that passes measurements to all of `sinks`; without any, it drops them. `log` takes the
/// lines of sinks of type logging. Errors: those of each type's make_metrics_sink().
Result<std::unique_ptr<MetricsSink>> make_sinks(const std::vector<SinkSpec>& sinks,
                                                const MetricsLog& log);

}  // namespace rz::metrics
