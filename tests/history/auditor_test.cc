#include "rz/history/auditor.h"

#include <doctest/doctest.h>

#include "history/history_support.h"

namespace rz::history {
namespace {

constexpr Mode kPrimary = Mode::primary;
constexpr Mode kHeuristic = Mode::heuristic;
constexpr Mode kSafe = Mode::safe;

Audit audited(const AuditQuestion& asked, const std::vector<Transition>& records,
              const std::optional<KnownMode>& known = std::nullopt) {
  Audit audit = audit_records(asked, known, records);
  CHECK(audit.time.total() == asked.window.length());
  return audit;
}

std::int64_t minutes_of(const Audit& audit, TimeKind kind) {
  return std::chrono::duration_cast<std::chrono::minutes>(audit.time.of(kind)).count();
}

}  // namespace

TEST_CASE("before the first record nothing is known, and nothing counts") {
  const Audit audit = audited(question(0, 60), {change(minute(20), kPrimary, kSafe, 7),
                                                change(minute(30), kSafe, kPrimary, 8)});
  CHECK(minutes_of(audit, TimeKind::unknown) == 20);
  CHECK(minutes_of(audit, TimeKind::safe) == 10);
  CHECK(minutes_of(audit, TimeKind::primary) == 30);
  CHECK(*audit.time.availability() == doctest::Approx(0.75));
  // That it left primary is known, so that the episode is complete.
  CHECK(audit.recovery.complete == 1);
  CHECK(audit.recovery.mean == minutes_long(10));
}

TEST_CASE("the mode before the window is that of the last record before it") {
  const KnownMode known{minute(-100), kSafe, 4};
  const Audit audit = audited(question(0, 60), {change(minute(15), kSafe, kPrimary, 5)}, known);
  CHECK(minutes_of(audit, TimeKind::safe) == 15);
  CHECK(minutes_of(audit, TimeKind::unknown) == 0);
  // It began before the window, so that nobody knows from here how long it took.
  REQUIRE(audit.episodes.size() == 1);
  CHECK(audit.episodes[0].begun_before);
  CHECK(audit.episodes[0].length == minutes_long(15));
  CHECK(audit.recovery.complete == 0);
  CHECK(audit.recovery.cut == 1);
  CHECK(!audit.recovery.mean.has_value());
}

TEST_CASE("an empty window of a known mode is that mode") {
  const Audit audit = audited(question(0, 60), {}, KnownMode{minute(-5), kHeuristic, 1});
  CHECK(audit.informed);
  CHECK(minutes_of(audit, TimeKind::heuristic) == 60);
  CHECK(audit.transitions.total == 0);
  CHECK(audit.recovery.open == 1);
}

TEST_CASE("where nothing is known at all, nothing is told") {
  const Audit audit = audited(question(0, 60), {});
  CHECK(!audit.informed);
  CHECK(minutes_of(audit, TimeKind::unknown) == 60);
  CHECK(!audit.time.availability().has_value());
}

TEST_CASE("a mode that is known from a time within the window counts from then on") {
  const Audit audit = audited(question(0, 60), {}, KnownMode{minute(45), kPrimary, 0});
  CHECK(audit.informed);
  CHECK(minutes_of(audit, TimeKind::unknown) == 45);
  CHECK(minutes_of(audit, TimeKind::primary) == 15);
}

TEST_CASE("records of one time count, each of them, and take no time") {
  const Audit audit = audited(question(0, 60), {change(minute(10), kPrimary, kHeuristic, 1),
                                                change(minute(10), kHeuristic, kSafe, 2),
                                                change(minute(10), kSafe, kPrimary, 3)});
  CHECK(audit.transitions.total == 3);
  CHECK(audit.time.degraded() == Micros{0});
  REQUIRE(audit.episodes.size() == 1);
  CHECK(audit.episodes[0].length == Micros{0});
  CHECK(audit.episodes[0].worst == kSafe);
  CHECK(audit.recovery.mean == Micros{0});
}

TEST_CASE("a record whose clock was behind counts from the one before it") {
  const Audit audit = audited(question(0, 60), {change(minute(20), kPrimary, kSafe, 1),
                                                change(minute(15), kSafe, kHeuristic, 2),
                                                change(minute(30), kHeuristic, kPrimary, 3)});
  CHECK(audit.records.out_of_order == 1);
  CHECK(minutes_of(audit, TimeKind::safe) == 0);
  CHECK(minutes_of(audit, TimeKind::heuristic) == 10);
  CHECK(audit.recovery.mean == minutes_long(10));
}

TEST_CASE("where the next record leaves another mode, the time between is unknown") {
  const Audit audit = audited(question(0, 60), {change(minute(0), kSafe, kPrimary, 1),
                                                change(minute(40), kSafe, kPrimary, 2)});
  CHECK(audit.records.gaps == 1);
  CHECK(minutes_of(audit, TimeKind::unknown) == 40);
  CHECK(minutes_of(audit, TimeKind::primary) == 20);
}

TEST_CASE("time before anything is known is not lost, and that between missing records is") {
  AuditQuestion asked = question(0, 120);
  asked.maintenance = {{minute(50), minute(60)}};
  const Audit audit = audited(
      asked, {change(minute(20), kSafe, kPrimary, 1), change(minute(80), kSafe, kPrimary, 4)});
  CHECK(minutes_of(audit, TimeKind::unknown) == 70);
  CHECK(audit.lost == minutes_long(50));
  Transition restored = change(minute(30), kPrimary, kSafe, 5);
  restored.trigger = trigger::kRestored;
  CHECK(audited(question(0, 60), {restored}).lost == minutes_long(30));
}

TEST_CASE("where epochs are left out, records are missing, also if the modes fit") {
  const std::vector<Transition> records = {change(minute(0), kPrimary, kSafe, 3),
                                           change(minute(40), kSafe, kPrimary, 6)};
  const Audit audit = audited(question(0, 60), records);
  CHECK(audit.records.gaps == 1);
  CHECK(minutes_of(audit, TimeKind::unknown) == 40);
  REQUIRE(audit.episodes.size() == 1);
  CHECK(audit.episodes[0].ended == EpisodeEnd::cut);
  CHECK(audit.recovery.complete == 0);
  CHECK(audit.recovery.cut == 1);
}

TEST_CASE("a lower epoch is that of another memory, and no gap where the modes fit") {
  const Audit audit = audited(question(0, 60), {change(minute(0), kPrimary, kSafe, 9),
                                                change(minute(10), kSafe, kPrimary, 2)});
  CHECK(audit.records.gaps == 0);
  CHECK(minutes_of(audit, TimeKind::safe) == 10);
}

TEST_CASE("what one host decided alone is counted, and is no mode of the system") {
  Transition alone = change(minute(20), kPrimary, kSafe, 1);
  alone.trigger = trigger::kOffline;
  alone.epoch.reset();
  const Audit audit = audited(question(0, 60), {change(minute(10), kSafe, kPrimary, 1), alone});
  CHECK(audit.records.records == 2);
  CHECK(audit.records.offline == 1);
  CHECK(audit.transitions.total == 1);
  CHECK(minutes_of(audit, TimeKind::primary) == 50);
  CHECK(audit.episodes_total == 0);
}

TEST_CASE("what was put back goes on if no transition was lost, and is no transition") {
  Transition restored = change(minute(30), kPrimary, kSafe, 2);
  restored.trigger = trigger::kRestored;
  const std::vector<Transition> records = {change(minute(10), kPrimary, kSafe, 1), restored,
                                           change(minute(40), kSafe, kPrimary, 3)};
  const Audit audit = audited(question(0, 60), records);
  CHECK(audit.records.restored == 1);
  CHECK(audit.records.gaps == 0);
  CHECK(audit.transitions.total == 2);
  CHECK(minutes_of(audit, TimeKind::safe) == 30);
  CHECK(audit.recovery.mean == minutes_long(30));
}

TEST_CASE("what was put back after transitions were lost leaves the time before it unknown") {
  Transition restored = change(minute(30), kPrimary, kSafe, 5);
  restored.trigger = trigger::kRestored;
  const Audit audit = audited(question(0, 60), {change(minute(10), kSafe, kPrimary, 1), restored});
  CHECK(audit.records.gaps == 1);
  CHECK(minutes_of(audit, TimeKind::unknown) == 30);
  CHECK(minutes_of(audit, TimeKind::safe) == 30);
  CHECK(audit.recovery.open == 1);
  CHECK(audit.episodes.at(0).begun_before);
}

TEST_CASE("who began anew on purpose counts epochs anew") {
  Transition forgotten = change(minute(20), kSafe, kPrimary, 1);
  forgotten.trigger = trigger::kForgotten;
  const Audit audit = audited(question(0, 60), {change(minute(10), kPrimary, kSafe, 30), forgotten,
                                                change(minute(30), kPrimary, kHeuristic, 2)});
  CHECK(audit.records.gaps == 0);
  CHECK(minutes_of(audit, TimeKind::safe) == 10);
  CHECK(minutes_of(audit, TimeKind::heuristic) == 30);
}

TEST_CASE("pins are no transitions; one tells the mode where nothing else does") {
  const Audit audit = audited(question(0, 60), {pin(minute(20), kSafe), pin(minute(30), kSafe)});
  CHECK(audit.transitions.total == 0);
  CHECK(audit.records.pins == 2);
  CHECK(minutes_of(audit, TimeKind::unknown) == 20);
  CHECK(minutes_of(audit, TimeKind::safe) == 40);
  CHECK(audit.flaps.total == 0);
}

TEST_CASE("back within the flap window is a flap, the window's own end included") {
  AuditQuestion asked = question(0, 120);
  asked.flap_window = minutes_long(10);
  const Audit audit = audited(asked, {
                                         change(minute(10), kPrimary, kSafe, 1),
                                         change(minute(20), kSafe, kPrimary, 2),      // 10m: a flap
                                         change(minute(31), kPrimary, kSafe, 3),      // 11m: none
                                         change(minute(35), kSafe, kHeuristic, 4),    // new: none
                                         change(minute(40), kHeuristic, kPrimary, 5)  // 9m: a flap
                                     });
  CHECK(audit.flaps.total == 2);
  REQUIRE(audit.flaps.newest.size() == 2);
  CHECK(audit.flaps.newest[0].epoch == 2);
  CHECK(audit.flaps.newest[1].epoch == 5);
}

TEST_CASE("a flap at the beginning of the window is seen from what was before it") {
  AuditQuestion asked = question(0, 60);
  asked.flap_window = minutes_long(10);
  const Audit audit = audited(
      asked, {change(minute(-5), kPrimary, kSafe, 1), change(minute(5), kSafe, kPrimary, 2)});
  CHECK(audit.transitions.total == 1);
  CHECK(audit.flaps.total == 1);
}

TEST_CASE("after a gap nobody knows what is a flap") {
  AuditQuestion asked = question(0, 60);
  asked.flap_window = minutes_long(30);
  const Audit audit = audited(
      asked, {change(minute(1), kPrimary, kSafe, 1), change(minute(5), kSafe, kPrimary, 4)});
  CHECK(audit.flaps.total == 0);
}

TEST_CASE("maintenance is taken out of every figure") {
  AuditQuestion asked = question(0, 120);
  asked.maintenance = {{minute(30), minute(60)}};
  const std::vector<Transition> records = {
      change(minute(0), kSafe, kPrimary, 1), change(minute(35), kPrimary, kSafe, 2),
      change(minute(50), kSafe, kPrimary, 3), change(minute(55), kPrimary, kHeuristic, 4),
      change(minute(70), kHeuristic, kPrimary, 5)};
  const Audit audit = audited(asked, records);
  CHECK(minutes_of(audit, TimeKind::maintenance) == 30);
  CHECK(minutes_of(audit, TimeKind::safe) == 0);
  CHECK(minutes_of(audit, TimeKind::heuristic) == 10);
  CHECK(minutes_of(audit, TimeKind::primary) == 80);
  // Those at 0 and 70; three are planned.
  CHECK(audit.transitions.total == 2);
  CHECK(audit.records.planned == 3);
  // The first episode was all planned; of the second, what was behind the window counts.
  CHECK(audit.episodes_total == 1);
  CHECK(audit.recovery.mean == minutes_long(10));
  CHECK(audit.episodes.at(0).maintenance == minutes_long(5));
  CHECK(audit.maintenance.size() == 1);
}

TEST_CASE("the longest episodes are kept, and all of them count") {
  AuditQuestion asked = question(0, 1000);
  asked.most_episodes = 2;
  std::vector<Transition> records;
  std::int64_t epoch = 0;
  for (const int length : {5, 30, 1, 20, 2}) {
    const auto at = static_cast<std::int64_t>(records.size()) * 50;
    records.push_back(change(minute(at), kPrimary, kSafe, ++epoch));
    records.push_back(change(minute(at + length), kSafe, kPrimary, ++epoch));
  }
  const Audit audit = audited(asked, records);
  CHECK(audit.episodes_total == 5);
  REQUIRE(audit.episodes.size() == 2);
  CHECK(audit.episodes[0].length == minutes_long(30));
  CHECK(audit.episodes[1].length == minutes_long(20));
  CHECK(audit.longest_degraded == minutes_long(30));
  // 1 2 5 20 30
  CHECK(audit.recovery.median == minutes_long(5));
  CHECK(audit.recovery.p90 == minutes_long(30));
}

TEST_CASE("of too many stretches the band is empty rather than a part") {
  AuditQuestion asked = question(0, 100);
  asked.most_segments = 3;
  std::vector<Transition> records = {change(minute(10), kPrimary, kSafe, 1, "one"),
                                     change(minute(20), kSafe, kPrimary, 2, "two")};
  const Audit few = audited(asked, records);
  REQUIRE(few.band.size() == 3);
  CHECK(few.band[1].kind == TimeKind::safe);
  CHECK(few.band_reasons.at(few.band[1].reason) == "one");
  records.push_back(change(minute(30), kPrimary, kSafe, 3));
  const Audit many = audited(asked, records);
  CHECK(many.band.empty());
  CHECK(many.band_total == 4);
}

TEST_CASE("causes are named without their numbers, and get the time that they cost") {
  const Audit audit =
      audited(question(0, 200),
              {change(minute(0), kPrimary, kHeuristic, 1, "circuit_open(12s)"),
               change(minute(10), kHeuristic, kSafe, 2, "multiple_failures(2); circuit_open(600s)"),
               change(minute(30), kSafe, kPrimary, 3, "recovered"),
               change(minute(100), kPrimary, kSafe, 4, "multiple_failures(3)")});
  REQUIRE(audit.causes.size() == 2);
  CHECK(audit.causes[0].name == "multiple_failures");
  CHECK(audit.causes[0].count == 2);
  CHECK(audit.causes[0].degraded == minutes_long(120));
  CHECK(audit.causes[1].name == "circuit_open");
  CHECK(audit.causes[1].count == 2);
  CHECK(audit.causes[1].degraded == minutes_long(30));
}

TEST_CASE("periods count what happened in them") {
  AuditQuestion asked = question(0, 120);
  asked.flap_window = minutes_long(30);
  asked.periods = {minute(0), minute(60), minute(120)};
  const Audit audit = audited(
      asked, {change(minute(50), kPrimary, kSafe, 1), change(minute(70), kSafe, kPrimary, 2)});
  REQUIRE(audit.periods.size() == 2);
  CHECK(audit.periods[0].time.of(TimeKind::safe) == minutes_long(10));
  CHECK(audit.periods[0].transitions == 1);
  CHECK(audit.periods[0].episodes == 1);
  CHECK(audit.periods[1].time.of(TimeKind::safe) == minutes_long(10));
  CHECK(audit.periods[1].flaps == 1);
  CHECK(audit.periods[1].episodes == 0);
}

TEST_CASE("the longest stretches in primary are told, with both ends") {
  const Audit audit = audited(question(0, 300), {change(minute(0), kSafe, kPrimary, 1),
                                                 change(minute(100), kPrimary, kSafe, 2),
                                                 change(minute(110), kSafe, kPrimary, 3)});
  REQUIRE(audit.longest_primary.size() == 2);
  CHECK(audit.longest_primary[0].length == minutes_long(190));
  CHECK(audit.longest_primary[0].when == Interval{minute(110), minute(300)});
  REQUIRE(audit.worst_safe.size() == 1);
  CHECK(audit.worst_safe[0].entered->epoch == 2);
}

TEST_CASE("what led to the mode before the window is told, and not counted") {
  Transition first = change(minute(-50), kPrimary, kHeuristic, 4, "circuit_open(9s)");
  first.actor = "watch";
  const std::vector<Transition> before = {
      first, pin(minute(-45), kHeuristic),
      change(minute(-40), kHeuristic, kSafe, 5, "multiple_failures(2)")};
  const Audit audit = audited(question(0, 60), {change(minute(15), kSafe, kPrimary, 6)},
                              KnownMode{minute(-40), kSafe, 5, before});
  CHECK(audit.transitions.total == 1);
  REQUIRE(audit.episodes.size() == 1);
  const Episode& episode = audit.episodes[0];
  CHECK(episode.begin == minute(-50));
  CHECK(episode.begin_known);
  CHECK(episode.begun_before);
  CHECK(episode.length == minutes_long(15));
  CHECK(episode.reasons == std::vector<std::string>{"circuit_open(9s)", "multiple_failures(2)"});
  CHECK(episode.actor == "watch");
  CHECK(episode.epoch == 4);
  CHECK(episode.ended == EpisodeEnd::recovered);
  // Its whole length is not within the window.
  CHECK(episode.counted_as() == EpisodeEnd::cut);
  CHECK(audit.recovery.cut == 1);
  REQUIRE(audit.worst_safe.size() == 1);
  REQUIRE(audit.worst_safe[0].entered.has_value());
  CHECK(audit.worst_safe[0].entered->epoch == 5);
  CHECK(audit.worst_safe[0].when.begin == minute(-40));
  REQUIRE(audit.causes.size() == 1);
  CHECK(audit.causes[0].name == "multiple_failures");
  CHECK(audit.causes[0].count == 0);
  CHECK(audit.causes[0].degraded == minutes_long(15));
}

TEST_CASE("records that were imported by their times count in the order of decisions") {
  // Epoch 3 was decided behind epoch 2, by a host whose clock is ten minutes behind.
  const Audit audit = audited(
      question(0, 120),
      {change(minute(0), kSafe, kPrimary, 1), change(minute(50), kSafe, kHeuristic, 3),
       change(minute(60), kPrimary, kSafe, 2), change(minute(90), kHeuristic, kPrimary, 4)});
  CHECK(audit.records.gaps == 0);
  CHECK(audit.records.out_of_order == 1);
  CHECK(minutes_of(audit, TimeKind::unknown) == 0);
  CHECK(minutes_of(audit, TimeKind::primary) == 90);
  CHECK(minutes_of(audit, TimeKind::heuristic) == 30);
  CHECK(audit.recovery.mean == minutes_long(30));
}

TEST_CASE("epochs of another history are not those that are missing") {
  // A store was emptied and begun anew: its epoch 2 is not that between 1 and 3.
  const Audit audit =
      audited(question(0, 120),
              {change(minute(0), kSafe, kPrimary, 1), change(minute(50), kSafe, kPrimary, 3),
               change(minute(60), kPrimary, kHeuristic, 1), change(minute(70), kPrimary, kSafe, 2),
               change(minute(90), kSafe, kPrimary, 3)});
  CHECK(audit.records.out_of_order == 0);
  CHECK(audit.records.gaps == 2);
}

TEST_CASE("what is missing is not waited for any longer than a few records") {
  std::vector<Transition> records = {change(minute(0), kSafe, kPrimary, 1)};
  for (int i = 0; i < 200; ++i) {
    const bool is_even = i % 2 == 0;
    records.push_back(
        change(minute(10 + i), is_even ? kSafe : kPrimary, is_even ? kPrimary : kSafe, 3 + i));
  }
  records.push_back(change(minute(215), kSafe, kPrimary, 2));
  const Audit audit = audited(question(0, 220), records);
  CHECK(audit.transitions.total == records.size());
  CHECK(minutes_of(audit, TimeKind::unknown) == 10);
}

TEST_CASE("the last days and weeks are told beyond the window, as far as the history reaches") {
  constexpr std::int64_t kDay = 24 * 60;
  AuditQuestion asked = question(-kDay, 0);
  const std::vector<Transition> records = {change(minute(-10 * kDay), kPrimary, kSafe, 1),
                                           change(minute(-9 * kDay), kSafe, kPrimary, 2)};
  const KnownMode known{minute(-40 * kDay), kPrimary, 0, {}};
  CHECK(audited(asked, {}, known).recent.size() == 1);
  asked.recent_beyond = true;
  CHECK(read_from(asked) == minute(-90 * kDay) - asked.flap_window);
  const Audit audit = audited(asked, records, known);
  CHECK(audit.transitions.total == 0);
  REQUIRE(audit.recent.size() == 3);
  CHECK(audit.recent[1].period == minutes_long(7 * kDay));
  CHECK(audit.recent[1].time.availability() == doctest::Approx(1));
  CHECK(audit.recent[2].time.availability() == doctest::Approx(29.0 / 30));
}

}  // namespace rz::history
