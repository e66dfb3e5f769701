// Prometheus' text format, for a textfile collector or a push: a file for node exporter is written
// by --report.

#include "rz/reports/formats.h"
#include "rz/reports/health_metrics.h"
#include "rz/reports/health_report.h"

namespace rz::reports {

void Prometheus::write(const HealthReport& report, Page& page) {
  for (const MetricFamily& family : metric_families(report)) family.write(page, false);
}

void OpenMetrics::write(const HealthReport& report, Page& page) {
  for (const MetricFamily& family : metric_families(report)) family.write(page, true);
  page.raw("# EOF\n");
}

}  // namespace rz::reports
