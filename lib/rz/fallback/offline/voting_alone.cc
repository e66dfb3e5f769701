#include "rz/fallback/offline/voting_alone.h"

#include <algorithm>
#include <vector>

namespace rz::fallback {

bool may_decide_alone(const Error& error) {
  return is_outage(error) || error.code == ErrorCode::corrupt;
}

void poll_alone(Election* election, const HostNotes& notes, TimePoint now) {
  if (election == nullptr) return;
  election->found = {};
  election->found.memory = notes.memory;
  election->found.others_known = notes.others_at(now, election->votes.ttl);
  election->is_cut_off = true;
}

std::optional<HostNotes> notes_after(const Election* election, const HostNotes& before,
                                     TimePoint now, const std::string& lineage) {
  if (election == nullptr || !election->ballot) return std::nullopt;
  HostNotes notes = before;
  notes.memory = election->ballot->memory;
  notes.memory_is_ahead = election->is_cut_off && notes.memory != before.memory;
  if (election->is_cut_off) {
    notes.memory_is_ahead = notes.memory_is_ahead || before.memory_is_ahead;
    return notes;
  }
  // Until it runs out, what was known before the votes were lost is all that is known.
  if (election->found.others_known == Mode::primary) {
    std::vector<Vote> votes = election->found.others;
    const Mode of_others = mode_of(votes, 1);
    if (election->ballot->vote) votes.push_back(*election->ballot->vote);
    notes.others = std::min(of_others, mode_of(votes, election->votes.quorum));
    notes.others_seen = now;
    notes.others_lineage = lineage;
  }
  return notes;
}

void leave_unrecorded(ModeChange& change) {
  const ModeState& before = change.before;
  ModeState& after = change.after;
  after.owed = before.owed;
  after.epoch = before.epoch;
  after.entered = before.entered;
  if (change.transition) change.transition->epoch.reset();
}

}  // namespace rz::fallback
