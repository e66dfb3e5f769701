#include "rz/metrics/graphite_metrics_sink.h"
#include "rz/metrics/influx_metrics_sink.h"
#include "rz/metrics/logging_metrics_sink.h"
#include "rz/metrics/noop_metrics_sink.h"
#include "rz/metrics/prometheus_metrics_sink.h"
#include "rz/metrics/pushgateway_metrics_sink.h"
#include "rz/metrics/sink_type.h"
#include "rz/metrics/statsd_metrics_sink.h"

namespace rz::metrics {
namespace {

// To add a type is to add its row here.
constexpr SinkType kSinkTypes[] = {
    sink_type<NoOpOptions>("Nowhere."),
    sink_type<LoggingOptions>("Lines on standard error."),
    sink_type<PrometheusOptions>("A text file for the Prometheus node exporter."),
    sink_type<PushgatewayOptions>("A group of a Prometheus Pushgateway."),
    sink_type<StatsdOptions>("Datagrams to a StatsD server."),
    sink_type<GraphiteOptions>("Lines to a Graphite server."),
    sink_type<InfluxOptions>("Points to InfluxDB, or to what takes its line protocol."),
};

}  // namespace

std::span<const SinkType> sink_types() { return kSinkTypes; }

}  // namespace rz::metrics
