// Whatever the records are: the times in modes, unknown and in maintenance add up to the window,
// and every figure is the one that SlowAudit finds.

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <cstdlib>
#include <numeric>
#include <tuple>

#include "history/slow_audit.h"

namespace rz::history {
namespace {

// Prints how many cases there were.
template <class Property>
bool holds(const Property& property) {
  ::setenv("RC_PARAMS", "max_success=1000", 0);
  return rc::check(property);
}

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
    record.reason = *rc::gen::element("a", "b", "c", "d", "e", "f", "g");
    if (record.trigger != trigger::kOffline) mode = record.to;
    records.push_back(record);
  }
  return records;
}

/// The same as a history that was imported has them: by times, which are not those of decisions.
std::vector<Transition> any_imported() {
  std::vector<Transition> records = any_records();
  for (std::size_t i = 1; i < records.size(); ++i) {
    const std::size_t other =
        i - *rc::gen::element<std::size_t>(0, 0, 0, 1, std::min<std::size_t>(i, 3));
    std::swap(records[i], records[other]);
    std::swap(records[i].timestamp, records[other].timestamp);
  }
  return records;
}

Objective any_objective() {
  const int minutes = *rc::gen::oneOf(rc::gen::inRange(60, 120), rc::gen::element(3'000, 7'200));
  return {99, minutes_long(minutes)};
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
  return KnownMode{read_from(asked) + minutes_long(after), any_mode(), epoch, {}};
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
    known = KnownMode{record.timestamp, record.to, tells ? record.epoch : last, {}};
    if (record.trigger == trigger::kForgotten) known->epoch = record.epoch.value_or(0);
  }
  return known;
}

/// The same with all records before: those of earlier episodes change nothing.
std::optional<KnownMode> recalled_before(const std::vector<Transition>& records, TimePoint from) {
  std::optional<KnownMode> known = known_before(records, from);
  for (const Transition& record : records) {
    if (record.timestamp >= from || record.trigger == trigger::kOffline) continue;
    known->records.push_back(record);
  }
  return known;
}

void assert_same_episodes(const Audit& audit, const SlowAudit& slow) {
  // Of one moment there may be several, which have no order.
  const auto sorted = [](std::vector<Episode> episodes) {
    std::sort(episodes.begin(), episodes.end(), [](const Episode& a, const Episode& b) {
      return std::tie(a.begin, a.end, a.begin_known, a.ended, a.worst, a.epoch, a.reasons) <
             std::tie(b.begin, b.end, b.begin_known, b.ended, b.worst, b.epoch, b.reasons);
    });
    return episodes;
  };
  const std::vector<Episode> expected = sorted(slow.episodes());
  const std::vector<Episode> episodes = sorted(audit.episodes);
  RC_ASSERT(episodes.size() == expected.size());
  std::size_t open = 0;
  std::size_t cut = 0;
  std::vector<Micros> complete;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const Episode& found = episodes[i];
    const Episode& other = expected[i];
    RC_ASSERT(found.begin == other.begin);
    RC_ASSERT(found.begin_known == other.begin_known);
    RC_ASSERT(found.begun_before == other.begun_before);
    RC_ASSERT(found.end == other.end);
    RC_ASSERT(found.ended == other.ended);
    RC_ASSERT(found.length == other.length);
    RC_ASSERT(found.maintenance == other.maintenance);
    RC_ASSERT(found.worst == other.worst);
    RC_ASSERT(found.reasons.size() + found.more_reasons >= other.reasons.size());
    const std::size_t shown = std::min<std::size_t>(other.reasons.size(), 5);
    RC_ASSERT(found.reasons ==
              std::vector(other.reasons.begin(), other.reasons.begin() + std::ptrdiff_t(shown)));
    RC_ASSERT(found.epoch == other.epoch);
    const bool whole = other.ended == EpisodeEnd::recovered && !other.begun_before;
    if (whole) complete.push_back(other.length);
    open += other.ended == EpisodeEnd::open ? 1 : 0;
    cut += !whole && other.ended != EpisodeEnd::open ? 1 : 0;
  }
  RC_ASSERT(audit.recovery.complete == complete.size());
  RC_ASSERT(audit.recovery.open == open);
  RC_ASSERT(audit.recovery.cut == cut);
  if (complete.empty()) return;
  const auto count = static_cast<std::int64_t>(complete.size());
  RC_ASSERT(*audit.recovery.mean ==
            std::accumulate(complete.begin(), complete.end(), Micros{0}) / count);
  // By counting how many are shorter, without sorting.
  const auto at_most = [&](Micros length) {
    return std::count_if(complete.begin(), complete.end(),
                         [length](Micros one) { return one <= length; });
  };
  const auto rank = [&](std::int64_t least) {
    Micros found = Micros::max();
    for (const Micros one : complete) {
      if (at_most(one) >= least) found = std::min(found, one);
    }
    return found;
  };
  RC_ASSERT(*audit.recovery.median == (rank((count + 1) / 2) + rank(count / 2 + 1)) / 2);
  RC_ASSERT(*audit.recovery.p90 == rank((count * 9 + 9) / 10));
}

void assert_same_stretches(const std::vector<Stretch>& found, std::size_t total,
                           std::vector<Stretch> expected, std::size_t most) {
  if (total != SIZE_MAX) RC_ASSERT(total == expected.size());
  if (expected.size() > most) expected.resize(most);
  RC_ASSERT(found.size() == expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    RC_ASSERT(found[i].length == expected[i].length);
    RC_ASSERT(found[i].when == expected[i].when);
    RC_ASSERT(found[i].entered.has_value() == expected[i].entered.has_value());
    if (found[i].entered) RC_ASSERT(found[i].entered->epoch == expected[i].entered->epoch);
  }
}

void assert_same_burn(const ErrorBudget& budget, const SlowAudit& slow) {
  const auto is_near = [](std::optional<double> a, std::optional<double> b) {
    return a.has_value() == b.has_value() && (!a || std::abs(*a - *b) < 1e-9 * (1 + *b));
  };
  for (const BurnRate& rate : budget.burn_rates) {
    RC_ASSERT(is_near(rate.long_rate, slow.burn_rate(rate.long_window, 0.01)));
    RC_ASSERT(is_near(rate.short_rate, slow.burn_rate(rate.short_window, 0.01)));
  }
}

}  // namespace

TEST_CASE("times in modes, unknown and maintenance add up to the window, for any records") {
  CHECK(holds([] {
    AuditQuestion asked = any_question();
    asked.periods = equal_bounds(asked.window, 7);
    asked.objective = any_objective();
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

namespace {

void assert_same_figures(const AuditQuestion& asked, const std::optional<KnownMode>& known,
                         const std::vector<Transition>& records) {
  const Audit audit = audit_records(asked, known, records);
  const SlowAudit slow(asked, known, records);
  RC_LOG() << story_of(asked, known, records) << std::endl;
  RC_ASSERT(audit.time == slow.time());
  RC_ASSERT(audit.budget->time == slow.time_of(audit.budget->when));
  RC_ASSERT(audit.lost == slow.lost(asked.window));
  RC_ASSERT(audit.budget->lost == slow.lost(audit.budget->when));
  RC_ASSERT(audit.transitions.total == slow.transitions());
  RC_ASSERT(audit.flaps.total == slow.flaps());
  for (const Period& period : audit.periods) {
    RC_ASSERT(period.transitions == slow.transitions_in(period.when));
    RC_ASSERT(period.flaps == slow.flaps_in(period.when));
  }
  assert_same_episodes(audit, slow);
  assert_same_burn(*audit.budget, slow);
  assert_same_stretches(audit.longest_primary, SIZE_MAX, slow.stretches({Mode::primary}), 5);
  assert_same_stretches(audit.worst_safe, audit.safe_stretches, slow.stretches({Mode::safe}),
                        asked.most_records);
  assert_same_stretches(audit.worst_degraded, audit.degraded_stretches,
                        slow.stretches({Mode::heuristic, Mode::safe}), asked.most_records);
}

AuditQuestion any_whole_question() {
  AuditQuestion asked = any_question();
  asked.objective = any_objective();
  asked.periods = equal_bounds(asked.window, 7);
  return asked;
}

}  // namespace

TEST_CASE("the slow way finds the same figures, for any records") {
  CHECK(holds([] {
    const AuditQuestion asked = any_whole_question();
    assert_same_figures(asked, any_known(asked), asked_for(any_records(), asked));
  }));
}

TEST_CASE("the slow way finds the same figures where records before the window are known") {
  CHECK(holds([] {
    AuditQuestion asked = any_whole_question();
    asked.objective->window = minutes_long(60);
    asked.window = {minute(40), minute(70)};
    asked.periods = equal_bounds(asked.window, 7);
    asked.maintenance.clear();
    const std::vector<Transition> records = any_records();
    assert_same_figures(asked, recalled_before(records, read_from(asked)),
                        asked_for(records, asked));
  }));
}

TEST_CASE("the slow way finds the same figures where times are not in the order of decisions") {
  CHECK(holds([] {
    const AuditQuestion asked = any_whole_question();
    assert_same_figures(asked, any_known(asked), asked_for(any_imported(), asked));
  }));
}

TEST_CASE("two parts of a window have the transitions and the flaps of the whole") {
  CHECK(holds([] {
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
