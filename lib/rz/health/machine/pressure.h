#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "rz/base/result.h"

namespace rz::health {

/// The windows over which the kernel tells an average, in its order.
enum class PressureWindow { ten_seconds, minute, five_minutes };

/// The share of a window, in percent, in which tasks stood still for want of a resource.
class StalledShares {
 public:
  double operator[](PressureWindow window) const { return shares_[index_of(window)]; }
  double& operator[](PressureWindow window) { return shares_[index_of(window)]; }

 private:
  static std::size_t index_of(PressureWindow window) { return static_cast<std::size_t>(window); }

  std::array<double, 3> shares_{};
};

/// Pressure stall information (Documentation/accounting/psi.rst of the kernel) of one resource.
struct Pressure {
  StalledShares some;                 ///< At least one task waited.
  std::optional<StalledShares> full;  ///< All that had work waited. Of cpu no old kernel tells it.
};

/// Of `resource`, which is `cpu`, `memory` or `io`, on the whole machine. `root` is a folder with a
/// `proc`; tests give their own.
/// Errors: unavailable, own_side, where the kernel does not tell; the message says what it needs.
Result<Pressure> measure_pressure(std::string_view resource, const std::string& root = "");

}  // namespace rz::health
