// An order that was given after a store had lost its memory, by somebody who did not know of that,
// is not undone by who did.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <string>

#include "fallback/fallback_support.h"
#include "fallback/mode_host.h"
#include "rz/fallback/fallback_manager.h"
#include "rz/fallback/offline/spool.h"
#include "rz/fallback/offline/store_memory.h"
#include "rz/storage/memory_storage.h"
#include "support/results.h"
#include "support/temp_folder.h"

namespace rz::fallback {
namespace {

struct OrdersAfterLossFixture {
  ManualClock clock{at(0)};
  storage::MemoryStorage store{clock};
  TempFolder folder;

  std::shared_ptr<Spool> spool(const std::string& name) {
    return std::make_shared<Spool>(folder / name, "store");
  }
  FallbackManager host(const std::string& name) {
    return FallbackManager(store, {.actor = "ops", .host = name, .spool = spool(name)}, clock);
  }
  void empty_store() {
    for (const std::string& key : ok(scan_all_keys(store, "*"))) ok(store.remove(key));
  }
  ModeState stored() {
    const auto bytes = ok(store.get(kModeStateKey));
    return bytes ? ok(decode_mode_state(*bytes)) : ModeState{};
  }
  Transition last_record() {
    return ok(TransitionLog(store, std::chrono::hours{1}).list({})).back();
  }
};

TEST_CASE_FIXTURE(OrdersAfterLossFixture,
                  "a pin on an older copy holds, whatever versions the lost orders had") {
  auto a = host("a");
  auto c = host("c");
  ok(a.cascade(failed(2)));
  const std::string copy = *ok(store.get(kModeStateKey));
  ok(a.set_mode("safe", std::nullopt, "lost"));
  ok(a.release());
  ok(store.set(kModeStateKey, copy));
  ok(c.set_mode("heuristic", std::nullopt, "fresh"));
  const Evaluation foreseen = ok(a.dry_run(kHealthy));
  CHECK(foreseen.before.mode == Mode::heuristic);
  const Evaluation seen = ok(a.cascade(kHealthy));
  CHECK(seen.after.mode == Mode::heuristic);
  REQUIRE(seen.after.pin);
  CHECK(seen.after.pin->reason == "fresh");
  CHECK(seen.store.store_lost != "");
  REQUIRE(seen.store.doubts.size() == 1);
  CHECK(seen.store.doubts[0].find("the pin of ops@c") != std::string::npos);
  CHECK(last_record().trigger == trigger::kRestored);
  CHECK(last_record().detail.find("the pin of ops@c") != std::string::npos);
  CHECK(ok(a.status()).store.doubts.empty());
  CHECK(ok(c.status()).store.doubts.empty());
}

TEST_CASE_FIXTURE(OrdersAfterLossFixture,
                  "a release that left a worse mode than the lost pin holds") {
  auto a = host("a");
  auto b = host("b");
  ok(a.set_mode("safe", std::nullopt, "K"));
  clock.advance(std::chrono::seconds{1});
  ok(a.set_mode("heuristic", std::nullopt, "K2"));
  empty_store();
  ok(b.set_mode("safe", std::nullopt, "N"));
  ok(b.release());
  const Evaluation seen = ok(a.status());
  CHECK(seen.after.mode == Mode::safe);
  CHECK_FALSE(seen.after.pin);
  REQUIRE(seen.store.doubts.size() == 1);
  CHECK(seen.store.doubts[0].find("the release of a pin") != std::string::npos);
  CHECK(seen.store.doubts[0].find("K2 does not") != std::string::npos);
}

TEST_CASE_FIXTURE(OrdersAfterLossFixture,
                  "the release of one's own pin takes no safer pin of another away") {
  auto a = host("a");
  auto b = host("b");
  ok(a.set_mode("safe", std::nullopt, "K"));
  empty_store();
  ok(b.set_mode("heuristic", std::nullopt, "N"));
  ok(b.release());
  const Evaluation seen = ok(a.status());
  CHECK(seen.after.mode == Mode::safe);
  REQUIRE(seen.after.pin);
  CHECK(seen.after.pin->reason == "K");
}

TEST_CASE_FIXTURE(OrdersAfterLossFixture,
                  "an older copy is not made better by evaluations that it lacks") {
  auto a = host("a");
  ok(a.cascade(failed(2)));
  const std::string copy = *ok(store.get(kModeStateKey));
  SUBCASE("they alone") {
    ok(a.cascade(kHealthy));
    ok(store.set(kModeStateKey, copy));
    CHECK(ok(a.status()).after.mode == Mode::safe);
  }
  SUBCASE("after the release of a pin, which is an order, but for no mode") {
    ok(a.set_mode("safe", std::nullopt, "bad deploy"));
    const std::string pinned = *ok(store.get(kModeStateKey));
    ok(a.release());
    ok(a.cascade(kHealthy));
    ok(store.set(kModeStateKey, pinned));
    const Evaluation seen = ok(a.status());
    CHECK(seen.after.mode == Mode::safe);
    CHECK_FALSE(seen.after.pin);
  }
  SUBCASE("after an order, which outranks them") {
    ok(a.set_mode("primary", std::nullopt, "all is well"));
    ok(a.release());
    ok(store.set(kModeStateKey, copy));
    CHECK(ok(a.status()).after.mode == Mode::primary);
  }
}

TEST_CASE_FIXTURE(OrdersAfterLossFixture,
                  "orders are noted, bounded, stored, and forgotten with the rest") {
  auto a = host("a");
  ok(a.cascade(failed(2)));
  CHECK(stored().orders.empty());
  for (int i = 0; i < 20; ++i) {
    clock.advance(std::chrono::seconds{1});
    ok(a.set_mode("safe", std::nullopt, "order " + std::to_string(i)));
  }
  ok(a.release());
  const ModeState state = stored();
  REQUIRE(state.orders.size() == kOrdersMax);
  const Order& last = state.orders.back();
  CHECK(last.release);
  CHECK(last.token == state.decision);
  CHECK(last.version == state.version);
  CHECK(last.lineage == state.lineage);
  CHECK_FALSE(state.orders.front().release);
  CHECK(ok(decode_mode_state(encode(state))) == state);
  ok(a.forget());
  CHECK(stored().orders.empty());
}

TEST_CASE("orders that there was no room for are known by their version") {
  ModeState known;
  known.lineage = "a";
  known.version = 40;
  for (int i = 0; i < 20; ++i) {
    add_order(known.orders, {"token" + std::to_string(i), "a", 10 + i, false});
  }
  ModeState there = known;
  there.version = 10;
  there.mode = Mode::heuristic;
  there.pin = Pin{std::nullopt, "there", "ops@db1", {}, "a", 10};
  there.orders = {{"token0", "a", 10, false}};
  CHECK(describe_overruled(there, known, at(0)) == "");
  // A version of a lineage that it does not know says nothing.
  there.orders[0].lineage = "b";
  CHECK(describe_overruled(there, known, at(0)) != "");
}

TEST_CASE_FIXTURE(OrdersAfterLossFixture,
                  "an order of an outage is noted where the drain writes it") {
  ModeHost a(store, clock, folder / "a", "a");
  ok(a.evaluate(enter(Mode::heuristic)));
  a.leave();
  ok(a.order(pin(Mode::safe)));
  a.come_back();
  ok(a.reconciler.read());
  const ModeState state = stored();
  REQUIRE(state.orders.size() == 1);
  CHECK(state.orders[0].token == state.decision);
  REQUIRE(state.pin);
  CHECK(state.orders[0].version == state.pin->version);
  CHECK(state.orders[0].lineage == state.pin->lineage);
}

/// Whether `known` has an order that `there` does not know of.
bool has_other_order(const ModeState& known, const ModeState& there) {
  return std::any_of(known.orders.begin(), known.orders.end(), [&](const Order& order) {
    return std::none_of(there.orders.begin(), there.orders.end(),
                        [&](const Order& each) { return each.token == order.token; });
  });
}

/// Three hosts, a store that is copied, set back and emptied, and what must hold whenever a host
/// has looked at it.
struct Model : OrdersAfterLossFixture {
  static constexpr int kSteps = 40;
  static constexpr std::array kNames{"a", "b", "c"};
  static constexpr std::array kModes{"primary", "heuristic", "safe"};

  explicit Model(std::uint32_t seed) : random(seed) {}

  std::mt19937 random;  ///< Its numbers are the same everywhere; those of a distribution are not.
  std::array<FallbackManager, 3> hosts{host(kNames[0]), host(kNames[1]), host(kNames[2])};
  std::optional<std::string> copy;
  std::string last_pin;  ///< The order given last since the store was touched; empty: no pin.
  int orders = 0;

  void look(std::size_t which) {
    const ModeState there = stored();
    const auto known = ok(spool(kNames.at(which))->peek()).known;
    ok(hosts.at(which).status());
    const ModeState now = stored();
    if (now.mode < there.mode) REQUIRE((known && has_other_order(*known, there)));
    if (!last_pin.empty()) {
      REQUIRE(now.pin);
      REQUIRE(now.pin->reason == last_pin);
    }
  }

  void order(FallbackManager& host, bool release) {
    // Of more orders than are remembered, only versions tell.
    if (++orders > static_cast<int>(kOrdersMax)) return;
    last_pin = release ? "" : "order " + std::to_string(orders);
    if (release) {
      ok(host.release());
    } else {
      ok(host.set_mode(kModes.at(random() % 3), std::nullopt, last_pin));
    }
  }

  void touch(bool empty) {
    if (!empty && !copy) return;
    last_pin.clear();
    if (empty) return empty_store();
    ok(store.set(kModeStateKey, *copy));
  }

  void step() {
    const std::size_t which = random() % 3;
    const auto what = random() % 10;
    clock.advance(std::chrono::seconds{1});
    if (what == 0) copy = ok(store.get(kModeStateKey));
    if (what == 1 || what == 2) return touch(what == 1);
    look(which);
    if (what >= 3 && what <= 6) order(hosts.at(which), what >= 5);
    if (what == 7) ok(hosts.at(which).cascade(failed(2)));
    if (what == 8) ok(hosts.at(which).cascade(circuit_open(9)));
    if (what == 9) ok(hosts.at(which).cascade(kHealthy));
    look(which);
  }
};

TEST_CASE("whatever is ordered, lost and put back, the order given last since then holds") {
  for (std::uint32_t seed = 0; seed < 80; ++seed) {
    CAPTURE(seed);
    Model model(seed);
    for (int i = 0; i < Model::kSteps; ++i) model.step();
  }
}

}  // namespace
}  // namespace rz::fallback
