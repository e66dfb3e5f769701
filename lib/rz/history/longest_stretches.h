#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "rz/base/clock.h"
#include "rz/fallback/history/transition.h"
#include "rz/history/mode_time.h"

namespace rz::history {

/// A time in one mode, from the record that entered it to the next one.
struct Stretch {
  Interval when{};
  TimeKind kind = TimeKind::primary;
  Micros length{0};                     ///< What of it counts: see LongestStretches.
  std::optional<Transition> entered{};  ///< Nothing: it is not known what began it.
};

/// Keeps the longest stretches of some kinds of time within an interval, by the part of them that
/// is in the interval and outside of maintenance.
class LongestStretches {
 public:
  LongestStretches(Interval within, std::vector<TimeKind> kinds, std::size_t most)
      : within_(within), kinds_(std::move(kinds)), most_(most) {}

  /// A part of the stretch that is going on.
  void pass(const Segment& part);
  /// It has ended, and was this; its length is set here.
  void end(const Interval& when, TimeKind kind, const std::optional<Transition>& entered);

  /// The longest first; of equal ones, the earliest.
  std::vector<Stretch> finish();
  /// How many there were.
  std::size_t total() const { return total_; }

 private:
  Interval within_;
  std::vector<TimeKind> kinds_;
  std::size_t most_;
  Micros length_{0};
  std::size_t total_ = 0;
  std::vector<Stretch> longest_{};  ///< A heap, the shortest first.
};

}  // namespace rz::history
