#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string_view>

#include "rz/base/clock.h"
#include "rz/net/transport.h"

namespace rz::storage {

/// How long a try may take: until when; and for messages, how long that was when it began, and
/// which option says so.
struct TryLimit {
  Deadline deadline;
  Millis length;
  std::string_view option = "storage.timeout";  ///< A literal.

  static TryLimit from_now(Millis length, std::string_view option = "storage.timeout") {
    return {std::chrono::steady_clock::now() + length, length, option};
  }

  /// An equal part of the time that is left, for one of `parts`; at least a millisecond.
  TryLimit share(std::size_t parts) const {
    const auto left = std::chrono::floor<Millis>(deadline - std::chrono::steady_clock::now());
    return from_now(std::max(left / static_cast<Millis::rep>(parts), Millis{1}), option);
  }
};

}  // namespace rz::storage
