#include "rz/history/longest_stretches.h"

#include <algorithm>
#include <utility>

namespace rz::history {
namespace {

bool is_longer_stretch(const Stretch& a, const Stretch& b) {
  return a.length != b.length ? a.length > b.length : a.when.begin < b.when.begin;
}

}  // namespace

void LongestStretches::pass(const Segment& part) {
  if (std::find(kinds_.begin(), kinds_.end(), part.kind) == kinds_.end()) return;
  length_ += part.when.within(within_).length();
}

void LongestStretches::end(const Interval& when, TimeKind kind,
                           const std::optional<Transition>& entered) {
  const Micros length = std::exchange(length_, Micros{0});
  if (length == Micros{0}) return;
  ++total_;
  if (longest_.size() == most_) {
    // Nearly all of a long history: nothing is copied for them.
    if (most_ == 0 || length <= longest_.front().length) return;
    std::pop_heap(longest_.begin(), longest_.end(), is_longer_stretch);
    longest_.pop_back();
  }
  longest_.push_back({when, kind, length, entered});
  std::push_heap(longest_.begin(), longest_.end(), is_longer_stretch);
}

std::vector<Stretch> LongestStretches::finish() {
  std::sort_heap(longest_.begin(), longest_.end(), is_longer_stretch);
  return std::move(longest_);
}

}  // namespace rz::history
