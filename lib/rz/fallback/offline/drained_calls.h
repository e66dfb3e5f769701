#pragma once

#include <string>
#include <vector>

#include "rz/base/clock.h"
#include "rz/fallback/mode_state.h"
#include "rz/fallback/offline/spool_entry.h"

namespace rz::fallback {

/// What a decision that waited on this host did to calls, done to the state of the store, in which
/// others may have changed them since. Doing it twice has the same effect as once, since an entry
/// that could not be removed from the spool is settled again.

/// What it did to calls that were owed before it: they ended, a run failed, or a person asked for
/// them again. `now`: by the time that all hosts share.
void apply_call_changes(const SpoolEntry& entry, TimePoint now, ModeState& next);

/// Calls that a person asked for again, and that are not owed in the store.
void add_calls_asked_for(const SpoolEntry& entry, ModeState& next);

/// Adds a call of a new transition, unless it is owed or over there.
void owe_unless_over(const OwedCallback& owed, ModeState& next);

/// What a person was told to be done about calls, and `state`, to which the entry was applied, does
/// not follow: a sentence each.
std::vector<std::string> lost_orders_about_calls(const SpoolEntry& entry, const ModeState& state);

}  // namespace rz::fallback
