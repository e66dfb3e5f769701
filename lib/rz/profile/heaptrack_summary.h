#pragma once

#include <cstdint>
#include <string_view>

#include "rz/base/result.h"

namespace rz::profile {

/// What a program did with its heap.
struct HeapSummary {
  std::int64_t allocations = 0;
  std::int64_t temporary = 0;     ///< Released again before anything else was allocated.
  std::int64_t peak_bytes = 0;    ///< The most that was allocated at a time.
  std::int64_t leaked_bytes = 0;  ///< Not released at the end.
};

/// Reads the last lines of what heaptrack_print prints. Sizes come with three digits.
/// Errors: parse (a figure is missing).
Result<HeapSummary> read_heaptrack_summary(std::string_view text);

}  // namespace rz::profile
