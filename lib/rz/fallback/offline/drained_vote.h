#pragma once

#include <vector>

#include "rz/base/clock.h"
#include "rz/fallback/election.h"
#include "rz/fallback/fallback_options.h"
#include "rz/fallback/history/transition.h"
#include "rz/fallback/offline/spool_entry.h"
#include "rz/fallback/vote.h"
#include "rz/storage/storage.h"

namespace rz::fallback {

/// Whether the entry is what its host decided by an evaluation, for itself alone.
bool is_evaluated(const SpoolEntry& entry);

/// Whether the votes of `others` make another mode of what a host decided for itself alone. Its own
/// vote counts for what it decided.
bool is_outvoted(const Transition& record, const std::vector<Vote>& others, int quorum);

/// The vote that the host would have cast with its decision. None without a voter's name.
Batch vote_of(const Transition& record, Poll found, const VoteOptions& options, TimePoint now);

}  // namespace rz::fallback
