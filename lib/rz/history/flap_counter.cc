#include "rz/history/flap_counter.h"

#include <cstddef>

namespace rz::history {

bool FlapCounter::is_flap(Mode from, Mode to, TimePoint time) {
  const auto left = left_[static_cast<std::size_t>(to)];
  left_[static_cast<std::size_t>(from)] = time;
  return left && time - *left <= window_;
}

}  // namespace rz::history
