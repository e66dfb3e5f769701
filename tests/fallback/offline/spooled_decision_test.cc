#include "rz/fallback/offline/spooled_decision.h"

#include <doctest/doctest.h>

#include <string>

#include "fallback/fallback_support.h"
#include "rz/fallback/offline/drain_report.h"

namespace rz::fallback {
namespace {

SpoolEntry spooled_entering(Mode from, Mode to, int seconds,
                            const char* trigger = trigger::kEvaluation) {
  SpoolEntry entry;
  entry.before.mode = from;
  entry.after.mode = to;
  entry.after.writer = entry.after.decision = "new";
  entry.transition = transition(at(seconds), from, to, "why", 1);
  entry.transition->trigger = trigger;
  return entry;
}

SpoolEntry spooled_pin(int until) {
  SpoolEntry entry = spooled_entering(Mode::safe, Mode::safe, 1, trigger::kManual);
  entry.after.pin = Pin{};
  entry.after.pin->set_at = at(0);
  entry.after.pin->until = at(until);
  return entry;
}

}  // namespace

TEST_CASE("a pin that a person changed is an order, one that ran out is none") {
  SpoolEntry order = spooled_pin(60);
  CHECK(is_order(order));
  CHECK(is_decision(order));
  SpoolEntry over = spooled_entering(Mode::safe, Mode::primary, 60, trigger::kPinExpired);
  over.before.pin = order.after.pin;
  CHECK(!is_order(over));
  CHECK(is_decision(over));
  CHECK(!is_decision(SpoolEntry{}));
}

TEST_CASE("states are of one decision by its token, or by what an rz without tokens decided") {
  ModeState a;
  ModeState b;
  CHECK(same_decision(a, b));
  b.epoch = 1;
  CHECK(!same_decision(a, b));
  a.decision = b.decision = "one";
  CHECK(same_decision(a, b));
  b.decision = "other";
  CHECK(!same_decision(a, b));
}

TEST_CASE("only a better mode, or the end of a pin, can come too early") {
  const TimePoint shared = at(100);
  CHECK(!is_premature(spooled_entering(Mode::primary, Mode::safe, 900), shared));
  CHECK(is_premature(spooled_entering(Mode::safe, Mode::primary, 900), shared));
  CHECK(!is_premature(spooled_entering(Mode::safe, Mode::primary, 100), shared));
  CHECK(!is_premature(spooled_entering(Mode::safe, Mode::primary, 900, trigger::kManual), shared));
  SpoolEntry over = spooled_entering(Mode::safe, Mode::primary, 100, trigger::kPinExpired);
  over.before.pin = spooled_pin(200).after.pin;
  CHECK(is_premature(over, shared));
  CHECK(!is_premature(over, at(200)));
}

TEST_CASE("an entry changes a newer state as it changed the older one") {
  SpoolEntry entry = spooled_entering(Mode::primary, Mode::safe, 5);
  entry.before.epoch = 3;
  entry.after.epoch = 4;
  entry.after.since = at(5);
  ModeState now;
  now.epoch = 7;
  now.version = 40;
  now.lineage = "there";
  now.pin = spooled_pin(60).after.pin;
  const ModeState next = rebased(entry, now, at(9));
  CHECK(next.mode == Mode::safe);
  CHECK(next.epoch == 8);
  CHECK(next.version == 41);
  CHECK(next.lineage == "there");
  CHECK(next.since == at(5));
  CHECK(next.pin == now.pin);
}

TEST_CASE("a pin of a clock that was wrong is moved to the store's time") {
  SpoolEntry entry = spooled_pin(60);
  ModeState next = entry.after;
  const HostTime here(at(1'000));  // The store says 400: the clock is 600 s ahead.
  REQUIRE(set_pin_by(at(400), here, entry, next));
  CHECK(next.pin->set_at == at(-600));
  CHECK(next.pin->until == at(-540));
  next = entry.after;
  CHECK(!set_pin_by(at(1'000), here, entry, next));
  CHECK(next == entry.after);
}

TEST_CASE("decisions that wait will hold if nobody has decided, or one of them is there") {
  SpoolEntry entry = spooled_entering(Mode::primary, Mode::safe, 5);
  entry.before.decision = "base";
  ModeState there;
  there.decision = "base";
  CHECK(will_hold(there, {entry}));
  there.decision = "new";
  CHECK(will_hold(there, {entry}));
  there.decision = "of others";
  CHECK(!will_hold(there, {entry}));
  CHECK(will_hold(there, {}));
}

TEST_CASE("a drain tells what became of decisions, in one sentence each") {
  DrainReport report;
  CHECK(report.sentences().empty());
  CHECK(report.lost_decisions() == "");
  CHECK(report.lost_orders() == "");
  report.recorded = 1;
  CHECK(report.sentences().front() ==
        "the store is back: 1 transition decided without it is now recorded");
  report.overtaken = 2;
  CHECK(report.lost_decisions() ==
        "the store is back: 2 transitions of this host alone do not hold, for others decided "
        "since, or voted otherwise; the history has them as offline");
  report.pins_lost = 1;
  CHECK(report.lost_orders() == lost_orders({spooled_pin(60)}));
  CHECK(lost_orders({spooled_entering(Mode::primary, Mode::safe, 1)}) == "");
}

}  // namespace rz::fallback
