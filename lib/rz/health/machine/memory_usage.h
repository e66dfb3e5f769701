#pragma once

#include <cstdint>
#include <string>

#include "rz/base/result.h"

namespace rz::health {

/// How full the memory is that programs here may use: that of the machine or, where its control
/// group allows less, that of the container or service.
struct MemoryUsage {
  std::uint64_t total_bytes = 0;
  std::uint64_t available_bytes = 0;  ///< For new programs, without swapping.
  double used_percent = 0;            ///< All that is not available.
  std::uint64_t swap_total_bytes = 0;
  double swap_used_percent = 0;  ///< 0 without swap.
  bool limited = false;          ///< `total_bytes` is the limit of a control group.
};

/// `root` is a folder with a `proc` and a `sys`; tests give their own.
/// Errors: unavailable, own_side.
Result<MemoryUsage> measure_memory(const std::string& root = "");

}  // namespace rz::health
