#pragma once

#include <string>

#include "rz/base/clock.h"
#include "rz/base/value.h"
#include "rz/fallback/host_memory.h"
#include "rz/fallback/mode.h"

namespace rz::fallback {

/// What a host keeps of its evaluations and of the votes, beside the state that it saw last: it
/// goes on with that while the store is away.
struct HostNotes {
  HostMemory memory{};
  /// Whether the memory was changed while the store was away, so that the store has an older one.
  bool memory_is_ahead = false;
  /// The worst mode for which enough hosts had voted, others with this one, when the votes of
  /// others were seen last; primary: there were none of others.
  Mode others = Mode::primary;
  TimePoint others_seen{};       ///< When that was, by this host's clock.
  std::string others_lineage{};  ///< ModeState::lineage then: another one has lost those votes.

  /// Whether nothing is lost if this is kept, and not `newer`.
  bool is_as_good_as(const HostNotes& newer) const;
  /// What others call for as far as this host knows, at `now`: a vote counts for `ttl`, whether the
  /// clock was set forward or back since.
  Mode others_at(TimePoint now, Millis ttl) const;

  bool operator==(const HostNotes&) const = default;
};

/// Adds the members that keep them; none where there is nothing to say.
void add_members(Value& object, const HostNotes& notes);
HostNotes host_notes_of(const Value& object);

}  // namespace rz::fallback
