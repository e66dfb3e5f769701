#pragma once

#include <functional>
#include <memory>
#include <string>

#include "rz/health/disk_usage.h"
#include "rz/health/health_check.h"
#include "rz/health/health_options.h"

namespace rz {

/// Tells how full a disk is. Tests replace the measurement.
using DiskMeter = std::function<Result<DiskUsage>(const std::string& path)>;

/// Space on the file system that holds `path`: degraded from `warning` percent used, unhealthy from
/// `critical`; also by inodes; unhealthy too where the file system itself fails (an I/O error, a
/// network mount that has gone), unknown where it cannot be looked at. Metadata: path,
/// usage_percent, available_bytes, total_bytes, inodes_percent, warning, critical.
std::shared_ptr<HealthCheck> make_disk_check(DiskCheckOptions options,
                                             DiskMeter meter = measure_disk);

}  // namespace rz
