#pragma once

#include <optional>

#include "rz/base/clock.h"
#include "rz/base/result.h"
#include "rz/fallback/election.h"
#include "rz/fallback/mode_keeper.h"
#include "rz/fallback/offline/host_notes.h"

namespace rz::fallback {

/// Whether a host may decide for itself alone after this error of the store: that is away, or there
/// but damaged, which must not prevent a safer mode, either.
bool may_decide_alone(const Error& error);

/// Fills in what a host finds that is cut off: it has its own vote alone, and goes on with what it
/// remembers. What others called for a moment ago they may still call for. `election` may be null.
void poll_alone(Election* election, const HostNotes& notes, TimePoint now);

/// What a host keeps of an evaluation in place of `before`; `lineage`: of the state that the store
/// holds after it. Nothing: there was no evaluation, or it left nothing.
std::optional<HostNotes> notes_after(const Election* election, const HostNotes& before,
                                     TimePoint now, const std::string& lineage);

/// Takes away what others would see of a transition that is recorded nowhere: the call that it
/// owes, its epoch and its count.
void leave_unrecorded(ModeChange& change);

}  // namespace rz::fallback
