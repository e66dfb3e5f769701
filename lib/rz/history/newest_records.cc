#include "rz/history/newest_records.h"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace rz::history {

void NewestRecords::add(const Transition& record) {
  if (ring_.size() < most_) {
    ring_.push_back(record);
  } else if (most_ > 0) {
    ring_[total_ % most_] = record;
  }
  ++total_;
}

std::vector<Transition> NewestRecords::finish() {
  if (total_ > most_ && most_ > 0) {
    const auto oldest = static_cast<std::ptrdiff_t>(total_ % most_);
    std::rotate(ring_.begin(), ring_.begin() + oldest, ring_.end());
  }
  return std::move(ring_);
}

}  // namespace rz::history
