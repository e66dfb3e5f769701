#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "rz/history/mode_time.h"

namespace rz::history {

/// Takes the maintenance windows out of a sequence of segments. Times must not go backwards from
/// call to call.
class MaintenanceCut {
 public:
  /// `windows`: in order, disjoint.
  explicit MaintenanceCut(std::vector<Interval> windows) : windows_(std::move(windows)) {}

  /// Whether `time` is within a window.
  bool contains(TimePoint time);

  /// Calls `visit` with the parts of `segment`, in order; those within a window are maintenance.
  void cut(const Segment& segment, const std::function<void(const Segment&)>& visit);

  const std::vector<Interval>& windows() const { return windows_; }

 private:
  void pass(TimePoint time);

  std::vector<Interval> windows_;
  std::size_t next_ = 0;  ///< The first one that has not ended.
};

}  // namespace rz::history
