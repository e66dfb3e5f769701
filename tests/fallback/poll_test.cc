#include "rz/fallback/election.h"

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <vector>

#include "fallback/fallback_support.h"
#include "rz/storage/memory_storage.h"
#include "support/results.h"

namespace rz::fallback {
namespace {

using std::chrono::minutes;

struct PollFixture {
  ManualClock clock{at(0)};
  storage::MemoryStorage store{clock};

  Election election(const std::string& voter) {
    Election election;
    election.votes.voter = voter;
    election.votes.ttl = minutes{5};
    election.found = ok(read_poll(store, voter, false));
    return election;
  }
  /// What an evaluation of the voter would commit.
  Batch batch_of(const std::string& voter, std::optional<Mode> mode, bool recovers = false) {
    Election made = election(voter);
    made.ballot = Ballot{.memory = made.found.memory};
    if (mode) made.ballot->vote = Vote{voter, *mode, "why", clock.now(), minutes{5}};
    return made.writes(clock.now(), recovers);
  }
  Commit cast(const std::string& voter, std::optional<Mode> mode) {
    return ok(store.commit(batch_of(voter, mode)));
  }
  std::string token() { return ok(store.get(kVotesToken)).value_or(""); }
};

TEST_CASE_FIXTURE(PollFixture, "a vote is read back, and runs out") {
  CHECK(cast("a", Mode::safe) == Commit::done);
  CHECK(cast("b", Mode::heuristic) == Commit::done);
  const Poll poll = ok(read_poll(store, "b", false));
  REQUIRE(poll.others.size() == 1);
  CHECK(poll.others[0] == Vote{"a", Mode::safe, "why", at(0), minutes{5}});
  CHECK(poll.own == Vote{"b", Mode::heuristic, "why", at(0), minutes{5}});
  clock.advance(minutes{5});
  const Poll later = ok(read_poll(store, "b", false));
  CHECK(later.others.empty());
  CHECK_FALSE(later.own);
  CHECK(later.token == poll.token);
}

TEST_CASE_FIXTURE(PollFixture,
                  "the token is new with each vote that is cast, changed or withdrawn") {
  std::vector<std::string> tokens{token()};
  const std::vector<std::optional<Mode>> votes{Mode::heuristic, Mode::safe, std::nullopt};
  for (const auto& mode : votes) {
    cast("a", mode);
    CHECK(token() != tokens.back());
    tokens.push_back(token());
  }
  cast("a", Mode::safe);
  tokens.push_back(token());
  Election renewing = election("a");
  renewing.ballot =
      Ballot{.vote = Vote{"a", Mode::safe, "why", at(100), minutes{5}}, .renewed = true};
  CHECK(ok(store.commit(renewing.writes(at(100), false))) == Commit::done);
  CHECK(token() == tokens.back());
  CHECK(ok(read_poll(store, "a", false)).own->at == at(100));
}

TEST_CASE_FIXTURE(PollFixture, "what was read must still be so, as far as it matters") {
  cast("a", Mode::safe);
  const Batch recovery = batch_of("b", std::nullopt, true);
  const Batch vote = batch_of("b", Mode::safe);
  const Batch own = batch_of("a", std::nullopt);
  cast("c", Mode::safe);
  CHECK(ok(store.commit(recovery)) == Commit::refused);
  // One vote more or less of others does not matter to who votes too.
  CHECK(ok(store.commit(vote)) == Commit::done);
  clock.advance(minutes{5});
  CHECK(ok(store.commit(own)) == Commit::refused);
}

TEST_CASE_FIXTURE(PollFixture, "what was not read as a vote is named, and is nobody's") {
  for (const char* wrong : {"", "x", "[]", R"({"mode":"primary","at":"2026-01-02T03:04:05Z"})",
                            R"({"mode":"safe"})", R"({"mode":"safe","at":"never"})"}) {
    CAPTURE(wrong);
    Batch batch;
    batch.set_member(std::string(kVotes), "x", wrong);
    ok(store.commit(batch));
    const Poll poll = ok(read_poll(store, "me", false));
    CHECK(poll.unreadable == std::vector<std::string>{"fallback:vote:x"});
    CHECK(poll.others.empty());
    // Its own voter writes it anew.
    CHECK(ok(read_poll(store, "x", false)).unreadable.empty());
    CHECK(cast("x", std::nullopt) == Commit::done);
    CHECK_FALSE(ok(store.exists("fallback:vote:x")));
  }
}

TEST_CASE_FIXTURE(PollFixture, "a reason that is long is cut") {
  Election made = election("a");
  made.ballot = Ballot{.vote = Vote{"a", Mode::safe, std::string(10'000, 'x'), at(0), minutes{5}}};
  ok(store.commit(made.writes(at(0), false)));
  CHECK(ok(read_poll(store, "a", false)).own->reason.size() < 300);
}

TEST_CASE_FIXTURE(PollFixture, "the last evaluation is read, and what cannot be read is none") {
  Election made = election("a");
  made.stale_after = minutes{4};
  made.host = "a";
  made.ballot = Ballot{};
  CHECK(made.changes(at(0)));
  ok(store.commit(made.writes(at(0), false)));
  made.found = ok(read_poll(store, "a", true));
  REQUIRE(made.found.evaluated);
  CHECK(made.found.evaluated->host == "a");
  CHECK_FALSE(made.changes(at(59)));
  CHECK(made.changes(at(60)));
  made.ballot->knows = false;
  CHECK_FALSE(made.changes(at(60)));
  CHECK_FALSE(last_evaluation_from("{}"));
  CHECK_FALSE(last_evaluation_from("at noon"));
}

}  // namespace
}  // namespace rz::fallback
