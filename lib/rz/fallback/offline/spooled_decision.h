#pragma once

#include <vector>

#include "rz/base/clock.h"
#include "rz/fallback/mode_state.h"
#include "rz/fallback/offline/host_time.h"
#include "rz/fallback/offline/spool_entry.h"

/// What an entry of the spool means for a state of the store. Functions without side effects.
namespace rz::fallback {

/// Whether a person ordered a pin or its end. A pin that ran out was not ordered by anybody.
bool is_order(const SpoolEntry& entry);

/// Counts of good evaluations and calls that are owed are not decisions.
bool is_decision(const SpoolEntry& entry);

/// Whether nobody has decided anything between the two. States of an rz that wrote no tokens of
/// decisions are compared by what was decided.
bool same_decision(const ModeState& a, const ModeState& b);

/// Whether it entered a mode, and that was answered to whoever asked.
bool is_acknowledged_transition(const SpoolEntry& entry);

/// Whether both entered the same mode. A pin on a mode that held already enters none.
bool are_same_transition(const SpoolEntry& attempt, const SpoolEntry& anew);

/// Whether `entry` made a transition for which the attempt that stands for it does not: this host
/// took another mode for the present one. Its call may have run, so that the history must have it.
bool makes_another_transition(const SpoolEntry& entry, const SpoolEntry& stands);

/// Whether a clock that was ahead ended a pin or a dwell time that had not ended by the store's
/// clock, which says `shared`. A worse mode and an order of a person hold all the same.
bool is_premature(const SpoolEntry& entry, TimePoint shared);

/// Applies to the current state what the entry did to an older one. `time`: by the clock that all
/// hosts share.
ModeState rebased(const SpoolEntry& entry, const ModeState& now, TimePoint time);

/// Moves the pin of `next` that the entry set by a clock that differs from the store's, which says
/// `shared`; returns whether it did. If the machine was started since, its clock is taken to have
/// been as wrong then as it is now.
bool set_pin_by(TimePoint shared, const HostTime& here, const SpoolEntry& entry, ModeState& next);

/// Whether the decisions that wait in `entries` will be those of a store that holds `there`; else
/// others have decided meanwhile, and they will be in its history only.
bool will_hold(const ModeState& there, const std::vector<SpoolEntry>& entries);

}  // namespace rz::fallback
