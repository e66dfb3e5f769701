#pragma once

#include <cstdint>
#include <string>

#include "rz/base/result.h"

namespace rz::health {

/// How full a file system is, for those who are not root.
struct DiskUsage {
  std::uint64_t total_bytes = 0;
  std::uint64_t available_bytes = 0;
  double used_percent = 0;    ///< used / (used + available), as `df` shows it.
  double inodes_percent = 0;  ///< 0 where the file system has no fixed number of them.
};

/// Measures the file system that holds `path`. May never return if that is a dead network mount.
/// Errors: not_found, unavailable; Error::own_side unless the file system itself has failed.
Result<DiskUsage> measure_disk(const std::string& path);

}  // namespace rz::health
