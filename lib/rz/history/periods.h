#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "rz/history/mode_time.h"

namespace rz::history {

/// What happened in a part of the window: an hour, a day, a column of a picture.
struct Period {
  Interval when{};
  ModeTime time{};
  std::size_t transitions = 0;
  std::size_t flaps = 0;
  std::size_t episodes = 0;  ///< That began in it.

  bool operator==(const Period&) const = default;
};

/// Adds up the periods between given times, in one pass: times must not go backwards.
class Periods {
 public:
  /// `bounds`: in order, at least two; periods may be empty.
  explicit Periods(const std::vector<TimePoint>& bounds);

  void add(const Segment& segment);
  /// The period that holds `time`; nullptr: none does.
  Period* at(TimePoint time);
  /// The same for any time, also an earlier one.
  Period* find(TimePoint time);

  std::vector<Period> finish() { return std::move(periods_); }

 private:
  std::vector<Period> periods_{};
  std::size_t next_ = 0;  ///< The first one that has not ended.
};

/// The bounds of `count` equal parts of `window`.
std::vector<TimePoint> equal_bounds(const Interval& window, std::size_t count);

}  // namespace rz::history
