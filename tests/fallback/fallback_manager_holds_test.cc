// What holds a host's vote, or the mode, back: counts, windows, flapping, a dwell that grows, rules
// with a time of their own. On simulated clocks.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "fallback/fallback_support.h"
#include "fallback/fleet.h"
#include "rz/base/json.h"
#include "rz/base/timestamp.h"
#include "rz/fallback/mode_state.h"
#include "rz/fallback/policy_variables.h"
#include "rz/fallback/poll.h"
#include "support/results.h"
#include "support/temp_folder.h"

namespace rz::fallback {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

RuleOptions rule(std::string name, const std::string& when, Mode mode = Mode::heuristic) {
  return {std::move(name), ok(parse_condition(when, {.variables = policy_variables()})), mode};
}

bool remembers(Storage& storage, const std::string& host) {
  return ok(storage.exists(std::string(kHostMemories) + host));
}

TEST_CASE("good evaluations are counted for each host") {
  FleetInMemory on({.recovery = {.good_evaluations = 3}});
  Fleet& fleet = on.fleet;
  fleet.cascade("a", failed(2));
  // However often others look: the host that called for it must call for better three times.
  for (int i = 0; i < 10; ++i) CHECK(fleet.cascade("b", kHealthy) == Mode::safe);
  CHECK_FALSE(remembers(on.memory, "b"));
  CHECK(fleet.evaluate("a", kHealthy).held == "recovery is held back: 1 of 3 good evaluations");
  CHECK(fleet.cascade("a", kHealthy) == Mode::safe);
  CHECK(remembers(on.memory, "a"));
  CHECK(fleet.votes() == "a:safe");
  CHECK(fleet.cascade("a", kHealthy) == Mode::primary);
  CHECK_FALSE(remembers(on.memory, "a"));
}

TEST_CASE("a mode that nobody votes for any more is left by whoever counts enough") {
  FleetInMemory on({.recovery = {.good_evaluations = 2}, .votes = {.ttl = minutes{1}}});
  Fleet& fleet = on.fleet;
  fleet.cascade("a", failed(2));
  on.clock.advance(minutes{1});
  CHECK(fleet.cascade("b", kHealthy) == Mode::safe);
  CHECK(fleet.cascade("c", kHealthy) == Mode::safe);
  CHECK(fleet.cascade("c", kHealthy) == Mode::primary);
  CHECK_FALSE(remembers(on.memory, "c"));
}

TEST_CASE("within the window a host calls for the worst that it called for") {
  FleetInMemory on({.recovery = {.window = minutes{5}}});
  Fleet& fleet = on.fleet;
  fleet.cascade("a", failed(2));
  on.clock.advance(minutes{1});
  CHECK(fleet.cascade("a", circuit_open(1)) == Mode::safe);
  on.clock.advance(minutes{1});
  const Evaluation held = fleet.evaluate("a", kHealthy);
  CHECK(held.after.mode == Mode::safe);
  CHECK(held.held == "recovery is held back: 1 of 1 good evaluations, 3m of window left");
  on.clock.advance(minutes{3} - Micros{1});
  CHECK(fleet.cascade("a", kHealthy) == Mode::safe);
  on.clock.advance(Micros{1});
  // Five minutes since it called for safe, four since it called for heuristic.
  CHECK(fleet.cascade("a", kHealthy) == Mode::heuristic);
  CHECK(fleet.votes() == "a:heuristic");
  on.clock.advance(minutes{1});
  CHECK(fleet.cascade("a", kHealthy) == Mode::primary);
  CHECK(fleet.votes() == "");
  CHECK_FALSE(remembers(on.memory, "a"));
}

TEST_CASE("the window is a time: that more hosts look does not end it earlier") {
  FleetInMemory on({.recovery = {.window = minutes{5}}});
  Fleet& fleet = on.fleet;
  fleet.cascade("a", failed(2));
  for (int i = 0; i < 299; ++i) {
    on.clock.advance(seconds{1});
    CHECK(fleet.cascade(i % 2 == 0 ? "a" : "b" + std::to_string(i % 20), kHealthy) == Mode::safe);
  }
  on.clock.advance(seconds{1});
  CHECK(fleet.cascade("a", kHealthy) == Mode::primary);
  CHECK(fleet.log().size() == 2);
}

TEST_CASE("a window that was kept by a clock that was ahead counts from when that is seen") {
  FleetInMemory on({.recovery = {.window = minutes{5}}, .votes = {.ttl = hours{3}}});
  on.clock.set_now(at(7200));
  on.fleet.cascade("a", failed(2));
  on.clock.set_now(at(0));
  CHECK(on.fleet.cascade("a", kHealthy) == Mode::safe);
  on.clock.advance(minutes{5} - Micros{1});
  CHECK(on.fleet.cascade("a", kHealthy) == Mode::safe);
  on.clock.advance(Micros{1});
  CHECK(on.fleet.cascade("a", kHealthy) == Mode::primary);
}

TEST_CASE("a host whose clock is ahead of the store's ends no window early") {
  ManualClock shared{at(0)};
  storage::MemoryStorage memory(shared);
  ClockedStorage storage(memory, shared);
  ManualClock fast{at(3600)};
  Fleet fleet(storage, shared, {.recovery = {.window = minutes{5}}});
  const auto a = fleet.make("a", storage, fast);
  ok(a->cascade(failed(2)));
  for (int i = 0; i < 4; ++i) {
    for (ManualClock* each : {&shared, &fast}) each->advance(minutes{1});
    CHECK(ok(a->cascade(kHealthy)).after.mode == Mode::safe);
  }
  for (int i = 0; i < 6; ++i) {
    for (ManualClock* each : {&shared, &fast}) each->advance(minutes{1});
    ok(a->cascade(kHealthy));
  }
  CHECK(ok(a->status()).after.mode == Mode::primary);
}

TEST_CASE("a mode that keeps coming back dwells longer each time, until it has been quiet") {
  FleetInMemory on({.recovery = {.dwell = minutes{1}, .dwell_max = minutes{30}}});
  Fleet& fleet = on.fleet;
  std::vector<int> dwelt;
  const auto come_back = [&] {
    fleet.cascade("a", failed(2));
    int minute = 0;
    do {
      on.clock.advance(minutes{1});
      ++minute;
    } while (fleet.cascade("a", kHealthy) == Mode::safe);
    dwelt.push_back(minute);
    on.clock.advance(minutes{10});
  };
  for (int i = 0; i < 7; ++i) come_back();
  CHECK(dwelt == std::vector{1, 2, 4, 8, 16, 30, 30});
  // 65 quiet minutes are two periods: 6 doublings become 4.
  on.clock.advance(minutes{55});
  come_back();
  CHECK(dwelt.back() == 16);
  on.clock.advance(hours{24});
  come_back();
  CHECK(dwelt.back() == 1);
  const ModeState state = ok(decode_mode_state(*ok(on.memory.get(kModeStateKey))));
  CHECK(ok(mode_state_from(ok(parse_json(encode(state))))) == state);
}

TEST_CASE("what a person orders does not make a dwell grow") {
  FleetInMemory on({.recovery = {.dwell = minutes{1}, .dwell_max = minutes{30}}});
  for (int i = 0; i < 5; ++i) {
    ok(on.fleet.host("ops").set_mode("safe", minutes{1}));
    on.clock.advance(minutes{1} + seconds{1});
    CHECK(on.fleet.cascade("a", kHealthy) == Mode::primary);
  }
}

TEST_CASE("while the evaluations of a host flap the worse mode is held, and that is said") {
  FleetInMemory on({.flapping = FlappingOptions{20, 30}});
  Fleet& fleet = on.fleet;
  // To and fro: 6.25, 12.37, 18.36 … percent; the sixth change makes it more than 30.
  std::vector<Mode> modes;
  std::string held;
  for (int i = 0; i < 12; ++i) {
    on.clock.advance(minutes{1});
    const Evaluation each = fleet.evaluate("a", i % 2 == 0 ? circuit_open(1) : kHealthy);
    modes.push_back(each.after.mode);
    held = each.held;
  }
  CHECK(std::vector(modes.begin(), modes.begin() + 5) == std::vector{Mode::heuristic, Mode::primary,
                                                                     Mode::heuristic, Mode::primary,
                                                                     Mode::heuristic});
  CHECK(std::all_of(modes.begin() + 5, modes.end(), [](Mode m) { return m == Mode::heuristic; }));
  CHECK(held.starts_with("recovery is held back: the evaluations of this host flap ("));
  CHECK(held.ends_with(" % of change in the last 21), until that is 20 % or less"));
  CHECK(fleet.log().size() == 5);
  CHECK(fleet.cascade("b", kHealthy) == Mode::heuristic);

  // A worse mode is entered, and held instead.
  CHECK(fleet.cascade("a", failed(2)) == Mode::safe);
  int quiet = 0;
  do {
    on.clock.advance(minutes{1});
    ++quiet;
  } while (quiet < 100 && fleet.cascade("a", kHealthy) == Mode::safe);
  // The weights of what moves back in time fall, and the oldest leave the 21.
  CHECK(quiet == 17);
  for (int i = 0; i < 21; ++i) fleet.cascade("a", kHealthy);
  CHECK_FALSE(remembers(on.memory, "a"));
}

TEST_CASE("what is unknown or void makes nothing flap") {
  FleetInMemory on({.flapping = FlappingOptions{20, 30}});
  HealthState unknown;
  unknown.system.unknown_components = 2;
  HealthState nothing = failed(2);
  nothing.void_because = "no network";
  for (int i = 0; i < 40; ++i) {
    CHECK(on.fleet.cascade("a", i % 4 == 0   ? kHealthy
                                : i % 2 == 0 ? nothing
                                             : unknown) == Mode::primary);
  }
  CHECK_FALSE(remembers(on.memory, "a"));
}

TEST_CASE("a rule with a time fires after it, in whatever process, and not before") {
  RuleOptions slow = rule("slow", "failed_components >= 1");
  slow.lasting = minutes{2};
  const FallbackManagerOptions options{.policy = Policy({}, {slow})};
  FleetInMemory on(options);
  for (int i = 0; i < 2; ++i) {
    // Each time another process of the same host.
    const auto process = on.fleet.make("a", on.memory, on.clock);
    const Evaluation pending = ok(process->cascade(failed(1)));
    CHECK(pending.after.mode == Mode::primary);
    CHECK(pending.decision.rules.back().waits == (i == 0 ? "for 2m: 2m left" : "for 2m: 1m left"));
    on.clock.advance(minutes{1});
  }
  CHECK(remembers(on.memory, "a"));
  // The clock of one host says nothing of another.
  CHECK(on.fleet.cascade("b", failed(1)) == Mode::primary);
  const Evaluation fired = on.fleet.evaluate("a", failed(1));
  CHECK(fired.after.mode == Mode::heuristic);
  CHECK(fired.after.reason == "rule(slow)");
  CHECK(on.fleet.cascade("a", kHealthy) == Mode::primary);
  CHECK_FALSE(remembers(on.memory, "a"));
}

TEST_CASE("a rule that would never fire, since a host looks too seldom, is a warning") {
  RuleOptions slow = rule("slow", "failed_components >= 1");
  slow.lasting = minutes{2};
  FleetInMemory on({.policy = Policy({}, {slow}), .votes = {.ttl = minutes{5}}});
  on.fleet.cascade("a", failed(1));
  on.clock.advance(minutes{10});
  const Evaluation again = on.fleet.evaluate("a", failed(1));
  CHECK(again.after.mode == Mode::primary);
  CHECK(has(again.store.warnings, "rule 'slow' counts its time anew"));
}

TEST_CASE("a rule with an until goes on, also in the next process") {
  RuleOptions low = rule("low", "failures_1h > 10");
  low.until = ok(parse_condition("failures_1h < 3", {.variables = policy_variables()}));
  FleetInMemory on({.policy = Policy({}, {low})});
  const auto with = [](std::int64_t failures) {
    HealthState state;
    state.retry.failures_1h = failures;
    return state;
  };
  const auto cascade = [&](std::int64_t failures) {
    return ok(on.fleet.make("a", on.memory, on.clock)->cascade(with(failures))).after.mode;
  };
  CHECK(cascade(10) == Mode::primary);
  CHECK(cascade(11) == Mode::heuristic);
  CHECK(cascade(5) == Mode::heuristic);
  CHECK(cascade(2) == Mode::primary);
  CHECK(cascade(5) == Mode::primary);
}

TEST_CASE("a rule that fails is an error, and nothing is changed") {
  FleetInMemory on({.policy = Policy({}, {rule("ratio", "10 / failed_components > 1")})});
  CHECK(code_of(on.fleet.host("a").cascade(kHealthy)) == ErrorCode::invalid_argument);
  CHECK(ok(scan_all_keys(on.memory, "*")).empty());
}

TEST_CASE("status says when nobody looks any more, and by whom it was last") {
  FleetInMemory on({.stale_after = minutes{10}});
  Fleet& fleet = on.fleet;
  const auto doubts = [&] { return ok(fleet.host("ops").status()).store.doubts; };
  CHECK(has(doubts(), "nobody is known to have evaluated the health"));
  fleet.cascade("a", kHealthy);
  on.clock.advance(minutes{10});
  CHECK(doubts().empty());
  on.clock.advance(Micros{1});
  CHECK(ok(fleet.host("ops").peek()).store.doubts == doubts());
  REQUIRE(doubts().size() == 1);
  CHECK(doubts()[0] == "nobody has evaluated the health since " + format_timestamp(at(0)) +
                           " (a), longer than fallback.stale_after (10m)");
  HealthState nothing;
  nothing.void_because = "no network";
  fleet.cascade("b", nothing);
  HealthState unknown;
  unknown.system.unknown_components = 1;
  fleet.cascade("b", unknown);
  CHECK(doubts().size() == 1);
  fleet.cascade("b", kHealthy);
  CHECK(doubts().empty());
}

TEST_CASE("an evaluation that a clock which was ahead has noted says nothing") {
  FleetInMemory on({.stale_after = minutes{10}});
  on.clock.advance(std::chrono::hours{24 * 365});
  on.fleet.cascade("a", kHealthy);
  on.clock.set_now(at(0));
  const auto doubts = ok(on.fleet.host("ops").status()).store.doubts;
  REQUIRE(doubts.size() == 1);
  CHECK(doubts[0].find("by a clock that was ahead") != std::string::npos);
  on.fleet.cascade("b", kHealthy);
  CHECK(ok(on.fleet.host("ops").status()).store.doubts.empty());
}

TEST_CASE("a fleet says that it looks only as often as that is needed") {
  FleetInMemory on({.stale_after = minutes{8}});
  storage::FaultyStorage counted(on.memory, on.clock);
  for (int i = 0; i < 100; ++i) {
    ok(on.fleet.make("host" + std::to_string(i), counted, on.clock)->cascade(kHealthy));
    on.clock.advance(seconds{6});
  }
  CHECK(counted.calls(storage::FaultyStorage::Operation::commit) == 5);
  CHECK(ok(scan_all_keys(on.memory, "*")) == std::vector<std::string>{"fallback:evaluated"});
}

}  // namespace
}  // namespace rz::fallback
