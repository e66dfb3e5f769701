#pragma once

#include <array>
#include <cstddef>
#include <optional>

#include "rz/base/clock.h"
#include "rz/fallback/mode.h"

namespace rz::history {

/// What a stretch of time counts as. Of two that share a place in a picture, the greater is shown.
enum class TimeKind { maintenance, primary, unknown, heuristic, safe };

/// All of them, in the order of reports.
inline constexpr std::array kTimeKinds = {TimeKind::primary, TimeKind::heuristic, TimeKind::safe,
                                          TimeKind::unknown, TimeKind::maintenance};

/// `primary heuristic safe unknown maintenance`.
const char* to_string(TimeKind kind);
TimeKind kind_of(Mode mode);
/// Whether it is heuristic or safe.
bool is_degraded(TimeKind kind);

/// The times from `begin` on and before `end`.
struct Interval {
  TimePoint begin{};
  TimePoint end{};

  Micros length() const { return end - begin; }
  bool empty() const { return end <= begin; }
  bool contains(TimePoint time) const { return begin <= time && time < end; }
  /// What it has in common with `other`; empty if that is nothing.
  Interval within(const Interval& other) const;

  bool operator==(const Interval&) const = default;
};

/// A stretch of time of one kind.
struct Segment {
  Interval when;
  TimeKind kind = TimeKind::unknown;

  bool operator==(const Segment&) const = default;
};

/// How much time there was of each kind. The sum of all is the time that was looked at.
class ModeTime {
 public:
  void add(TimeKind kind, Micros time) { times_[index(kind)] += time; }

  Micros of(TimeKind kind) const { return times_[index(kind)]; }
  /// In heuristic or safe.
  Micros degraded() const { return of(TimeKind::heuristic) + of(TimeKind::safe); }
  /// In a known mode and outside of maintenance: what figures are shares of.
  Micros counted() const { return of(TimeKind::primary) + degraded(); }
  Micros total() const;
  /// The share of the counted time that was spent in primary, from 0 to 1; nothing if no time
  /// counts.
  std::optional<double> availability() const;
  /// The greatest kind of which there is any time; nothing if there is none at all.
  std::optional<TimeKind> worst() const;

  ModeTime& operator+=(const ModeTime& other);
  bool operator==(const ModeTime&) const = default;

 private:
  static std::size_t index(TimeKind kind) { return static_cast<std::size_t>(kind); }

  std::array<Micros, kTimeKinds.size()> times_{};
};

/// The time of an interval, of which segments are a part.
struct IntervalTime {
  Interval when;
  ModeTime time{};

  void add(const Segment& segment);
};

}  // namespace rz::history
