#pragma once

#include <vector>

#include "rz/reports/health_report.h"
#include "rz/reports/writing/metric_family.h"

namespace rz::reports {

/// The report as Prometheus' two formats show it. The names differ from those of the sink
/// `prometheus`: two files for one collector must not have a family in common.
std::vector<MetricFamily> metric_families(const HealthReport& report);

}  // namespace rz::reports
