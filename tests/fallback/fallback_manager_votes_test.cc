// Many hosts, one mode: what each calls for, and what follows.
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <string>
#include <vector>

#include "fallback/fallback_support.h"
#include "fallback/fleet.h"
#include "rz/fallback/mode_state.h"
#include "rz/fallback/policy_variables.h"
#include "rz/fallback/poll.h"
#include "rz/storage/open_storage.h"
#include "rz/storage/sqlite/sqlite_storage.h"
#include "support/patient_store.h"
#include "support/redis_server.h"
#include "support/results.h"
#include "support/temp_folder.h"

namespace rz::fallback {
namespace {

using Operation = storage::FaultyStorage::Operation;
using std::chrono::minutes;
using std::chrono::seconds;

/// A store that does something once, just before the next commit.
class Interrupted final : public storage::StorageWrapper {
 public:
  using storage::StorageWrapper::StorageWrapper;
  Result<Commit> commit(const Batch& batch) override {
    if (auto now = std::exchange(before_commit, nullptr)) now();
    return target().commit(batch);
  }

  std::function<void()> before_commit;
};

/// A sees two failed components, B none, every minute for an hour. The transitions.
std::size_t transitions_of_an_hour(Storage& storage, ManualClock& clock, int quorum) {
  Fleet fleet(storage, clock, {.votes = {.quorum = quorum}});
  for (int minute = 0; minute < 60; ++minute) {
    const Mode mode = quorum == 1 ? Mode::safe : Mode::primary;
    CHECK(fleet.cascade("a", failed(2)) == mode);
    clock.advance(seconds{30});
    CHECK(fleet.cascade("b", kHealthy) == mode);
    clock.advance(seconds{30});
  }
  return fleet.log().size();
}

void check_hour_of_disagreement(Storage& storage, ManualClock& clock, int quorum) {
  CHECK(transitions_of_an_hour(storage, clock, quorum) == (quorum == 1 ? 1 : 0));
}

TEST_CASE("two hosts that disagree for an hour make one transition, and with quorum 2 none") {
  for (const int quorum : {1, 2}) {
    CAPTURE(quorum);
    ManualClock clock{at(0)};
    SUBCASE("in memory") {
      storage::MemoryStorage storage(clock);
      check_hour_of_disagreement(storage, clock, quorum);
    }
    SUBCASE("in a file") {
      const TempFolder folder;
      const auto storage = ok(test::open_patiently(folder / "rz.db", clock));
      check_hour_of_disagreement(*storage, clock, quorum);
    }
    // The hosts' clocks run away from the server's, by whose clock a vote expires.
    SUBCASE("in a Redis") {
      const test::RedisServer server;
      const auto storage = ok(open_storage({.url = server.url()}));
      check_hour_of_disagreement(*storage, clock, quorum);
    }
  }
}

TEST_CASE("the vote of a host that has died runs out, and the others recover") {
  FleetInMemory on({.votes = {.ttl = minutes{5}}});
  Fleet& fleet = on.fleet;
  CHECK(fleet.cascade("a", failed(2)) == Mode::safe);
  for (int i = 0; i < 4; ++i) {
    on.clock.advance(minutes{1});
    const Evaluation held = fleet.evaluate("b", kHealthy);
    CHECK(held.after.mode == Mode::safe);
    CHECK(held.held == "recovery waits: the votes of a call for safe");
  }
  CHECK(fleet.votes() == "a:safe");
  on.clock.advance(minutes{1});
  CHECK(fleet.votes() == "");
  const Evaluation recovered = fleet.evaluate("b", kHealthy);
  CHECK(recovered.after.mode == Mode::primary);
  CHECK(recovered.after.reason == "recovered");
  CHECK(recovered.held == "");
}

TEST_CASE("a host that goes on to call for it keeps its vote, and does not write each time") {
  FleetInMemory on({.votes = {.ttl = minutes{4}}});
  storage::FaultyStorage counted(on.memory, on.clock);
  const auto manager = on.fleet.make("a", counted, on.clock);
  ok(manager->cascade(failed(2)));
  const std::size_t first = counted.calls(Operation::commit);
  for (int i = 0; i < 20; ++i) {
    on.clock.advance(seconds{30});
    CHECK(ok(manager->cascade(failed(2))).after.mode == Mode::safe);
    CHECK(on.fleet.votes() == "a:safe");
    CHECK(on.fleet.cascade("b", kHealthy) == Mode::safe);
  }
  // Every other one: a quarter of the time has passed.
  CHECK(counted.calls(Operation::commit) - first == 10);
}

TEST_CASE("with a quorum the mode is the worst for which so many vote") {
  FleetInMemory on({.votes = {.quorum = 2}});
  Fleet& fleet = on.fleet;
  const Evaluation alone = fleet.evaluate("a", failed(2));
  CHECK(alone.after.mode == Mode::primary);
  CHECK(alone.held == "safe is called for by 1 host, and fallback.votes.quorum asks for 2");
  CHECK(alone.decision.mode == Mode::safe);
  CHECK(fleet.cascade("c", kHealthy) == Mode::primary);
  // A vote for safe is also one for heuristic.
  const Evaluation two = fleet.evaluate("b", circuit_open(12));
  CHECK(two.after.mode == Mode::heuristic);
  CHECK(two.after.reason == "circuit_open(12s)");
  CHECK(fleet.cascade("b", failed(3)) == Mode::safe);
  CHECK(fleet.votes() == "a:safe b:safe");
  CHECK(fleet.cascade("c", kHealthy) == Mode::safe);
  // One of them recovers; the other alone is not enough, whatever it calls for.
  CHECK(fleet.cascade("a", kHealthy) == Mode::primary);
  CHECK(fleet.evaluate("b", failed(3)).after.mode == Mode::primary);
}

TEST_CASE("who sees only that others call for a worse mode enters it, and says whose votes it is") {
  FleetInMemory on;
  Fleet& fleet = on.fleet;
  ok(fleet.host("ops").set_mode("primary", minutes{1}));
  CHECK(fleet.cascade("a", failed(2)) == Mode::primary);
  CHECK(fleet.cascade("d", circuit_open(3)) == Mode::primary);
  on.clock.advance(minutes{1});
  const Evaluation entered = fleet.evaluate("b", kHealthy);
  CHECK(entered.after.mode == Mode::safe);
  CHECK(entered.after.reason == "votes(a): multiple_failures(2)");
  REQUIRE(fleet.log().size() == 1);
  CHECK(fleet.log()[0].trigger == trigger::kPinExpired);
}

TEST_CASE("a pin outranks votes, which are cast all the same") {
  FleetInMemory on;
  Fleet& fleet = on.fleet;
  ok(fleet.host("ops").set_mode("heuristic"));
  const Evaluation pinned = fleet.evaluate("a", failed(2));
  CHECK(pinned.after.mode == Mode::heuristic);
  CHECK(pinned.held == "");
  CHECK(fleet.votes() == "a:safe");
  CHECK(ok(fleet.host("ops").status()).store.doubts.empty());
  ok(fleet.host("ops").release());
  CHECK(fleet.cascade("b", kHealthy) == Mode::safe);
}

TEST_CASE("after a pin, until somebody evaluates, the mode is not what the votes make of it") {
  for (const bool released : {true, false}) {
    FleetInMemory on;
    Fleet& fleet = on.fleet;
    ok(fleet.host("ops").set_mode("primary", minutes{2}));
    fleet.cascade("a", failed(2));
    if (released) {
      ok(fleet.host("ops").release());
    } else {
      on.clock.advance(minutes{3});
    }
    const Evaluation seen = ok(fleet.host("b").status());
    CHECK(seen.after.mode == Mode::primary);
    CHECK(
        has(seen.store.doubts, "safe is called for by 1 host, and the next evaluation enters it"));
    CHECK(seen.votes.standing.size() == 1);
    CHECK(fleet.cascade("b", kHealthy) == Mode::safe);
    CHECK(ok(fleet.host("b").status()).store.doubts.empty());
  }
}

TEST_CASE("where the votes cannot be read, what a status says is doubtful") {
  FleetInMemory on;
  storage::FaultyStorage faulty(on.memory, on.clock);
  const auto manager = on.fleet.make("a", faulty, on.clock);
  ok(manager->cascade(kHealthy));
  faulty.inject(storage::Fault::failure(ErrorCode::corrupt),
                {.operation = Operation::read_collection});
  const auto doubts = ok(manager->status()).store.doubts;
  REQUIRE(doubts.size() == 1);
  CHECK(doubts[0].starts_with("what other hosts call for is unknown: "));
  faulty.heal();
  CHECK(ok(manager->status()).store.doubts.empty());
}

TEST_CASE("a vote says itself how long it stands, whatever other hosts are told") {
  FleetInMemory on({.votes = {.ttl = minutes{4}}});
  ok(on.fleet.host("a").cascade(failed(2)));
  Fleet others(on.memory, on.clock, {.votes = {.ttl = minutes{60}}});
  CHECK(ok(others.host("b").votes()).standing.at(0).ttl == minutes{4});
}

TEST_CASE("healthy hosts store nothing, and each asks once") {
  FleetInMemory on;
  storage::FaultyStorage counted(on.memory, on.clock);
  for (int i = 0; i < 100; ++i) {
    const auto manager = on.fleet.make("host" + std::to_string(i), counted, on.clock);
    CHECK(ok(manager->cascade(kHealthy)).after.mode == Mode::primary);
  }
  CHECK(counted.calls(Operation::commit) == 0);
  CHECK(ok(scan_all_keys(on.memory, "*")).empty());
}

TEST_CASE("hosts that fail at once and recover at once leave nothing behind") {
  FleetInMemory on;
  Fleet& fleet = on.fleet;
  for (int i = 0; i < 20; ++i) fleet.cascade("host" + std::to_string(i), failed(2));
  CHECK(fleet.log().size() == 1);
  for (int i = 0; i < 20; ++i) {
    CHECK(fleet.cascade("host" + std::to_string(i), kHealthy) ==
          (i < 19 ? Mode::safe : Mode::primary));
  }
  CHECK(fleet.log().size() == 2);
  CHECK(fleet.votes() == "");
  CHECK(ok(scan_all_keys(on.memory, "fallback:host:*")).empty());
}

TEST_CASE("a recovery cannot pass a vote that was cast since the votes were read") {
  FleetInMemory on;
  Interrupted storage(on.memory);
  const auto b = on.fleet.make("b", storage, on.clock);
  CHECK(ok(b->cascade(failed(2))).after.mode == Mode::safe);
  storage.before_commit = [&] { on.fleet.cascade("a", failed(3)); };
  const Evaluation after = ok(b->cascade(kHealthy));
  CHECK(after.after.mode == Mode::safe);
  CHECK(after.held == "recovery waits: the votes of a call for safe");
  CHECK(on.fleet.votes() == "a:safe");
  CHECK(on.fleet.log().size() == 1);
}

TEST_CASE("a vote cannot be cast on a mode that has moved on: it moves it again") {
  FleetInMemory on;
  Interrupted storage(on.memory);
  const auto a = on.fleet.make("a", storage, on.clock);
  on.fleet.cascade("b", failed(2));
  storage.before_commit = [&] { on.fleet.cascade("b", kHealthy); };
  CHECK(ok(a->cascade(failed(2))).after.mode == Mode::safe);
  CHECK(on.fleet.votes() == "a:safe");
  CHECK(on.fleet.log().size() == 3);
}

TEST_CASE("of two that make the quorum at once, the second sees both votes") {
  FleetInMemory on({.votes = {.quorum = 2}});
  Interrupted storage(on.memory);
  const auto a = on.fleet.make("a", storage, on.clock);
  storage.before_commit = [&] { on.fleet.cascade("b", failed(2)); };
  CHECK(ok(a->cascade(failed(2))).after.mode == Mode::safe);
  CHECK(on.fleet.log().size() == 1);
  // And two that take it away at once.
  storage.before_commit = [&] { on.fleet.cascade("b", kHealthy); };
  CHECK(ok(a->cascade(kHealthy)).after.mode == Mode::primary);
  CHECK(on.fleet.log().size() == 2);
}

TEST_CASE("a vote whose commit had no answer is cast or withdrawn by the next evaluation") {
  using storage::Fault;
  const TempFolder folder;
  for (const bool applied : {true, false}) {
    CAPTURE(applied);
    FleetInMemory on;
    storage::FaultyStorage storage(on.memory, on.clock);
    on.fleet.cascade("b", failed(2));
    FallbackManagerOptions options{.actor = "ops", .host = "a"};
    options.spool = make_spool(folder / (applied ? "1" : "2"), "store");
    FallbackManager a(storage, options, on.clock);
    const auto fault = applied ? Fault::lost_answer(seconds{1}) : Fault::lost_request(seconds{1});
    storage.inject(fault, {Operation::commit, 1, 1});
    CHECK(ok(a.cascade(failed(2))).after.mode == Mode::safe);
    CHECK(ok(a.cascade(failed(2))).after.mode == Mode::safe);
    CHECK(on.fleet.votes() == "a:safe b:safe");
    storage.inject(fault, {Operation::commit, 1, 1});
    CHECK(ok(a.cascade(kHealthy)).after.mode == Mode::safe);
    CHECK(ok(a.cascade(kHealthy)).after.mode == Mode::safe);
    CHECK(on.fleet.votes() == "b:safe");
    CHECK(on.fleet.cascade("b", kHealthy) == Mode::primary);
  }
}

TEST_CASE("a vote that cannot be stored is a doubt, and the mode what the store says") {
  const TempFolder folder;
  RuleOptions slow{
      "slow", ok(parse_condition("failed_components >= 1", {.variables = policy_variables()}))};
  slow.lasting = minutes{2};
  FallbackManagerOptions options{.policy = Policy({}, {slow}), .actor = "ops", .host = "a"};
  options.spool = make_spool(folder.path(), "store");
  options.votes.quorum = 2;
  FleetInMemory on;
  storage::FaultyStorage storage(on.memory, on.clock);
  FallbackManager a(storage, options, on.clock);
  storage.inject(storage::Fault::failure(), {.operation = Operation::commit});
  const Evaluation uncast = ok(a.cascade(failed(2)));
  CHECK(uncast.after.mode == Mode::primary);
  CHECK_FALSE(uncast.store.outage);
  CHECK(has(uncast.store.doubts, "what this host calls for could not be stored"));
  // The clock of its rule goes on all the same.
  on.clock.advance(minutes{1});
  CHECK(ok(a.cascade(failed(1))).decision.rules.back().waits == "for 2m: 1m left");
  on.clock.advance(minutes{1});
  CHECK(ok(a.cascade(failed(1))).decision.mode == Mode::heuristic);
  storage.heal();
  CHECK(ok(a.cascade(failed(1))).store.doubts.empty());
  CHECK(on.fleet.votes() == "a:heuristic");
}

TEST_CASE("a vote that cannot be read is a doubt, and holds recovery until it has run out") {
  FleetInMemory on;
  Fleet& fleet = on.fleet;
  fleet.cascade("a", failed(2));
  Batch batch;
  batch.set_member(std::string(kVotes), "x", "{\"mode\":\"pri", minutes{5});
  ok(on.memory.commit(batch));
  const Evaluation held = fleet.evaluate("a", kHealthy);
  CHECK(held.after.mode == Mode::safe);
  CHECK(held.held == "recovery waits: the vote 'fallback:vote:x' cannot be read");
  CHECK(has(held.store.doubts, "the vote 'fallback:vote:x' cannot be read"));
  CHECK(ok(fleet.host("a").votes()).unreadable == std::vector<std::string>{"fallback:vote:x"});
  CHECK(
      has(ok(fleet.host("b").status()).store.doubts, "the vote 'fallback:vote:x' cannot be read"));
  on.clock.advance(minutes{5});
  CHECK(fleet.cascade("a", kHealthy) == Mode::primary);
}

TEST_CASE("a void run casts no vote and renews none; what is not known renews it") {
  FleetInMemory on({.votes = {.ttl = minutes{4}}});
  Fleet& fleet = on.fleet;
  HealthState state = failed(2);
  state.void_because = "no network";
  CHECK(fleet.cascade("a", state) == Mode::primary);
  CHECK(fleet.votes() == "");

  fleet.cascade("a", failed(2));
  on.clock.advance(minutes{3});
  CHECK(fleet.cascade("a", state) == Mode::safe);
  on.clock.advance(minutes{1});
  CHECK(fleet.votes() == "");

  fleet.cascade("a", failed(2));
  HealthState unknown;
  unknown.system.unknown_components = 3;
  for (int i = 0; i < 10; ++i) {
    on.clock.advance(minutes{1});
    CHECK(fleet.cascade("a", unknown) == Mode::safe);
    CHECK(fleet.cascade("b", kHealthy) == Mode::safe);
  }
  CHECK(fleet.votes() == "a:safe");
  CHECK(fleet.cascade("a", kHealthy) == Mode::primary);
}

TEST_CASE("who begins anew takes all votes away") {
  FleetInMemory on;
  Fleet& fleet = on.fleet;
  fleet.cascade("a", failed(2));
  fleet.cascade("b", circuit_open(1));
  CHECK(ok(fleet.host("ops").forget()).after.mode == Mode::primary);
  CHECK(fleet.votes() == "");
  CHECK(fleet.cascade("c", kHealthy) == Mode::primary);
  CHECK(fleet.cascade("b", circuit_open(1)) == Mode::heuristic);
}

TEST_CASE("a dry run says what would follow, and casts no vote") {
  FleetInMemory on;
  Fleet& fleet = on.fleet;
  const Evaluation would = ok(fleet.host("a").dry_run(failed(2)));
  CHECK(would.after.mode == Mode::safe);
  CHECK(would.votes.standing.size() == 1);
  CHECK(ok(scan_all_keys(on.memory, "*")).empty());
  fleet.cascade("b", failed(2));
  CHECK(ok(fleet.host("a").dry_run(kHealthy)).held ==
        "recovery waits: the votes of b call for safe");
}

TEST_CASE("a vote tells by the store's clock how old it is") {
  ManualClock shared{at(0)};
  storage::MemoryStorage memory(shared);
  ClockedStorage storage(memory, shared);
  ManualClock fast{at(3600)};
  ManualClock slow{at(-3600)};
  Fleet fleet(storage, shared, {.votes = {.ttl = minutes{5}}});
  const auto ahead = fleet.make("ahead", storage, fast);
  const auto behind = fleet.make("behind", storage, slow);
  for (int i = 0; i < 10; ++i) {
    CHECK(ok(ahead->cascade(failed(2))).after.mode == Mode::safe);
    CHECK(ok(behind->cascade(kHealthy)).after.mode == Mode::safe);
    for (ManualClock* each : {&shared, &fast, &slow}) each->advance(minutes{1});
  }
  const Votes votes = ok(behind->votes());
  REQUIRE(votes.standing.size() == 1);
  CHECK(votes.now == shared.now());
  CHECK(votes.standing[0].at <= votes.now);
  CHECK(votes.now - votes.standing[0].at <= minutes{2});
  CHECK(fleet.log().size() == 1);
  for (ManualClock* each : {&shared, &fast, &slow}) each->advance(minutes{4});
  CHECK(ok(behind->cascade(kHealthy)).after.mode == Mode::primary);
}

TEST_CASE("whatever hosts see in whatever order, the mode is what the quorum last called for") {
  CHECK(rc::check([] {
    const int quorum = *rc::gen::inRange(1, 4);
    FleetInMemory on({.votes = {.quorum = quorum}});
    std::map<std::string, Vote> called;
    const int steps = *rc::gen::inRange(0, 60);
    for (int i = 0; i < steps; ++i) {
      const std::string name(1, *rc::gen::element('a', 'b', 'c', 'd', 'e'));
      const Mode mode = static_cast<Mode>(*rc::gen::inRange(0, 3));
      const HealthState health = mode == Mode::safe        ? failed(2)
                                 : mode == Mode::heuristic ? circuit_open(1)
                                                           : kHealthy;
      called.erase(name);
      if (mode != Mode::primary) called.emplace(name, Vote{name, mode});
      on.clock.advance(seconds{1});
      const auto outcome = on.fleet.host(name).cascade(health);
      RC_ASSERT(outcome.has_value());
      std::vector<Vote> votes;
      for (const auto& [voter, vote] : called) votes.push_back(vote);
      RC_ASSERT(outcome->after.mode == mode_of(votes, quorum));
      RC_ASSERT(outcome->votes.standing.size() == votes.size());
    }
    std::int64_t epoch = 0;
    Mode mode = Mode::primary;
    for (const Transition& record : on.fleet.log()) {
      RC_ASSERT(record.from == mode);
      RC_ASSERT(record.epoch == ++epoch);
      mode = record.to;
    }
  }));
}

}  // namespace
}  // namespace rz::fallback
