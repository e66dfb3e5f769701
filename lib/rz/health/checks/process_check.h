#pragma once

#include <memory>
#include <optional>
#include <string>

#include "rz/health/check_type.h"

namespace rz::health {

/// `type: process`: how many processes of a kind run. At least one of `process`, `match` and
/// `pid_file` is given; those that are given must all hold.
struct ProcessCheckOptions : CheckOptions {
  static constexpr std::string_view kType = "process";

  std::string process;   ///< The name of its program, without the folder.
  std::string match;     ///< A part of its command line, whose arguments are joined by blanks.
  std::string pid_file;  ///< The file that holds its number.
  std::int64_t min = 1;
  std::optional<std::int64_t> max;
};

void visit_fields(FieldVisitor& fields, ProcessCheckOptions& options);

/// Unhealthy if fewer than `min` such processes run, and degraded if more than `max` are there, or
/// some are stopped: these do not run; unknown if the system hides the processes of other users and
/// too few are seen. Zombies and rz itself do not count. Metadata: count (also those that are
/// stopped), stopped, rss_bytes (the memory of all of them), pids (the first ten), uptime_seconds
/// (of the oldest).
std::shared_ptr<HealthCheck> make_process_check(ProcessCheckOptions options,
                                                std::string proc_folder = "/proc");
std::shared_ptr<HealthCheck> make_health_check(const ProcessCheckOptions& options,
                                               const CheckDependencies& dependencies);

}  // namespace rz::health
