#pragma once

#include <optional>
#include <string>

#include "rz/base/clock.h"
#include "rz/fallback/mode_state.h"

namespace rz::fallback {

/// Whether a store that holds `there` knows less than `known`, which was seen in it or written to
/// it: it was emptied, has evicted the mode, was set back to an older copy, or was replaced by
/// another store. Lineages, versions and the tokens of decisions tell, never a clock. A store that
/// a person has begun anew since has lost nothing, even if whoever did that knew less than `known`
/// does.
///
/// Cannot be noticed: that a store was set back, and others have since decided kDecisionsMax times.
bool has_lost(const ModeState& there, const ModeState& known);

/// Makes `next` the successor of `other`: to a host that knows the lineage of `other`, up to its
/// version, and its decisions, `next` is the later state.
void take_place_of(ModeState& next, const ModeState& other);

/// What a store that has lost its memory is to hold: what was known, or what it says now where that
/// is the worse mode, for others may have decided so since. An order that `known` knows and an
/// older copy does not outranks what is evaluated. An order that a person gave since, and that
/// `known` was written without knowing of, outranks both: a pin, or a release that left a worse
/// mode than the known one. A pin that is in an old copy and was released later stays released.
/// Version and epoch are those of the later of the two; the caller moves them on. The lineage is
/// new, so that a host that had seen still more puts that back in its turn.
ModeState restored(const ModeState& there, const ModeState& known, TimePoint now);

/// Why restored() keeps what the store holds: an order that was given there since. For people, who
/// may rely on the one that does not hold. Empty: nothing of that kind.
std::string describe_overruled(const ModeState& there, const ModeState& known, TimePoint now);

/// What a host that has seen `known` should be told if a person has begun the store anew since, and
/// what it holds does not say that it takes the place of `known`: it may also be an older copy.
/// Empty: there is nothing to tell.
std::string describe_beginning(const ModeState& there, const ModeState& known);

/// What a person should know: what the store says, and what this host had seen in it, or, if that
/// is what `known` is from, what its own history says.
enum class KnownFrom { host, history };
std::string describe_loss(const ModeState& there, const ModeState& known,
                          KnownFrom from = KnownFrom::host);

}  // namespace rz::fallback
