#include "rz/history/band.h"

#include <utility>

namespace rz::history {
namespace {

constexpr std::size_t kMaxBandReason = 200;

}  // namespace

void Band::add(const Segment& segment, const std::string& reason) {
  const Interval when = segment.when.within(window_);
  if (when.empty()) return;
  if (total_ > most_) {
    ++total_;
    return;
  }
  const std::uint32_t number = number_of(reason);
  const bool goes_on = !segments_.empty() && segments_.back().kind == segment.kind &&
                       segments_.back().reason == number;
  if (goes_on) {
    segments_.back().when.end = when.end;
    return;
  }
  segments_.push_back({when, segment.kind, number});
  if (++total_ <= most_) return;
  // A part of the band would look like all of it.
  segments_ = {};
  reasons_ = {};
  numbers_ = {};
}

std::uint32_t Band::number_of(const std::string& reason) {
  const auto next = static_cast<std::uint32_t>(reasons_.size());
  const auto [at, is_new] = numbers_.emplace(reason.substr(0, kMaxBandReason), next);
  if (is_new) reasons_.push_back(at->first);
  return at->second;
}

void Band::finish(Audit& audit) {
  audit.band = std::move(segments_);
  audit.band_reasons = std::move(reasons_);
  audit.band_total = total_;
}

}  // namespace rz::history
