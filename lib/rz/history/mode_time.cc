#include "rz/history/mode_time.h"

#include <algorithm>
#include <chrono>

namespace rz::history {

const char* to_string(TimeKind kind) {
  switch (kind) {
    case TimeKind::primary: return "primary";
    case TimeKind::heuristic: return "heuristic";
    case TimeKind::safe: return "safe";
    case TimeKind::unknown: return "unknown";
    case TimeKind::maintenance: return "maintenance";
  }
  return "unknown";
}

TimeKind kind_of(Mode mode) {
  switch (mode) {
    case Mode::primary: return TimeKind::primary;
    case Mode::heuristic: return TimeKind::heuristic;
    case Mode::safe: return TimeKind::safe;
  }
  return TimeKind::unknown;
}

bool is_degraded(TimeKind kind) { return kind == TimeKind::heuristic || kind == TimeKind::safe; }

Interval Interval::within(const Interval& other) const {
  const TimePoint from = std::max(begin, other.begin);
  return {from, std::max(from, std::min(end, other.end))};
}

Micros ModeTime::total() const {
  Micros total{0};
  for (const Micros time : times_) total += time;
  return total;
}

std::optional<double> ModeTime::availability() const {
  if (counted() <= Micros{0}) return std::nullopt;
  return std::chrono::duration<double>(of(TimeKind::primary)) /
         std::chrono::duration<double>(counted());
}

std::optional<TimeKind> ModeTime::worst() const {
  std::optional<TimeKind> worst;
  for (const TimeKind kind : kTimeKinds) {
    if (of(kind) > Micros{0}) worst = worst ? std::max(*worst, kind) : kind;
  }
  return worst;
}

ModeTime& ModeTime::operator+=(const ModeTime& other) {
  for (std::size_t i = 0; i < times_.size(); ++i) times_[i] += other.times_[i];
  return *this;
}

void IntervalTime::add(const Segment& segment) {
  const Interval part = segment.when.within(when);
  if (!part.empty()) time.add(segment.kind, part.length());
}

}  // namespace rz::history
