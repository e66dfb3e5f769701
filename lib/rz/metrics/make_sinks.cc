#include "rz/metrics/make_sinks.h"

#include <algorithm>

#include "rz/metrics/noop_metrics_sink.h"
#include "rz/metrics/sink_type.h"
#include "rz/metrics/tee_metrics_sink.h"

namespace rz::metrics {
namespace {

Result<std::unique_ptr<MetricsSink>> make_sink(const SinkSpec& spec, const MetricsLog& log) {
  const auto types = sink_types();
  const auto type = std::find_if(types.begin(), types.end(),
                                 [&](const SinkType& one) { return one.name == spec.type(); });
  if (type == types.end()) return fail(ErrorCode::internal, "unknown type of sink");
  return type->make(spec.options(), log);
}

}  // namespace

Result<std::unique_ptr<MetricsSink>> make_sinks(const std::vector<SinkSpec>& sinks,
                                                const MetricsLog& log) {
  if (sinks.empty()) return std::make_unique<NoOpMetricsSink>();
  std::vector<std::unique_ptr<MetricsSink>> made;
  for (const SinkSpec& spec : sinks) {
    auto sink = make_sink(spec, log);
    if (!sink) return sink;
    made.push_back(std::move(*sink));
  }
  if (made.size() == 1) return std::move(made.front());
  return std::make_unique<TeeMetricsSink>(std::move(made));
}

}  // namespace rz::metrics
