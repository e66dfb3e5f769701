#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "rz/base/clock.h"
#include "rz/fallback/history/transition.h"
#include "rz/fallback/mode.h"
#include "rz/history/mode_time.h"

namespace rz::history {

/// What a record is to the mode of the system.
enum class RecordKind {
  transition,  ///< It changed the mode.
  pin,         ///< A pin was set, released or ran out, or the memory was begun anew; same mode.
  restored,    ///< The store had lost its memory, and the mode was put back.
  offline,     ///< It was the mode of one host alone, and says nothing of the system.
};

/// That the mode was known at a time, from something else than a record that is audited.
struct KnownMode {
  TimePoint time{};
  Mode mode = Mode::primary;
  std::optional<std::int64_t> epoch{};  ///< Of the last transition until then.
  /// What led to it, the oldest first: the records since primary was left, or since it was entered.
  /// They are not audited, but tell why the mode holds. May be empty, or begin later than that.
  std::vector<Transition> records{};
};

/// What a record adds to a timeline.
struct Step {
  RecordKind kind = RecordKind::transition;
  TimePoint time{};           ///< When it counts from.
  Segment before{};           ///< The stretch that it ends; empty if no time has passed.
  bool out_of_order = false;  ///< Its time is before that of the record before it.
  /// Records between it and the one before it are missing, so that the time between is unknown.
  bool gap = false;
  /// Whether it tells what the mode was just before it, although that time is unknown.
  std::optional<Mode> mode_before{};
};

/// Follows the mode of the system through the records of a history, in the order of decisions (see
/// DecisionOrder).
///
/// Their times come from the clocks of several hosts. A record whose time is before that of its
/// predecessor counts from the predecessor's time, so that time never runs backwards and no stretch
/// is counted twice.
///
/// Records may be missing: pruned, expired, unreadable, never written. That shows when the next
/// one leaves another mode than the last one entered, or when epochs are left out. Then nobody
/// knows when the mode changed, and all of the time between the two is unknown.
class ModeTimeline {
 public:
  /// Nothing is known at `begin`.
  explicit ModeTimeline(TimePoint begin) : at_(begin) {}

  /// Says which mode held from `known.time`, or `begin` if that is later, on. Before any record.
  Segment know(const KnownMode& known);

  /// Whether epochs are left out between the record before and `record`.
  bool skips_to(const Transition& record) const;
  /// Whether `record` is the very next decision, by epoch and mode.
  bool continues_with(const Transition& record) const;
  /// Whether `record` has an epoch that was passed already: it is of another memory.
  bool goes_back_to(const Transition& record) const;

  /// `record` comes next.
  Step add(const Transition& record);

  /// The last stretch, up to `end`. `end` may not be before the last record; else it is empty.
  Segment finish(TimePoint end) const;

  /// The mode now; nothing: unknown.
  std::optional<Mode> mode() const { return mode_; }

 private:
  bool follows(const Transition& record) const;
  void note_epoch(const Transition& record);

  TimePoint at_;
  std::optional<Mode> mode_{};
  std::optional<std::int64_t> epoch_{};
};

}  // namespace rz::history
