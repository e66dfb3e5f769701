// Prometheus' text format, for a textfile collector or a push: a file for node exporter is written
// by --report.

#include "rz/reports/formats.h"
#include "rz/reports/health_report.h"
#include "rz/reports/writing/metric_families.h"

namespace rz::reports {

void Prometheus::write(const HealthReport& report, Page& page) {
  for (const MetricFamily& family : metric_families(report)) family.write(page, false);
}

}  // namespace rz::reports
