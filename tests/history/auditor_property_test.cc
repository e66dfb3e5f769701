// Whatever the records are: the times in modes, unknown and in maintenance add up to the window,
// and every figure is the one that SlowAudit finds.

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <numeric>

#include "history/slow_audit.h"

namespace rz::history {
namespace {

Mode any_mode() { return *rc::gen::element(Mode::primary, Mode::heuristic, Mode::safe); }

/// Records of which most follow each other, and some do not.
std::vector<Transition> any_records() {
  std::vector<Transition> records;
  std::int64_t time = *rc::gen::inRange(-40, 30);
  std::int64_t epoch = *rc::gen::inRange(0, 3);
  Mode mode = Mode::primary;
  const int count = *rc::gen::inRange(0, 25);
  for (int i = 0; i < count; ++i) {
    time += *rc::gen::element(0, 0, 1, 2, 3, 5, 12, -2);
    const bool is_change = *rc::gen::inRange(0, 10) < 7;
    Transition record = pin(minute(time), mode);
    if (is_change) record = change(minute(time), mode, any_mode(), ++epoch);
    switch (*rc::gen::inRange(0, 20)) {
      case 0: record.from = any_mode(); break;
      case 1: epoch += 2; break;
      case 2: record.trigger = trigger::kOffline; break;
      case 3:
        record.trigger = trigger::kRestored;
        record.epoch = ++epoch;
        break;
      case 4:
        record.trigger = trigger::kForgotten;
        epoch = record.epoch ? 1 : 0;
        if (record.epoch) record.epoch = 1;
        break;
      case 5:
        record.trigger.clear();
        record.epoch.reset();
        break;
      case 6: epoch = 0; break;
      default: break;
    }
    if (record.trigger != trigger::kOffline) mode = record.to;
    records.push_back(record);
  }
  return records;
}

AuditQuestion any_question() {
  const std::int64_t since = *rc::gen::inRange(-10, 40);
  AuditQuestion asked = question(since, since + *rc::gen::inRange(1, 60));
  asked.flap_window = minutes_long(*rc::gen::inRange(0, 15));
  std::int64_t at = since - 30;
  for (int i = *rc::gen::inRange(0, 4); i > 0; --i) {
    at += *rc::gen::inRange(1, 30);
    const std::int64_t end = at + *rc::gen::inRange(1, 15);
    asked.maintenance.push_back({minute(at), minute(end)});
    at = end + 1;
  }
  return asked;
}

std::optional<KnownMode> any_known(const AuditQuestion& asked) {
  if (*rc::gen::arbitrary<bool>()) return std::nullopt;
  const std::int64_t after = *rc::gen::inRange(-20, 60);
  const std::optional<std::int64_t> epoch =
      *rc::gen::element<std::optional<std::int64_t>>(std::nullopt, 0, 1);
  return KnownMode{read_from(asked) + minutes_long(after), any_mode(), epoch};
}

/// For whoever has to find out why a property does not hold.
std::string story_of(const AuditQuestion& asked, const std::optional<KnownMode>& known,
                     const std::vector<Transition>& records) {
  const auto minutes = [](TimePoint time) {
    return std::to_string((time - minute(0)) / std::chrono::minutes{1});
  };
  std::string story = "window " + minutes(asked.window.begin) + " to " + minutes(asked.window.end) +
                      ", flap window " + std::to_string(asked.flap_window.count() / 60'000'000);
  for (const Interval& window : asked.maintenance) {
    story += "; maintenance " + minutes(window.begin) + " to " + minutes(window.end);
  }
  if (known) story += "; known " + minutes(known->time) + " " + to_string(known->mode);
  for (const Transition& record : records) {
    story += "\n" + minutes(record.timestamp) + " " + to_string(record.from) + " " +
             to_string(record.to) + " " + record.trigger + " " +
             (record.epoch ? std::to_string(*record.epoch) : "-");
  }
  return story;
}

/// What a store would give for the question.
std::vector<Transition> asked_for(std::vector<Transition> records, const AuditQuestion& asked) {
  std::erase_if(records, [&](const Transition& record) {
    return record.timestamp < read_from(asked) || record.timestamp >= asked.window.end;
  });
  return records;
}

/// What the last record before `from` tells.
std::optional<KnownMode> known_before(const std::vector<Transition>& records, TimePoint from) {
  std::optional<KnownMode> known;
  for (const Transition& record : records) {
    if (record.timestamp >= from || record.trigger == trigger::kOffline) continue;
    const auto last = known ? known->epoch : std::nullopt;
    const bool tells = record.epoch || record.changes_mode();
    known = KnownMode{record.timestamp, record.to, tells ? record.epoch : last};
    if (record.trigger == trigger::kForgotten) known->epoch = record.epoch.value_or(0);
  }
  return known;
}

}  // namespace

TEST_CASE("times in modes, unknown and maintenance add up to the window, for any records") {
  CHECK(rc::check([] {
    AuditQuestion asked = any_question();
    asked.periods = equal_bounds(asked.window, 7);
    asked.objective = Objective{99, minutes_long(*rc::gen::inRange(60, 120))};
    const auto known = any_known(asked);
    const Audit audit = audit_records(asked, known, asked_for(any_records(), asked));
    RC_ASSERT(audit.time.total() == asked.window.length());
    ModeTime of_periods;
    for (const Period& period : audit.periods) of_periods += period.time;
    RC_ASSERT(of_periods == audit.time);
    ModeTime of_timeline;
    for (const Period& part : audit.timeline) of_timeline += part.time;
    RC_ASSERT(of_timeline == audit.time);
    Micros band{0};
    TimePoint end = asked.window.begin;
    for (const BandSegment& segment : audit.band) {
      RC_ASSERT(segment.when.begin == end);
      end = segment.when.end;
      band += segment.when.length();
    }
    RC_ASSERT(band == asked.window.length());
    RC_ASSERT(audit.budget->time.total() == asked.objective->window);
    RC_ASSERT(audit.budget->series.back().left == audit.budget->left());
  }));
}

TEST_CASE("the slow way finds the same figures, for any records") {
  CHECK(rc::check([] {
    AuditQuestion asked = any_question();
    asked.objective = Objective{99, minutes_long(*rc::gen::inRange(60, 120))};
    const auto known = any_known(asked);
    const std::vector<Transition> records = asked_for(any_records(), asked);
    const Audit audit = audit_records(asked, known, records);
    const SlowAudit slow(asked, known, records);
    RC_LOG() << story_of(asked, known, records) << std::endl;
    RC_ASSERT(audit.time == slow.time());
    RC_ASSERT(audit.budget->time == slow.time_of(audit.budget->when));
    RC_ASSERT(audit.lost == slow.lost(asked.window));
    RC_ASSERT(audit.budget->lost == slow.lost(audit.budget->when));
    RC_ASSERT(audit.transitions.total == slow.transitions());
    RC_ASSERT(audit.flaps.total == slow.flaps());
    const SlowAudit::Episodes episodes = slow.episodes();
    RC_ASSERT(audit.recovery.complete == episodes.complete.size());
    RC_ASSERT(audit.recovery.open == episodes.open);
    RC_ASSERT(audit.recovery.cut == episodes.cut);
    if (!episodes.complete.empty()) {
      const Micros sum =
          std::accumulate(episodes.complete.begin(), episodes.complete.end(), Micros{0});
      const auto count = static_cast<std::int64_t>(episodes.complete.size());
      RC_ASSERT(*audit.recovery.mean == sum / count);
    }
  }));
}

TEST_CASE("two parts of a window have the transitions and the flaps of the whole") {
  CHECK(rc::check([] {
    AuditQuestion whole = any_question();
    RC_PRE(whole.window.length() > minutes_long(1));
    AuditQuestion first = whole;
    AuditQuestion second = whole;
    const auto length = whole.window.length() / std::chrono::minutes{1};
    first.window.end = second.window.begin =
        whole.window.begin + minutes_long(*rc::gen::inRange<std::int64_t>(1, length));
    std::vector<Transition> records = any_records();
    // A clock that went back would put a record into another part than the one that it is asked
    // for.
    for (std::size_t i = 1; i < records.size(); ++i) {
      records[i].timestamp = std::max(records[i].timestamp, records[i - 1].timestamp);
    }
    RC_LOG() << story_of(whole, std::nullopt, records) << std::endl;
    const auto audited = [&](const AuditQuestion& asked) {
      return audit_records(asked, known_before(records, read_from(asked)),
                           asked_for(records, asked));
    };
    const Audit a = audited(first);
    const Audit b = audited(second);
    const Audit all = audited(whole);
    RC_ASSERT(a.transitions.total + b.transitions.total == all.transitions.total);
    RC_ASSERT(a.flaps.total + b.flaps.total == all.flaps.total);
    // The gap behind a part shows only in the other one, so times are compared where there is none.
    if (all.records.gaps == 0 && b.records.gaps == 0) {
      ModeTime sum = a.time;
      sum += b.time;
      RC_ASSERT(sum == all.time);
    }
  }));
}

}  // namespace rz::history
