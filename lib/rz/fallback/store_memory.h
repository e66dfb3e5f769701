#pragma once

#include <optional>
#include <string>

#include "rz/base/clock.h"
#include "rz/fallback/mode_state.h"

namespace rz {

/// Whether a store that holds `there` knows less than `known`, which was seen in it or put there:
/// it was emptied, has evicted the mode, was set back to an older copy, or another store stands at
/// its place. Decided by lineages and versions, which the store orders; never by a clock.
///
/// Not seen: that a store was set back and others have then written more often than had been
/// written before.
bool has_lost(const ModeState& there, const ModeState& known);

/// Makes `next` the successor of `other`: whoever knows other's lineage, and no more of it than
/// `other` does, takes `next` for later.
void take_place_of(ModeState& next, const ModeState& other);

/// What a store that has lost its memory is to hold: what was known, and what it says now where
/// that is worse. A pin that is known stands again, unless a person has set another one since.
/// Version and epoch are those of the later of the two; the caller moves them on. The lineage is
/// new, so that a host that had seen still more puts that back in its turn.
ModeState restored(const ModeState& there, const ModeState& known, TimePoint now);

/// What a person should know: what the store says, and what this host had seen in it.
std::string describe_loss(const ModeState& there, const ModeState& known);

}  // namespace rz
