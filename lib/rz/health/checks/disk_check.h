#pragma once

#include <functional>
#include <memory>
#include <string>

#include "rz/health/check_type.h"
#include "rz/health/disk_usage.h"

namespace rz::health {

/// `type: disk`: space on the file system that holds `path`, as its unprivileged users see it.
struct DiskCheckOptions : CheckOptions {
  static constexpr std::string_view kType = "disk";

  std::string path = "/";
  double warning = 80;   ///< Percent used, from which on it is degraded.
  double critical = 95;  ///< Percent used, from which on it is unhealthy.
};

void visit_fields(FieldVisitor& fields, DiskCheckOptions& options);

/// Tells how full a disk is. Tests replace the measurement.
using DiskMeter = std::function<Result<DiskUsage>(const std::string& path)>;

/// Space on the file system that holds `path`: degraded from `warning` percent used, unhealthy from
/// `critical`, and the same for inodes. Unhealthy too where the file system itself fails (an I/O
/// error, a network mount that has gone), unknown where it cannot be looked at. Metadata: path,
/// usage_percent, available_bytes, total_bytes, inodes_percent, warning, critical.
std::shared_ptr<HealthCheck> make_disk_check(DiskCheckOptions options,
                                             DiskMeter meter = measure_disk);
std::shared_ptr<HealthCheck> make_health_check(const DiskCheckOptions& options,
                                               const CheckDependencies& dependencies);

}  // namespace rz::health
