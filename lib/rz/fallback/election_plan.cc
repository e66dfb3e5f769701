#include "rz/fallback/election_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "rz/base/counted.h"
#include "rz/base/text.h"
#include "rz/fallback/flapping.h"

namespace rz::fallback {
namespace {

// A vote is written again once a quarter of its time has passed. So it stands for three quarters of
// it at least after the last evaluation that called for it, and not every one has to write.
constexpr int kRenewals = 4;

constexpr std::size_t kVotersNamed = 3;

// How long the mode must still be called for, by recovery.window. What lies ahead of the clock
// counts from now on.
Micros window_left(const std::optional<TimePoint>& called, const RecoveryOptions& recovery,
                   TimePoint now) {
  if (!called || recovery.window == Millis{0}) return Micros{0};
  return std::max(recovery.window - (now - std::min(*called, now)), Micros{0});
}

// Keeps when each mode was called for last, as far as the window asks for it.
void note_call(HostMemory& memory, Mode called_for, const RecoveryOptions& recovery,
               TimePoint now) {
  for (const Mode mode : {Mode::heuristic, Mode::safe}) {
    auto& last = memory.last_call_for(mode);
    if (mode == called_for && recovery.window > Millis{0}) last = now;
    if (last && *last > now) last = now;
    if (window_left(last, recovery, now) == Micros{0}) last.reset();
  }
}

Mode worst_in_window(const HostMemory& memory) {
  if (memory.last_call_for(Mode::safe)) return Mode::safe;
  return memory.last_call_for(Mode::heuristic) ? Mode::heuristic : Mode::primary;
}

Mode mode_voted_for(const std::optional<Vote>& vote) { return vote ? vote->mode : Mode::primary; }

// `stood_for`: what the host stood for before this evaluation.
void note_flapping(HostMemory& memory, Mode called_for, Mode stood_for,
                   const std::optional<FlappingOptions>& options) {
  if (!options) {
    memory.recent.clear();
    memory.flapping.reset();
    return;
  }
  const Mode worse = std::max(stood_for, last_result(memory.recent));
  add_result(memory.recent, called_for);
  if (!flaps(change_percent(memory.recent), *options, memory.flapping.has_value())) {
    memory.flapping.reset();
    return;
  }
  memory.flapping = std::max({memory.flapping.value_or(worse), worse, called_for});
}

std::string describe_flapping(const HostMemory& memory, const FlappingOptions& options) {
  return fmt::format(
      "recovery is held back: the evaluations of this host flap ({:.4g} % of change in the last "
      "{}), until that is {:.4g} % or less",
      change_percent(memory.recent), kFlapResults, options.low);
}

bool is_due(const Vote& vote, const VoteOptions& options, TimePoint now) {
  return vote.at > now || now - vote.at >= options.ttl / kRenewals;
}

// The vote for `mode`, in place of the one that was found.
void set_vote(Ballot& ballot, const Election& election, Mode mode, const std::string& reason,
              TimePoint now) {
  if (mode == Mode::primary) return;
  const Poll& found = election.found;
  const bool same = found.own && found.own->mode == mode;
  if (same && !is_due(*found.own, election.votes, now)) {
    ballot.vote = found.own;
    return;
  }
  ballot.renewed = same;
  ballot.vote = Vote{election.votes.voter, mode, reason, now, election.votes.ttl};
}

// A vote that is held keeps its reason.
std::string reason_of_vote(const Poll& found, const Decision& decision, Mode vote) {
  if (decision.mode >= vote) return decision.reason;
  return found.own ? found.own->reason : "called for before";
}

std::string names_of(const std::vector<Vote>& votes, Mode mode) {
  std::string names;
  std::size_t count = 0;
  for (const Vote& vote : votes) {
    if (vote.mode < mode) continue;
    if (++count <= kVotersNamed) names += (names.empty() ? "" : ", ") + printable(vote.voter);
  }
  if (count > kVotersNamed) names += fmt::format(" and {} more", count - kVotersNamed);
  return names;
}

// The reason of a mode for which others have voted: theirs, of the newest vote.
std::string reason_of_others(const std::vector<Vote>& votes, Mode mode) {
  const Vote* newest = nullptr;
  for (const Vote& vote : votes) {
    if (vote.mode >= mode && (newest == nullptr || vote.at > newest->at)) newest = &vote;
  }
  if (newest == nullptr) return "votes(seen last)";
  return "votes(" + names_of(votes, mode) + "): " + newest->reason;
}

// The worst mode for which enough votes stand. What others called for once holds the mode up, but
// makes none worse: by now they may have recovered it.
Mode mode_called_for(const Poll& found, const Ballot& ballot, int quorum, Mode held) {
  const Mode known = std::min(found.others_known, held);
  for (const Mode mode : {Mode::safe, Mode::heuristic}) {
    const std::size_t own = mode_voted_for(ballot.vote) >= mode ? 1 : 0;
    const bool enough = count_for(found.others, mode) + own >= static_cast<std::size_t>(quorum);
    if (enough || known >= mode) return mode;
  }
  return Mode::primary;
}

// Why the mode is not the one that this host alone called for.
std::string describe_votes(const Poll& found, Mode called_for, Mode mode, int quorum) {
  if (called_for > mode) {
    // This host's own vote is one of them.
    const std::size_t hosts = count_for(found.others, called_for) + 1;
    return fmt::format("{} is called for by {}, and fallback.votes.quorum asks for {}",
                       to_string(called_for), counted(hosts, "host"), quorum);
  }
  if (found.others_known >= mode &&
      count_for(found.others, mode) < static_cast<std::size_t>(quorum)) {
    return fmt::format("recovery waits: other hosts called for {} when their votes were seen last",
                       to_string(mode));
  }
  return fmt::format("recovery waits: the votes of {} call for {}", names_of(found.others, mode),
                     to_string(mode));
}

std::string unreadable_votes(const Poll& found) {
  if (found.unreadable.empty()) return {};
  return "the vote '" + printable(found.unreadable.front()) + "' cannot be read";
}

// The decision that the votes make of that of this host.
Decision elected(const Decision& own, const Poll& found, Mode mode, Mode held, int quorum) {
  Decision decision = own;
  if (own.is_void || own.mode == mode) return decision;
  decision.mode = mode;
  if (mode > own.mode) {
    decision.reason = reason_of_others(found.others, mode);
    decision.detail.clear();
  } else if (mode < held) {
    decision.reason = fmt::format("votes({} of {})", count_for(found.others, own.mode) + 1, quorum);
  }
  return decision;
}

// How a vote that a host could lower is held.
struct Hold {
  std::int64_t good = 0;  ///< Good evaluations in a row with this one, no more than are needed.
  bool counted = false;   ///< Whether these are enough: then only a floor holds the vote.
  std::string why;
};

Hold hold_vote(const ModeState& state, const Poll& found, const HostMemory& memory, Mode floor,
               const HoldOptions& options, TimePoint now) {
  const std::int64_t needed = options.recovery.good_evaluations;
  Hold hold;
  hold.good = std::min<std::int64_t>(found.memory.good + 1, needed);
  hold.counted = hold.good >= needed;
  Micros left{0};
  if (floor > Mode::primary) {
    left = window_left(memory.last_call_for(floor), options.recovery, now);
  }
  hold.why = hold.counted && memory.flapping
                 ? describe_flapping(memory, *options.flapping)
                 : describe_hold(options.recovery, hold.good, left,
                                 dwell_left(state, options.recovery, now));
  return hold;
}

// What a host votes for, and why that is not the better mode which it called for; empty: it is, or
// it called for none.
struct Cast {
  Ballot ballot;
  std::string held;
};

Cast cast_ballot(const ModeState& state, const Election& election, const Finding& finding,
                 const HoldOptions& options, TimePoint now) {
  const Poll& found = election.found;
  const Mode called_for = finding.decision.mode;
  const std::string unknown = why_not_recover(finding.decision, finding.complete);
  Cast cast{{std::nullopt, false, finding.memory, unknown.empty()}, {}};
  HostMemory& memory = cast.ballot.memory;
  const Mode stood_for = std::max(mode_voted_for(found.own), worst_in_window(found.memory));
  // What is not known speaks for no mode, and makes none flap.
  if (unknown.empty()) note_flapping(memory, called_for, stood_for, options.flapping);
  note_call(memory, called_for, options.recovery, now);
  const Mode floor = std::max(worst_in_window(memory), memory.flapping.value_or(Mode::primary));
  const Mode stands_for = std::max(mode_voted_for(found.own), floor);
  Mode vote = called_for;
  if (called_for >= stands_for) {
    memory.good = 0;
  } else if (!unknown.empty()) {
    vote = stands_for;
    cast.held = unknown;
  } else {
    const Hold hold = hold_vote(state, found, memory, floor, options, now);
    vote = std::max(called_for, hold.counted ? floor : stands_for);
    memory.good = vote > called_for ? hold.good : 0;
    if (vote > called_for) cast.held = hold.why;
  }
  set_vote(cast.ballot, election, vote, reason_of_vote(found, finding.decision, vote), now);
  return cast;
}

}  // namespace

ModePlan plan_election(const ModeState& state, Election& election, const Finding& finding,
                       const HoldOptions& options, TimePoint now) {
  const Poll& found = election.found;
  const Decision& own = finding.decision;
  election.ballot.reset();
  if (own.is_void) return plan_evaluation(state, own, finding.complete, options.recovery, now);

  Cast cast = cast_ballot(state, election, finding, options, now);
  // Who is cut off decides for itself.
  const int quorum = election.is_cut_off ? 1 : election.votes.quorum;
  const Mode mode = mode_called_for(found, cast.ballot, quorum, state.mode);
  Decision decision = elected(own, found, mode, state.mode, quorum);
  if (decision.waits_for.empty()) decision.waits_for = unreadable_votes(found);
  ModeState seen = state;
  seen.good_evaluations = found.memory.good;
  ModePlan plan = plan_evaluation(seen, decision, finding.complete, options.recovery, now);

  // The count is this host's, and is kept with its memory. One of 1 need not be kept.
  const std::int64_t good = plan.next.good_evaluations;
  plan.next.good_evaluations = plan.next.mode == state.mode ? state.good_evaluations : 0;
  const bool pinned = plan.next.pin.has_value();
  std::int64_t& count = cast.ballot.memory.good;
  if (pinned) {
    count = found.memory.good;
  } else if (mode < state.mode) {
    count = std::min<std::int64_t>(good, options.recovery.good_evaluations);
  }
  if (options.recovery.good_evaluations == 1) count = 0;
  if (!pinned && plan.held.empty() && plan.next.mode == state.mode && own.mode != state.mode) {
    plan.held = !cast.held.empty() && own.mode < state.mode
                    ? cast.held
                    : describe_votes(found, own.mode, mode, quorum);
  }
  election.ballot = std::move(cast.ballot);
  return plan;
}

}  // namespace rz::fallback
