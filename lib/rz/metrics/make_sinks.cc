#include "rz/metrics/make_sinks.h"

#include "rz/metrics/noop_metrics_sink.h"
#include "rz/metrics/prometheus_metrics_sink.h"
#include "rz/metrics/statsd_metrics_sink.h"
#include "rz/metrics/tee_metrics_sink.h"

namespace rz {
namespace {

using SinkResult = Result<std::unique_ptr<MetricsSink>>;

// A sink of its own type as any sink, or its error.
template <class Sink>
SinkResult any_sink(Result<std::unique_ptr<Sink>> sink) {
  if (!sink) return fail(std::move(sink).error());
  return std::unique_ptr<MetricsSink>(std::move(*sink));
}

SinkResult make_sink(const SinkOptions& options, const MetricsLog& log) {
  switch (options.type) {
    case SinkOptions::Type::noop: return std::make_unique<NoOpMetricsSink>();
    case SinkOptions::Type::logging:
      return std::make_unique<LoggingMetricsSink>(log, options.level);
    case SinkOptions::Type::prometheus:
      if (options.path.empty()) {
        return fail(ErrorCode::invalid_argument, "a prometheus sink needs a path");
      }
      return any_sink(make_prometheus_sink({.path = options.path}));
    case SinkOptions::Type::statsd:
      return any_sink(
          StatsdMetricsSink::open({.address = options.address, .dogstatsd = options.dogstatsd}));
  }
  return fail(ErrorCode::internal, "a sink of no known type");
}

}  // namespace

Result<std::unique_ptr<MetricsSink>> make_sinks(const std::vector<SinkOptions>& sinks,
                                                const MetricsLog& log) {
  if (sinks.empty()) return std::make_unique<NoOpMetricsSink>();
  std::vector<std::unique_ptr<MetricsSink>> made;
  for (const SinkOptions& options : sinks) {
    auto sink = make_sink(options, log);
    if (!sink) return sink;
    made.push_back(std::move(*sink));
  }
  if (made.size() == 1) return std::move(made.front());
  return std::make_unique<TeeMetricsSink>(std::move(made));
}

}  // namespace rz
