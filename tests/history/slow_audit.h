#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "history/history_support.h"
#include "rz/history/auditor.h"

namespace rz::history {

/// The same figures, found the slow way: each minute is asked by itself which mode held in it, and
/// each transition looks back over all before it. Every time must be a whole minute.
class SlowAudit {
 public:
  SlowAudit(const AuditQuestion& question, const std::optional<KnownMode>& known,
            const std::vector<Transition>& records)
      : question_(question) {
    const TimePoint from = read_from(question);
    // What is known at first is the first thing in the list.
    if (known) points_.push_back({std::max(known->time, from), known->mode, {}, known->epoch});
    for (const Transition& record : records) {
      if (record.trigger == trigger::kOffline) continue;
      const TimePoint earliest = points_.empty() ? from : points_.back().time;
      points_.push_back({std::max(record.timestamp, earliest), record.to, record, {}});
    }
  }

  ModeTime time() const { return time_of(question_.window); }

  ModeTime time_of(const Interval& when) const {
    ModeTime time;
    for (TimePoint at = when.begin; at < when.end; at += std::chrono::minutes{1}) {
      time.add(kind_at(at), std::chrono::minutes{1});
    }
    return time;
  }

  /// What the minute that begins at `at` counts as.
  TimeKind kind_at(TimePoint at) const {
    return planned(at) ? TimeKind::maintenance : mode_kind_at(at);
  }

  /// Unknown time between records of which others are missing.
  Micros lost(const Interval& when) const {
    Micros lost{0};
    for (TimePoint at = when.begin; at < when.end; at += std::chrono::minutes{1}) {
      std::size_t next = 0;
      while (next < points_.size() && points_[next].time <= at) ++next;
      const bool missing = next < points_.size() && gap_before(next);
      if (missing && !planned(at)) lost += std::chrono::minutes{1};
    }
    return lost;
  }

  std::size_t transitions() const {
    std::size_t count = 0;
    for (std::size_t i = 0; i < points_.size(); ++i) count += counts(i) ? 1 : 0;
    return count;
  }

  std::size_t flaps() const {
    std::size_t count = 0;
    for (std::size_t i = 0; i < points_.size(); ++i) count += counts(i) && is_flap(i) ? 1 : 0;
    return count;
  }

  /// The lengths of the complete episodes, in their order; and how many others there were.
  struct Episodes {
    std::vector<Micros> complete;
    std::size_t open = 0;
    std::size_t cut = 0;
  };
  Episodes episodes() const {
    Episodes found;
    std::size_t i = 0;
    while (i < points_.size()) {
      if (points_[i].mode == Mode::primary) {
        ++i;
        continue;
      }
      std::size_t end = i + 1;
      while (end < points_.size() && points_[end].mode != Mode::primary && !gap_before(end)) ++end;
      add_episode(i, end, found);
      i = end;
    }
    return found;
  }

 private:
  struct Point {
    TimePoint time;
    Mode mode;
    std::optional<Transition> record;
    std::optional<std::int64_t> known_epoch;
  };

  // The last epoch that is known at point `i`.
  std::optional<std::int64_t> epoch_at(std::size_t i) const {
    const auto& record = points_[i].record;
    if (!record) return points_[i].known_epoch;
    if (record->trigger == trigger::kForgotten) return record->epoch.value_or(0);
    if (record->epoch || record->from != record->to) return record->epoch;
    return i == 0 ? std::nullopt : epoch_at(i - 1);
  }

  // Whether something is missing between point `i` and the one before it.
  bool gap_before(std::size_t i) const {
    if (!points_[i].record) return false;
    const Transition& record = *points_[i].record;
    if (i == 0) return record.trigger == trigger::kRestored;
    const auto last = epoch_at(i - 1);
    if (record.trigger == trigger::kRestored) {
      return !(last && record.epoch && *record.epoch == *last + 1);
    }
    if (record.from != points_[i - 1].mode) return true;
    return last && record.epoch && *record.epoch > *last + 1;
  }

  TimeKind mode_kind_at(TimePoint at) const {
    std::size_t next = 0;
    while (next < points_.size() && points_[next].time <= at) ++next;
    if (next == 0) return TimeKind::unknown;
    if (next < points_.size() && gap_before(next)) return TimeKind::unknown;
    return kind_of(points_[next - 1].mode);
  }

  bool planned(TimePoint at) const {
    return std::any_of(question_.maintenance.begin(), question_.maintenance.end(),
                       [at](const Interval& window) { return window.contains(at); });
  }

  bool is_transition(std::size_t i) const {
    const auto& record = points_[i].record;
    return record && record->from != record->to && record->trigger != trigger::kRestored;
  }

  bool counts(std::size_t i) const {
    return is_transition(i) && question_.window.contains(points_[i].time) &&
           !planned(points_[i].time);
  }

  bool is_flap(std::size_t i) const {
    const Mode entered = points_[i].record->to;
    for (std::size_t earlier = i; earlier-- > 0 && !gap_before(earlier + 1);) {
      if (!is_transition(earlier) || points_[earlier].record->from != entered) continue;
      return points_[i].time - points_[earlier].time <= question_.flap_window;
    }
    return false;
  }

  // Of the points from `first` on and before `end`, in none of which the mode was primary.
  void add_episode(std::size_t first, std::size_t end, Episodes& found) const {
    const bool open = end == points_.size();
    const bool cut_at_end = !open && gap_before(end);
    const TimePoint begin = points_[first].time;
    const TimePoint last =
        open ? question_.window.end : (cut_at_end ? points_[end - 1].time : points_[end].time);
    if (begin < question_.window.begin && last <= question_.window.begin) return;
    if (begin >= question_.window.end) return;
    const Interval inside = Interval{begin, last}.within(question_.window);
    const ModeTime time = time_of(inside);
    const bool all_planned = time.degraded() == Micros{0} &&
                             (time.of(TimeKind::maintenance) > Micros{0} || planned(begin));
    if (all_planned) return;
    const auto& record = points_[first].record;
    // Whether it is known that the mode was primary just before.
    bool from_primary = record && record->from == Mode::primary;
    if (record && record->trigger == trigger::kRestored) {
      from_primary = first > 0 && !gap_before(first);
    }
    if (begin < question_.window.begin || !from_primary) {
      ++(open ? found.open : found.cut);
    } else if (open || cut_at_end) {
      ++(open ? found.open : found.cut);
    } else {
      found.complete.push_back(time.degraded());
    }
  }

  AuditQuestion question_;
  std::vector<Point> points_;
};

}  // namespace rz::history
