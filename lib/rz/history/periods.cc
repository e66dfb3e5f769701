#include "rz/history/periods.h"

#include <algorithm>
#include <cstdint>
#include <iterator>

namespace rz::history {

Periods::Periods(const std::vector<TimePoint>& bounds) {
  periods_.reserve(bounds.size() - 1);
  for (std::size_t i = 0; i + 1 < bounds.size(); ++i) {
    periods_.push_back({.when = {bounds[i], bounds[i + 1]}});
  }
}

void Periods::add(const Segment& segment) {
  while (next_ < periods_.size() && periods_[next_].when.end <= segment.when.begin) ++next_;
  for (std::size_t i = next_; i < periods_.size(); ++i) {
    const Interval part = segment.when.within(periods_[i].when);
    if (!part.empty()) periods_[i].time.add(segment.kind, part.length());
    if (periods_[i].when.end >= segment.when.end) break;
  }
}

Period* Periods::at(TimePoint time) {
  while (next_ < periods_.size() && periods_[next_].when.end <= time) ++next_;
  const bool found = next_ < periods_.size() && periods_[next_].when.contains(time);
  return found ? &periods_[next_] : nullptr;
}

Period* Periods::find(TimePoint time) {
  const auto after =
      std::upper_bound(periods_.begin(), periods_.end(), time,
                       [](TimePoint at, const Period& one) { return at < one.when.begin; });
  if (after == periods_.begin()) return nullptr;
  Period& found = *std::prev(after);
  return found.when.contains(time) ? &found : nullptr;
}

std::vector<TimePoint> equal_bounds(const Interval& window, std::size_t count) {
  std::vector<TimePoint> bounds;
  const auto parts = static_cast<std::int64_t>(count);
  const Micros length = window.length();
  for (std::int64_t i = 0; i <= parts; ++i) {
    // The quotient and the rest apart: their product with `i` fits.
    const Micros part = length / parts * i + Micros{length.count() % parts * i / parts};
    bounds.push_back(window.begin + part);
  }
  return bounds;
}

}  // namespace rz::history
