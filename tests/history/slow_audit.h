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
    // What is known at first is the first thing in the list, with what led to it.
    if (known) {
      for (const Transition& record : known->records) put(record, TimePoint::min());
      if (known->records.empty()) {
        points_.push_back({known->time, known->mode, {}, known->epoch});
      }
    }
    std::vector<Transition> left = records;
    while (!left.empty()) {
      const std::vector<Transition> before = decided_before_first(left);
      for (const Transition& record : before) {
        put(record, from);
        left.erase(std::find(left.begin(), left.end(), record));
      }
      put(left.front(), from);
      left.erase(left.begin());
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

  /// The episodes in the order of time.
  std::vector<Episode> episodes() const {
    std::vector<Episode> found;
    std::size_t i = 0;
    while (i < points_.size()) {
      if (points_[i].mode == Mode::primary) {
        ++i;
        continue;
      }
      std::size_t end = i + 1;
      while (end < points_.size() && points_[end].mode != Mode::primary && !gap_before(end)) ++end;
      if (const auto one = episode_of(i, end)) found.push_back(*one);
      i = end;
    }
    return found;
  }

  /// The stretches of these modes, the longest first.
  std::vector<Stretch> stretches(const std::vector<Mode>& modes) const {
    std::vector<Stretch> found;
    for (std::size_t i = 0; i < points_.size();) {
      std::size_t end = i + 1;
      while (end < points_.size() && points_[end].mode == points_[i].mode && !gap_before(end))
        ++end;
      const Interval when{points_[i].time, end_of_points(end)};
      const TimeKind kind = kind_of(points_[i].mode);
      const Micros length = time_of(when.within(question_.window)).of(kind);
      const bool asked = std::find(modes.begin(), modes.end(), points_[i].mode) != modes.end();
      if (asked && length > Micros{0}) found.push_back({when, kind, length, points_[i].record});
      i = end;
    }
    std::stable_sort(found.begin(), found.end(),
                     [](const Stretch& a, const Stretch& b) { return a.length > b.length; });
    return found;
  }

  /// How fast a budget of `allowed`, a share, was spent in the last `length` of the window.
  std::optional<double> burn_rate(Micros length, double allowed) const {
    const ModeTime time = time_of({question_.window.end - length, question_.window.end});
    if (time.counted() == Micros{0}) return std::nullopt;
    return static_cast<double>(time.degraded().count()) /
           static_cast<double>(time.counted().count()) / allowed;
  }

  std::size_t transitions_in(const Interval& when) const {
    std::size_t count = 0;
    for (std::size_t i = 0; i < points_.size(); ++i) {
      count += counts(i) && when.contains(points_[i].time) ? 1 : 0;
    }
    return count;
  }

  std::size_t flaps_in(const Interval& when) const {
    std::size_t count = 0;
    for (std::size_t i = 0; i < points_.size(); ++i) {
      count += counts(i) && is_flap(i) && when.contains(points_[i].time) ? 1 : 0;
    }
    return count;
  }

 private:
  struct Point {
    TimePoint time;
    Mode mode;
    std::optional<Transition> record;
    std::optional<std::int64_t> known_epoch;
  };

  void put(const Transition& record, TimePoint earliest) {
    if (record.trigger == trigger::kOffline) return;
    if (!points_.empty()) earliest = points_.back().time;
    points_.push_back({std::max(record.timestamp, earliest), record.to, record, {}});
  }

  // The records behind the first of those that are left which the system decided before it: if all
  // that are missing between it and the last point are there, before anything that begins anew.
  std::vector<Transition> decided_before_first(const std::vector<Transition>& left) const {
    const Transition& first = left.front();
    const auto last = points_.empty() ? std::nullopt : epoch_at(points_.size() - 1);
    const bool tells = is_decision(first) && first.trigger != trigger::kForgotten;
    if (!tells || !last || !first.epoch || *first.epoch <= *last + 1) return {};
    const auto anew = std::find_if(left.begin(), left.end(), [&](const Transition& record) {
      return record.trigger != trigger::kOffline && record.epoch && *record.epoch <= *last;
    });
    Mode mode = points_.back().mode;
    const auto is_next = [&](const Transition& record, std::int64_t epoch) {
      return record.epoch == epoch && record.from == mode && record.to != mode &&
             is_decision(record);
    };
    std::vector<Transition> found;
    for (std::int64_t epoch = *last + 1; epoch < *first.epoch; ++epoch) {
      const auto next = std::find_if(
          left.begin() + 1, anew, [&](const Transition& record) { return is_next(record, epoch); });
      if (next == anew) return {};
      found.push_back(*next);
      mode = next->to;
    }
    return is_next(first, *first.epoch) ? found : std::vector<Transition>{};
  }

  static bool is_decision(const Transition& record) {
    return record.trigger != trigger::kOffline && record.trigger != trigger::kRestored;
  }

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

  // When what began before point `end` ended, or was last known.
  TimePoint end_of_points(std::size_t end) const {
    if (end == points_.size()) return std::max(question_.window.end, points_[end - 1].time);
    return gap_before(end) ? points_[end - 1].time : points_[end].time;
  }

  // Which mode was left at point `i`; nothing: it is not known.
  std::optional<Mode> mode_before(std::size_t i) const {
    const auto& record = points_[i].record;
    if (!record) return std::nullopt;
    if (record->trigger != trigger::kRestored) return record->from;
    if (i == 0 || gap_before(i)) return std::nullopt;
    return points_[i - 1].mode;
  }

  // Of the points from `first` on and before `end`, in none of which the mode was primary.
  std::optional<Episode> episode_of(std::size_t first, std::size_t end) const {
    const Interval& window = question_.window;
    Episode found;
    found.begin = points_[first].time;
    found.end = end_of_points(end);
    found.ended = EpisodeEnd::recovered;
    if (end == points_.size()) {
      found.ended = EpisodeEnd::open;
      found.end = window.end;
    } else if (gap_before(end)) {
      found.ended = EpisodeEnd::cut;
    }
    if (found.begin < window.begin && found.end <= window.begin) return std::nullopt;
    if (found.begin >= window.end) return std::nullopt;
    const ModeTime time = time_of(Interval{found.begin, found.end}.within(window));
    found.length = time.degraded();
    found.maintenance = time.of(TimeKind::maintenance);
    const bool all_planned =
        found.length == Micros{0} &&
        (found.maintenance > Micros{0} || planned(std::max(found.begin, read_from(question_))));
    if (all_planned) return std::nullopt;
    found.begin_known = mode_before(first) == Mode::primary;
    found.begun_before = !found.begin_known || found.begin < window.begin;
    for (std::size_t i = first; i < end; ++i) tell_point(i, found);
    return found;
  }

  // What point `i` adds to its episode.
  void tell_point(std::size_t i, Episode& episode) const {
    const auto& record = points_[i].record;
    const auto left = mode_before(i);
    const bool worse = record && (!left || record->to > *left);
    const bool entered = worse || points_[i].time == episode.begin;
    const Interval held{points_[i].time, end_of_points(i + 1)};
    const bool in_window = entered && points_[i].time >= question_.window.begin;
    if (in_window || !held.within(question_.window).empty()) {
      episode.worst = std::max(episode.worst, points_[i].mode);
    }
    if (!worse) return;
    if (episode.reasons.empty()) episode.epoch = record->epoch;
    auto& reasons = episode.reasons;
    const bool is_new = std::find(reasons.begin(), reasons.end(), record->reason) == reasons.end();
    if (is_new) reasons.push_back(record->reason);
  }

  AuditQuestion question_;
  std::vector<Point> points_;
};

}  // namespace rz::history
