#include "rz/history/mode_timeline.h"

#include <algorithm>

namespace rz::history {
namespace {

RecordKind record_kind(const Transition& record) {
  if (record.trigger == trigger::kOffline) return RecordKind::offline;
  if (record.trigger == trigger::kRestored) return RecordKind::restored;
  return record.changes_mode() ? RecordKind::transition : RecordKind::pin;
}

TimeKind kind_or_unknown(std::optional<Mode> mode) {
  return mode ? kind_of(*mode) : TimeKind::unknown;
}

}  // namespace

Segment ModeTimeline::know(const KnownMode& known) {
  const TimePoint time = std::max(known.time, at_);
  const Segment before{{at_, time}, kind_or_unknown(mode_)};
  at_ = time;
  mode_ = known.mode;
  epoch_ = known.epoch;
  return before;
}

// Whether nothing is missing between `record` and the one before it, as far as they tell.
bool ModeTimeline::follows(const Transition& record) const {
  // It leaves the mode that the store showed after its loss, which was never the system's. Only the
  // epoch tells whether transitions were lost.
  if (record.trigger == trigger::kRestored) {
    return epoch_ && record.epoch && *record.epoch == *epoch_ + 1;
  }
  if (record.from != *mode_) return false;
  // A lower epoch is that of another memory: the history of another store was imported.
  return !epoch_ || !record.epoch || *record.epoch <= *epoch_ + 1;
}

bool ModeTimeline::skips_to(const Transition& record) const {
  const bool tells = record.trigger != trigger::kOffline && record.trigger != trigger::kRestored &&
                     record.trigger != trigger::kForgotten;
  return tells && mode_ && epoch_ && record.epoch && *record.epoch > *epoch_ + 1;
}

bool ModeTimeline::continues_with(const Transition& record) const {
  return record_kind(record) == RecordKind::transition && mode_ && epoch_ &&
         record.epoch == *epoch_ + 1 && record.from == *mode_;
}

bool ModeTimeline::goes_back_to(const Transition& record) const {
  return record.trigger != trigger::kOffline && epoch_ && record.epoch && *record.epoch <= *epoch_;
}

void ModeTimeline::note_epoch(const Transition& record) {
  if (record.trigger == trigger::kForgotten) {
    epoch_ = record.epoch.value_or(0);
  } else if (record.epoch || record.changes_mode()) {
    epoch_ = record.epoch;
  }
}

Step ModeTimeline::add(const Transition& record) {
  Step step;
  step.kind = record_kind(record);
  step.time = std::max(record.timestamp, at_);
  step.before.when = {step.time, step.time};
  if (step.kind == RecordKind::offline) return step;
  step.out_of_order = record.timestamp < at_;
  const bool follows_last = mode_ && follows(record);
  // What was put back after a loss says itself that something is missing.
  step.gap = !follows_last && (mode_ || step.kind == RecordKind::restored);
  step.before = {{at_, step.time}, follows_last ? kind_of(*mode_) : TimeKind::unknown};
  if (step.kind != RecordKind::restored) {
    step.mode_before = record.from;
  } else if (follows_last) {
    step.mode_before = mode_;
  }
  note_epoch(record);
  at_ = step.time;
  mode_ = record.to;
  return step;
}

Segment ModeTimeline::finish(TimePoint end) const {
  return {{at_, std::max(end, at_)}, kind_or_unknown(mode_)};
}

}  // namespace rz::history
