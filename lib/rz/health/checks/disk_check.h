#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "rz/health/check_type.h"
#include "rz/health/machine/disk_usage.h"
#include "rz/health/machine/mounts.h"

namespace rz::health {

/// `type: disk`: space on the file system that holds `path`, and on those of `paths`, as their
/// unprivileged users see them.
struct DiskCheckOptions : CheckOptions {
  static constexpr std::string_view kType = "disk";

  std::string path = "/";          ///< Empty: only `paths` are looked at.
  std::vector<std::string> paths;  ///< Paths, and patterns of mount points as `/srv/*`.
  std::vector<std::string> exclude_types = kPseudoTypes;  ///< Of file systems, for patterns.
  double warning = 80;                             ///< Percent used, from which on it is degraded.
  double critical = 95;                            ///< Percent used, from which on it is unhealthy.
  std::optional<std::uint64_t> available_warning;  ///< Bytes; less than this is degraded.
  std::optional<std::uint64_t> available_critical;  ///< Bytes; less than this is unhealthy.
  std::optional<double> inodes_warning;             ///< Nothing: as `warning`.
  std::optional<double> inodes_critical;            ///< Nothing: as `critical`.

  /// What has no space of its own, or is always full.
  static const std::vector<std::string> kPseudoTypes;
};

void visit_fields(FieldVisitor& fields, DiskCheckOptions& options);

/// Tells how full a disk is. Tests replace the measurement.
using DiskMeter = std::function<Result<DiskUsage>(const std::string& path)>;
using MountReader = std::function<std::vector<Mount>()>;

/// Space on file systems: degraded from `warning` percent used, unhealthy from `critical`, and the
/// same for inodes and for bytes available. Unhealthy too where the file system itself fails (an
/// I/O error, a network mount that has gone or does not answer), unknown where it cannot be looked
/// at. The worst of several counts, and each of them that is not healthy is told. Of several, each
/// is measured on a thread of its own: one that does not answer within `timeout` holds up none of
/// the others, and is not asked again before it has answered. Metadata: path, usage_percent,
/// available_bytes, total_bytes, inodes_percent, warning, critical; of several: file_systems, an
/// array of such objects with their status, and of the fullest path and usage_percent.
std::shared_ptr<HealthCheck> make_disk_check(
    DiskCheckOptions options, DiskMeter meter = measure_disk,
    MountReader mounts = [] { return read_mounts(); });
std::shared_ptr<HealthCheck> make_health_check(const DiskCheckOptions& options,
                                               const CheckDependencies& dependencies);

}  // namespace rz::health
