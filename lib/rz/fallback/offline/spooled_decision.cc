#include "rz/fallback/offline/spooled_decision.h"

#include <cstddef>

#include "rz/fallback/mode_store.h"
#include "rz/fallback/offline/drained_calls.h"

namespace rz::fallback {

bool is_order(const SpoolEntry& entry) {
  const bool ran_out = entry.transition && entry.transition->trigger == trigger::kPinExpired;
  return entry.after.pin != entry.before.pin && !ran_out;
}

bool is_decision(const SpoolEntry& entry) {
  return entry.transition || entry.after.pin != entry.before.pin;
}

bool same_decision(const ModeState& a, const ModeState& b) {
  if (!a.decision.empty() || !b.decision.empty()) return a.decision == b.decision;
  return a.mode == b.mode && a.epoch == b.epoch && a.since == b.since && a.pin == b.pin;
}

bool is_acknowledged_transition(const SpoolEntry& entry) {
  return entry.transition && entry.transition->changes_mode() && !entry.attempt;
}

bool are_same_transition(const SpoolEntry& attempt, const SpoolEntry& anew) {
  return attempt.transition && attempt.transition->changes_mode() && anew.transition &&
         anew.transition->changes_mode() && attempt.transition->to == anew.transition->to;
}

bool makes_another_transition(const SpoolEntry& entry, const SpoolEntry& stands) {
  return is_acknowledged_transition(entry) && !are_same_transition(stands, entry);
}

bool is_premature(const SpoolEntry& entry, TimePoint shared) {
  if (!entry.transition || entry.attempt) return false;
  const Transition& record = *entry.transition;
  const bool ran_out = record.trigger == trigger::kPinExpired;
  const bool better = record.to < record.from && record.trigger == trigger::kEvaluation;
  if (!ran_out && !better) return false;
  const bool pin_holds = ran_out && entry.before.pin && entry.before.pin->until &&
                         *entry.before.pin->until > shared && entry.before.pin->set_at <= shared;
  return pin_holds || record.timestamp > shared + kStoreClockTolerance;
}

ModeState rebased(const SpoolEntry& entry, const ModeState& now, TimePoint time) {
  ModeState next = entry.after;
  next.version = now.version;
  stamp(next, entry.after.writer);
  next.lineage = now.lineage.empty() ? entry.after.lineage : now.lineage;
  next.ancestors = now.ancestors;
  next.begun_anew = now.begun_anew;
  next.orders = now.orders;
  next.decisions = now.decisions;
  if (entry.after.decision == next.writer) note_decision(next);
  next.epoch = now.epoch + (entry.after.epoch - entry.before.epoch);
  for (std::size_t mode = 0; mode < next.entered.size(); ++mode) {
    next.entered[mode] =
        now.entered[mode] + (entry.after.entered[mode] - entry.before.entered[mode]);
  }
  if (entry.after.since == entry.before.since) next.since = now.since;
  if (entry.after.pin == entry.before.pin) {
    // The pin may have run out, and been removed, since.
    next.pin = now.pin;
    next.pin_from = now.pin_from;
  } else if (next.pin) {
    next.pin->lineage = next.lineage;
    next.pin->version = next.version;
  }
  if (is_order(entry)) note_order(next);
  next.owed = now.owed;
  next.ended = now.ended;
  next.failed_calls = now.failed_calls;
  apply_call_changes(entry, time, next);
  for (const OwedCallback& owed : entry.after.owed) {
    const bool is_new = find_call(entry.before.owed, owed.transition.writer) == nullptr;
    if (is_new) owe_unless_over(owed, next);
  }
  return next;
}

bool set_pin_by(TimePoint shared, const HostTime& here, const SpoolEntry& entry, ModeState& next) {
  if (!next.pin || entry.after.pin == entry.before.pin) return false;
  const auto age = time_since(entry.made, here.uptime);
  const TimePoint given = age ? shared - *age : next.pin->set_at - (here.now - shared);
  if (!clocks_differ(given, next.pin->set_at)) return false;
  const Micros shift = given - next.pin->set_at;
  next.pin->set_at += shift;
  if (next.pin->until) *next.pin->until += shift;
  return true;
}

bool will_hold(const ModeState& there, const std::vector<SpoolEntry>& entries) {
  const SpoolEntry* first = nullptr;
  for (const SpoolEntry& entry : entries) {
    if (!is_decision(entry)) continue;
    // An interrupted drain got this far, or a commit arrived late.
    if (there.decision == entry.after.writer) return true;
    if (first == nullptr) first = &entry;
  }
  return first == nullptr || same_decision(there, first->before);
}

}  // namespace rz::fallback
