#include "rz/fallback/election_plan.h"

#include <doctest/doctest.h>

#include <chrono>
#include <string>

#include "fallback/fallback_support.h"

namespace rz::fallback {
namespace {

using std::chrono::minutes;

/// A host, and what it finds.
struct ElectionFixture {
  ModeState state{};
  Election election{};
  HoldOptions options{};
  Decision decision{};
  bool complete = true;

  ElectionFixture() { election.votes.voter = "me"; }

  void call_for(Mode mode) {
    decision.mode = mode;
    decision.reason = mode == Mode::primary ? "recovered" : "why";
  }
  void vote(const std::string& voter, Mode mode) {
    const Vote vote{voter, mode, "their reason", at(0)};
    if (voter == "me") {
      election.found.own = vote;
      election.found.own_bytes = "bytes";
    } else {
      election.found.others.push_back(vote);
    }
  }
  ModePlan plan(TimePoint now = at(0)) {
    return plan_election(state, election, {decision, complete, election.found.memory}, options,
                         now);
  }
  Mode voted() const {
    return election.ballot && election.ballot->vote ? election.ballot->vote->mode : Mode::primary;
  }
};

TEST_CASE_FIXTURE(ElectionFixture, "alone, the vote and the mode are what is called for") {
  for (const Mode mode : {Mode::primary, Mode::heuristic, Mode::safe}) {
    call_for(mode);
    CHECK(plan().next.mode == mode);
    CHECK(voted() == mode);
    CHECK(election.changes_vote() == (mode != Mode::primary));
    CHECK(plan().held == "");
  }
}

TEST_CASE_FIXTURE(ElectionFixture, "a vote is renewed once a quarter of its time has passed") {
  state.mode = Mode::safe;
  vote("me", Mode::safe);
  call_for(Mode::safe);
  election.votes.ttl = minutes{4};
  plan(at(59));
  CHECK_FALSE(election.changes_vote());
  CHECK(election.ballot->vote == election.found.own);
  plan(at(60));
  CHECK(election.changes_vote());
  CHECK(election.ballot->vote->at == at(60));
  CHECK(election.ballot->vote->reason == "why");
  // A vote of the future is one of a clock that was wrong.
  plan(at(-1));
  CHECK(election.changes_vote());
}

TEST_CASE_FIXTURE(ElectionFixture, "a vote that is held keeps its reason and is renewed") {
  state.mode = Mode::safe;
  vote("me", Mode::safe);
  call_for(Mode::primary);
  decision.undecided = "too little is known";
  const ModePlan plan_of = plan(at(1000));
  CHECK(plan_of.next == state);
  CHECK(plan_of.held == "recovery waits until more is known: too little is known");
  CHECK(voted() == Mode::safe);
  CHECK(election.ballot->vote->reason == "their reason");
  CHECK(election.ballot->renewed);
  CHECK_FALSE(election.ballot->knows);
}

TEST_CASE_FIXTURE(ElectionFixture, "a worse mode is voted for at once, whatever holds recovery") {
  options.recovery = {.good_evaluations = 9, .window = minutes{9}, .dwell = minutes{9}};
  options.flapping = FlappingOptions{};
  complete = false;
  call_for(Mode::heuristic);
  CHECK(plan().next.mode == Mode::heuristic);
  vote("me", Mode::heuristic);
  state.mode = Mode::heuristic;
  call_for(Mode::safe);
  CHECK(plan().next.mode == Mode::safe);
  CHECK(voted() == Mode::safe);
}

TEST_CASE_FIXTURE(ElectionFixture, "what the votes of others make of it is said") {
  vote("b", Mode::safe);
  vote("c", Mode::heuristic);
  vote("d", Mode::safe);
  state.mode = Mode::safe;
  call_for(Mode::primary);
  CHECK(plan().held == "recovery waits: the votes of b, d call for safe");
  election.votes.quorum = 3;
  const ModePlan better = plan();
  CHECK(better.next.mode == Mode::heuristic);
  CHECK(better.next.reason == "votes(b, c, d): their reason");
  call_for(Mode::safe);
  CHECK(plan().next.mode == Mode::safe);
  election.votes.quorum = 4;
  const ModePlan outvoted = plan();
  CHECK(outvoted.next.mode == Mode::heuristic);
  CHECK(outvoted.next.reason == "votes(3 of 4)");
}

TEST_CASE_FIXTURE(ElectionFixture, "many voters are counted, not all named") {
  for (const char* voter : {"b", "c", "d\n", "e", "f"}) vote(voter, Mode::safe);
  state.mode = Mode::safe;
  call_for(Mode::primary);
  CHECK(plan().held == "recovery waits: the votes of b, c, d\\n and 2 more call for safe");
}

TEST_CASE_FIXTURE(ElectionFixture,
                  "who is cut off needs nobody, and holds what others called for") {
  election.is_cut_off = true;
  election.votes.quorum = 5;
  call_for(Mode::safe);
  CHECK(plan().next.mode == Mode::safe);
  state.mode = Mode::safe;
  call_for(Mode::primary);
  CHECK(plan().next.mode == Mode::primary);
  election.found.others_known = Mode::heuristic;
  CHECK(plan().next.mode == Mode::heuristic);
  CHECK(plan().next.reason == "votes(seen last)");
  election.found.others_known = Mode::safe;
  CHECK(plan().next.mode == Mode::safe);
  CHECK(plan().held ==
        "recovery waits: other hosts called for safe when their votes were seen last");
}

TEST_CASE_FIXTURE(ElectionFixture, "what others called for once makes no mode worse") {
  for (const bool cut_off : {true, false}) {
    election.is_cut_off = cut_off;
    election.found.others_known = Mode::safe;
    state.mode = Mode::primary;
    call_for(Mode::primary);
    CHECK(plan().next.mode == Mode::primary);
    call_for(Mode::heuristic);
    CHECK(plan().next.mode == Mode::heuristic);
    CHECK(plan().next.reason == "why");
    state.mode = Mode::heuristic;
    call_for(Mode::primary);
    CHECK(plan().next.mode == Mode::heuristic);
    CHECK(plan().held ==
          "recovery waits: other hosts called for heuristic when their votes were seen last");
  }
}

TEST_CASE_FIXTURE(ElectionFixture, "what is kept of a memory follows from what is configured") {
  election.found.memory.recent = "shs";
  election.found.memory.flapping = Mode::safe;
  election.found.memory.last_call_for(Mode::safe) = at(0);
  election.found.memory.good = 3;
  call_for(Mode::primary);
  CHECK(plan(at(1)).next.mode == Mode::primary);
  CHECK(election.ballot->memory.empty());
  CHECK(voted() == Mode::primary);
}

TEST_CASE_FIXTURE(ElectionFixture, "a void run leaves no ballot") {
  vote("me", Mode::safe);
  vote("b", Mode::safe);
  call_for(Mode::primary);
  decision.is_void = true;
  decision.undecided = "no network";
  CHECK(plan(at(1000)).next == state);
  CHECK_FALSE(election.ballot);
  CHECK_FALSE(election.changes(at(1000)));
}

}  // namespace
}  // namespace rz::fallback
