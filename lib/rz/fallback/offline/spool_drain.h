#pragma once

#include "rz/base/result.h"
#include "rz/fallback/fallback_options.h"
#include "rz/fallback/mode_store.h"
#include "rz/fallback/offline/drain_report.h"
#include "rz/fallback/offline/host_time.h"
#include "rz/fallback/offline/restore.h"
#include "rz/fallback/offline/spool.h"

namespace rz::fallback {

/// Brings the decisions of an outage into the store, in their order, each exactly once, whatever
/// crashes in between: an entry leaves the spool after the store has acknowledged it, and one whose
/// write took effect already is known by its token.
///
/// If nobody has decided since the host lost the store, an entry is written as the decision would
/// have been: state, epoch and record. If others have decided meanwhile, their decision holds, and
/// the entry becomes a record of the history only, with its own time, the trigger `offline` and no
/// epoch: it was the mode of one host that was cut off, never that of the system. What a store has
/// lost is put back first, so that the loss does not look like a decision of others.
///
/// What this host decided for itself alone by an evaluation is the system's mode only if the votes
/// that stand by then make it so: a worse mode if enough others call for it, too, where
/// `votes.quorum` is more than 1; a better one unless others call for a worse.
///
/// A decision that was made too early, by a clock that was ahead of the store's (a pin that ran
/// out, a recovery), does not hold, either. Its records keep their times, because a drain that is
/// repeated finds by them what it has written.
///
/// If an attempt took effect, it counts, and the decision that replaced it does not. An attempt
/// that may still arrive is written, so that it cannot arrive later; one that can no longer arrive
/// is dropped. Calls that were made during the outage are removed from the store's list.
///
/// A pin of an outage holds by the store's clock for as long as it was given for, from when it was
/// given: how long ago that is, the machine knows also where its clock was wrong.
///
/// `now` is when the store is seen. Errors: those of the store; what was not acknowledged stays in
/// the spool.
Result<DrainReport> drain_spool(Spool& spool, ModeStore& store, AskHistory ask, const HostTime& now,
                                const RestoredHook& on_restored = {},
                                const VoteOptions& votes = {});

}  // namespace rz::fallback
