// Votes and what a host remembers, while the store is away, once it is back, and where it has lost
// its memory.
#include <doctest/doctest.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "fallback/fallback_support.h"
#include "fallback/fleet.h"
#include "rz/fallback/history/transition_log.h"
#include "rz/fallback/mode_state.h"
#include "rz/fallback/offline/host_notes.h"
#include "rz/fallback/policy_variables.h"
#include "rz/fallback/poll.h"
#include "support/results.h"
#include "support/temp_folder.h"

namespace rz::fallback {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

/// A host with a state folder of its own, on a store that can be taken away from it.
struct VotingHost {
  VotingHost(Storage& target, Clock& clock, const std::string& folder, const std::string& name,
             FallbackManagerOptions options)
      : storage(target, clock) {
    options.actor = "ops";
    options.host = name;
    options.spool = make_spool(folder + "/" + name, "store");
    manager = std::make_unique<FallbackManager>(storage, std::move(options), clock);
  }
  void leave() { storage.inject(storage::Fault::failure()); }
  void come_back() { storage.heal(); }
  Evaluation evaluate(const HealthState& health) { return ok(manager->cascade(health)); }
  Mode cascade(const HealthState& health) { return evaluate(health).after.mode; }

  storage::FaultyStorage storage;
  std::unique_ptr<FallbackManager> manager;
};

struct TwoHosts {
  explicit TwoHosts(const FallbackManagerOptions& options = {})
      : a(store, clock, folder.path(), "a", options),
        b(store, clock, folder.path(), "b", options) {}

  std::string history() {
    std::string text;
    for (const Transition& record : ok(TransitionLog(store, kRetention).list({}))) {
      text += record.trigger + ":" + to_string(record.to) + " ";
    }
    return text;
  }

  ManualClock clock{at(0)};
  storage::MemoryStorage store{clock};
  TempFolder folder;
  VotingHost a;
  VotingHost b;
};

TEST_CASE("who is cut off decides for itself alone, and its quorum counts once it is back") {
  TwoHosts hosts({.votes = {.quorum = 2}});
  CHECK(hosts.a.cascade(kHealthy) == Mode::primary);
  SUBCASE("nobody else calls for it") {
    hosts.a.leave();
    const Evaluation alone = hosts.a.evaluate(failed(2));
    CHECK(alone.after.mode == Mode::safe);
    CHECK(alone.store.spooled == 1);
    CHECK(alone.votes.standing.empty());
    CHECK(hosts.b.cascade(kHealthy) == Mode::primary);
    hosts.a.come_back();
    CHECK(ok(hosts.a.manager->status()).after.mode == Mode::primary);
    CHECK(hosts.history() == "offline:safe ");
    CHECK(hosts.a.cascade(failed(2)) == Mode::primary);
  }
  SUBCASE("another one calls for it, too") {
    hosts.a.leave();
    CHECK(hosts.a.cascade(failed(2)) == Mode::safe);
    CHECK(hosts.b.cascade(failed(3)) == Mode::primary);
    hosts.a.come_back();
    CHECK(ok(hosts.a.manager->status()).after.mode == Mode::safe);
    CHECK(hosts.history() == "evaluation:safe ");
    CHECK(hosts.b.cascade(failed(3)) == Mode::safe);
  }
}

TEST_CASE("a decision of an outage comes back with the vote that it was") {
  TwoHosts hosts;
  hosts.a.cascade(kHealthy);
  hosts.a.leave();
  hosts.a.cascade(failed(2));
  hosts.a.come_back();
  CHECK(ok(hosts.a.manager->status()).after.mode == Mode::safe);
  // Without it, the next healthy host would take the mode back.
  const Evaluation held = hosts.b.evaluate(kHealthy);
  CHECK(held.after.mode == Mode::safe);
  CHECK(held.held == "recovery waits: the votes of a call for safe");
  CHECK(hosts.a.cascade(kHealthy) == Mode::primary);
  CHECK(hosts.history() == "evaluation:safe evaluation:primary ");
}

TEST_CASE("in an outage what others called for a moment ago holds recovery") {
  TwoHosts hosts({.votes = {.ttl = minutes{5}}});
  hosts.b.cascade(failed(2));
  CHECK(hosts.a.cascade(kHealthy) == Mode::safe);
  hosts.a.leave();
  hosts.clock.advance(minutes{4});
  const Evaluation held = hosts.a.evaluate(kHealthy);
  CHECK(held.after.mode == Mode::safe);
  CHECK(held.held == "recovery waits: other hosts called for safe when their votes were seen last");
  hosts.b.cascade(failed(2));
  hosts.clock.advance(minutes{1});
  CHECK(hosts.a.cascade(kHealthy) == Mode::primary);
  // And it was the mode of this host alone.
  hosts.a.come_back();
  CHECK(ok(hosts.a.manager->status()).after.mode == Mode::safe);
  CHECK(hosts.history() == "evaluation:safe offline:primary ");
}

TEST_CASE("what others called for counts for no longer where the clock was set") {
  HostNotes notes;
  notes.others = Mode::safe;
  notes.others_seen = at(0);
  CHECK(notes.others_at(at(299), minutes{5}) == Mode::safe);
  CHECK(notes.others_at(at(300), minutes{5}) == Mode::primary);
  CHECK(notes.others_at(at(-299), minutes{5}) == Mode::safe);
  CHECK(notes.others_at(at(-1'000'000), minutes{5}) == Mode::primary);
}

TEST_CASE("after the store has lost the votes, who had seen them holds recovery for their time") {
  TwoHosts hosts({.votes = {.ttl = minutes{5}}});
  hosts.b.cascade(failed(2));
  hosts.a.cascade(kHealthy);
  for (const std::string& key : ok(scan_all_keys(hosts.store, "*"))) ok(hosts.store.remove(key));
  const Evaluation restored = hosts.a.evaluate(kHealthy);
  CHECK(restored.after.mode == Mode::safe);
  CHECK(restored.store.store_lost != "");
  for (int minute = 1; minute < 5; ++minute) {
    hosts.clock.advance(minutes{1});
    CHECK(hosts.a.cascade(kHealthy) == Mode::safe);
  }
  SUBCASE("the others call for it again") {
    CHECK(hosts.b.cascade(failed(2)) == Mode::safe);
    hosts.clock.advance(minutes{1});
    CHECK(hosts.a.cascade(kHealthy) == Mode::safe);
    CHECK(hosts.b.cascade(kHealthy) == Mode::primary);
  }
  SUBCASE("they do not") {
    hosts.clock.advance(minutes{1});
    CHECK(hosts.a.cascade(kHealthy) == Mode::primary);
  }
}

TEST_CASE(
    "after the store has lost the votes, a mode that took several stays as long as they would") {
  TwoHosts hosts({.votes = {.quorum = 2, .ttl = minutes{5}}});
  hosts.a.cascade(failed(2));
  REQUIRE(hosts.b.cascade(failed(2)) == Mode::safe);
  hosts.a.cascade(failed(2));
  for (const std::string& key : ok(scan_all_keys(hosts.store, "*"))) ok(hosts.store.remove(key));
  // The vote of the first one to notice is cast again at once; that of the other one is missed.
  CHECK(hosts.a.cascade(failed(2)) == Mode::safe);
  CHECK(ok(hosts.a.manager->votes()).standing.size() == 1);
  CHECK(hosts.a.cascade(failed(2)) == Mode::safe);
  SUBCASE("the other one votes again") {
    CHECK(hosts.b.cascade(failed(2)) == Mode::safe);
    hosts.clock.advance(minutes{1});
    CHECK(hosts.a.cascade(failed(2)) == Mode::safe);
    CHECK(hosts.b.cascade(kHealthy) == Mode::safe);
  }
  SUBCASE("the other one has seen that it is over: one vote is not enough") {
    hosts.clock.advance(minutes{5});
    CHECK(hosts.b.cascade(kHealthy) == Mode::primary);
    CHECK(hosts.a.cascade(failed(2)) == Mode::primary);
  }
}

/// Two hosts, both of which have to call for a mode; the store loses what they voted.
struct LostVotes : TwoHosts {
  LostVotes() : TwoHosts({.votes = {.quorum = 2, .ttl = minutes{5}}}) { a.cascade(kHealthy); }

  void keep_copy() {
    for (const auto& key : {std::string(kModeStateKey), std::string(kVotesToken)}) {
      copy.emplace_back(key, ok(store.get(key)));
    }
  }
  // Votes run out, so that no older copy has them for long.
  void lose(bool older) {
    for (const std::string& key : ok(scan_all_keys(store, "*"))) ok(store.remove(key));
    for (const auto& [key, value] : copy) {
      if (older && value) ok(store.set(key, *value));
    }
  }

  std::vector<std::pair<std::string, std::optional<std::string>>> copy;
};

TEST_CASE_FIXTURE(
    LostVotes,
    "who has seen votes that are lost misses them, also after another has put the mode back") {
  a.cascade(failed(2));
  keep_copy();
  REQUIRE(b.cascade(failed(2)) == Mode::safe);
  a.cascade(failed(2));
  bool voted = false;
  SUBCASE("emptied, and put back by who votes no more") { lose(false); }
  SUBCASE("set back, and put back by who votes no more") { lose(true); }
  SUBCASE("emptied, and put back with a vote") {
    lose(false);
    voted = true;
  }
  SUBCASE("set back, and put back with a vote") {
    lose(true);
    voted = true;
  }
  const Evaluation back = voted ? b.evaluate(failed(2)) : ok(b.manager->status());
  CHECK(back.store.store_lost != "");
  REQUIRE(back.after.mode == Mode::safe);
  // One vote, or none, would not be enough.
  for (int minute = 0; minute < 5; ++minute) {
    const Evaluation held = a.evaluate(kHealthy);
    CHECK(held.store.store_lost == "");
    CHECK(held.after.mode == Mode::safe);
    CHECK(held.held ==
          "recovery waits: other hosts called for safe when their votes were seen last");
    clock.advance(minutes{1});
  }
  CHECK(a.cascade(kHealthy) == Mode::primary);
}

TEST_CASE_FIXTURE(LostVotes, "who notices that a store has lost its memory votes again at once") {
  keep_copy();
  // The first one has seen no votes of others, so that nothing but the loss holds the mode.
  a.cascade(failed(2));
  REQUIRE(b.cascade(failed(2)) == Mode::safe);
  REQUIRE(ok(a.manager->status()).after.mode == Mode::safe);
  SUBCASE("it was emptied") { lose(false); }
  SUBCASE("it was set back") { lose(true); }
  const Evaluation noticed = a.evaluate(failed(2));
  CHECK(noticed.store.store_lost != "");
  CHECK(noticed.after.mode == Mode::safe);
  CHECK(noticed.held == "recovery waits: the store has just lost what was reported to it");
  const Votes votes = ok(b.manager->votes());
  REQUIRE(votes.standing.size() == 1);
  CHECK(votes.standing[0].voter == "a");
  CHECK(votes.standing[0].mode == Mode::safe);
  // So the other one finds it, and both of them keep the mode.
  CHECK(b.cascade(failed(2)) == Mode::safe);
  clock.advance(minutes{1});
  CHECK(a.evaluate(failed(2)).held == "");
}

TEST_CASE("where nobody votes there is nothing new to keep") {
  HostNotes kept;
  HostNotes newer;
  newer.others_lineage = "lineage";
  newer.others_seen = at(1000);
  CHECK(kept.is_as_good_as(newer));
  newer.others = Mode::safe;
  CHECK_FALSE(kept.is_as_good_as(newer));
  kept = newer;
  newer.others_lineage = "another";
  CHECK_FALSE(kept.is_as_good_as(newer));
}

TEST_CASE("a host alone recovers after a loss as it always did") {
  TwoHosts hosts;
  hosts.a.cascade(failed(2));
  for (const std::string& key : ok(scan_all_keys(hosts.store, "*"))) ok(hosts.store.remove(key));
  CHECK(hosts.a.cascade(kHealthy) == Mode::safe);
  CHECK(hosts.a.cascade(kHealthy) == Mode::primary);
}

TEST_CASE("the count of good evaluations goes on in an outage, and after it") {
  TwoHosts hosts({.recovery = {.good_evaluations = 4}});
  hosts.a.cascade(failed(2));
  CHECK(hosts.a.evaluate(kHealthy).held == "recovery is held back: 1 of 4 good evaluations");
  hosts.a.leave();
  CHECK(hosts.a.evaluate(kHealthy).held == "recovery is held back: 2 of 4 good evaluations");
  CHECK(hosts.a.evaluate(kHealthy).held == "recovery is held back: 3 of 4 good evaluations");
  hosts.a.come_back();
  SUBCASE("it is the host's") { CHECK(hosts.a.cascade(kHealthy) == Mode::primary); }
  SUBCASE("a worse one begins anew") {
    hosts.a.cascade(failed(2));
    CHECK(hosts.a.evaluate(kHealthy).held == "recovery is held back: 1 of 4 good evaluations");
  }
}

TEST_CASE("the clock of a rule and a window go on in an outage") {
  RuleOptions slow{
      "slow", ok(parse_condition("failed_components >= 1", {.variables = policy_variables()}))};
  slow.lasting = minutes{3};
  TwoHosts hosts({.policy = Policy({}, {slow}), .recovery = {.window = minutes{5}}});
  hosts.a.cascade(failed(1));
  hosts.clock.advance(minutes{1});
  hosts.a.leave();
  CHECK(hosts.a.cascade(failed(1)) == Mode::primary);
  hosts.clock.advance(minutes{1});
  CHECK(hosts.a.cascade(failed(1)) == Mode::primary);
  hosts.clock.advance(minutes{1});
  CHECK(hosts.a.cascade(failed(1)) == Mode::heuristic);
  hosts.clock.advance(minutes{4});
  CHECK(hosts.a.cascade(kHealthy) == Mode::heuristic);
  hosts.a.come_back();
  CHECK(hosts.a.cascade(kHealthy) == Mode::heuristic);
  hosts.clock.advance(minutes{1});
  CHECK(hosts.a.cascade(kHealthy) == Mode::primary);
  CHECK_FALSE(ok(hosts.store.exists(std::string(kHostMemories) + "a")));
}

TEST_CASE("a host of which nothing is configured keeps what it always kept") {
  TwoHosts hosts;
  hosts.a.cascade(failed(2));
  hosts.a.cascade(failed(2));
  for (const auto& file : std::filesystem::directory_iterator(hosts.folder / "a")) {
    const std::string text = content_of(file.path());
    CAPTURE(text);
    CHECK(text.find("\"memory\"") == std::string::npos);
    CHECK(text.find("\"others\"") == std::string::npos);
  }
}

}  // namespace
}  // namespace rz::fallback
