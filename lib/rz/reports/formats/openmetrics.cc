// OpenMetrics 1.0: Prometheus' format with units and an end, by which a reader knows that nothing
// was cut off. Textfile collectors refuse it.

#include "rz/reports/formats.h"
#include "rz/reports/health_report.h"
#include "rz/reports/writing/metric_families.h"

namespace rz::reports {

void OpenMetrics::write(const HealthReport& report, Page& page) {
  for (const MetricFamily& family : metric_families(report)) family.write(page, true);
  page.raw("# EOF\n");
}

}  // namespace rz::reports
