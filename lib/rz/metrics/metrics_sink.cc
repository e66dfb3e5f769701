#include "rz/metrics/metrics_sink.h"

namespace rz {

void MetricsSink::emit_total(std::string_view name, double, double added, const MetricTags& tags) {
  if (added > 0) emit_counter(name, added, tags);
}

void MetricsSink::emit_health_check(std::string_view check, std::string_view status,
                                    double latency_ms, std::string_view) {
  for (const std::string_view one : {"healthy", "degraded", "unhealthy", "unknown"}) {
    emit("health_check_status", one == status ? 1 : 0,
         {{"check", std::string(check)}, {"status", std::string(one)}});
  }
  emit_histogram("health_check_latency_seconds", latency_ms / 1000,
                 {{"check", std::string(check)}});
}

}  // namespace rz
