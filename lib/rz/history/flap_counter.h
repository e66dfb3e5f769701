#pragma once

#include <array>
#include <optional>

#include "rz/base/clock.h"
#include "rz/fallback/mode.h"

namespace rz::history {

/// Tells which transitions are flaps: those that enter a mode which was left at most `window`
/// before.
class FlapCounter {
 public:
  explicit FlapCounter(Micros window) : window_(window) {}

  /// Whether the transition is one. Times must not go backwards.
  bool is_flap(Mode from, Mode to, TimePoint time);

  /// What happened in between is unknown.
  void forget() { left_ = {}; }

 private:
  Micros window_;
  std::array<std::optional<TimePoint>, 3> left_{};  ///< When each mode was left last.
};

}  // namespace rz::history
