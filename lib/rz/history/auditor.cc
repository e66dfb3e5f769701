#include "rz/history/auditor.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

namespace rz::history {
namespace {

using std::chrono::days;

constexpr std::size_t kMostPrimary = 5;

Mode degraded_mode_of(TimeKind kind) {
  return kind == TimeKind::safe ? Mode::safe
                                : (kind == TimeKind::heuristic ? Mode::heuristic : Mode::primary);
}

constexpr days kRecentPeriods[] = {days{1}, days{7}, days{30}, days{90}};

std::vector<IntervalTime> recent_of(const AuditQuestion& question) {
  const Interval& window = question.window;
  std::vector<IntervalTime> recent;
  for (const days period : kRecentPeriods) {
    if (period <= window.length() || question.recent_beyond) {
      recent.push_back({{window.end - period, window.end}});
    }
  }
  return recent;
}

std::vector<Interval> maintenance_in(const Interval& window, const std::vector<Interval>& all) {
  std::vector<Interval> within;
  for (const Interval& one : all) {
    const Interval part = one.within(window);
    if (!part.empty()) within.push_back(part);
  }
  return within;
}

}  // namespace

TimePoint read_from(const AuditQuestion& question) {
  TimePoint from = question.window.begin;
  if (question.objective) from = std::min(from, question.window.end - question.objective->window);
  if (question.recent_beyond) {
    from = std::min<TimePoint>(from, question.window.end - *std::rbegin(kRecentPeriods));
  }
  return from - question.flap_window;
}

Auditor::Auditor(AuditQuestion question)
    : question_(std::move(question)),
      timeline_(read_from(question_)),
      order_(timeline_, [this](const Transition& record) { take(record); }),
      maintenance_(question_.maintenance),
      flap_counter_(question_.flap_window),
      episodes_(question_.window, question_.most_episodes,
                [this](const Episode& episode) {
                  if (Period* period = periods_ ? periods_->find(episode.begin) : nullptr) {
                    ++period->episodes;
                  }
                }),
      band_(question_.window, question_.most_segments),
      running_{read_from(question_)},
      transitions_(question_.most_records),
      flaps_(question_.most_records),
      window_{question_.window},
      recent_(recent_of(question_)),
      timeline_parts_(equal_bounds(question_.window, kTimelineParts)),
      primary_(question_.window, {TimeKind::primary}, kMostPrimary),
      degraded_(question_.window, {TimeKind::heuristic, TimeKind::safe}, question_.most_records),
      safe_(question_.window, {TimeKind::safe}, question_.most_records) {
  if (!question_.periods.empty()) periods_.emplace(question_.periods);
  if (question_.objective) {
    budget_.emplace(*question_.objective, question_.window.end, question_.most_records);
  }
}

void Auditor::know(const KnownMode& known) {
  const Segment before = timeline_.know(known);
  pass(before);
  end_stretch(before.when.end);
  running_ = {known.time, kind_of(known.mode), std::nullopt};
  const bool planned = maintenance_.contains(before.when.end);
  recall(known.records, planned);
  episodes_.begin_with(known, planned);
}

// What led to the mode is not of this audit, but it is what the time in that mode comes from, and
// how an episode began that goes on. `planned`: whether maintenance was when the audit begins.
void Auditor::recall(const std::vector<Transition>& records, bool planned) {
  ModeTimeline before(TimePoint::min());
  std::optional<Mode> mode;
  for (const Transition& record : records) {
    const Step step = before.add(record);
    if (step.kind == RecordKind::offline) continue;
    if (mode != record.to || step.gap) {
      running_.begin = step.time;
      running_.entered = record;
    }
    mode = record.to;
    count_causes(record, step, Place{});
    episodes_.change(step, record, planned);
  }
}

// The next decision.
void Auditor::take(const Transition& record) {
  const Step step = timeline_.add(record);
  if (step.kind == RecordKind::offline) {
    if (question_.window.contains(record.timestamp)) {
      ++audit_.records.records;
      ++audit_.records.offline;
    }
    return;
  }
  move_on(record, step);
  const Place place{question_.window.contains(step.time), maintenance_.contains(step.time)};
  count_record(record, step, place);
  if (step.kind == RecordKind::transition) count_transition(record, step, place);
  count_causes(record, step, place);
  episodes_.change(step, record, place.planned);
}

// Passes the time before the record, and begins what it begins.
void Auditor::move_on(const Transition& record, const Step& step) {
  if (step.gap) {
    end_stretch(step.before.when.begin);
    running_ = {step.before.when.begin};
    flap_counter_.forget();
  }
  pass(step.before, step.gap);
  const bool is_same = running_.kind == kind_of(record.to) && !step.gap;
  if (is_same) return;
  end_stretch(step.time);
  running_.begin = step.time;
  running_.kind = kind_of(record.to);
  // In place, so that a million records do not allocate a million times.
  running_.entered = record;
}

void Auditor::pass(const Segment& segment, bool lost) {
  const bool known = segment.kind != TimeKind::unknown;
  if (known && !known_from_) known_from_ = segment.when.begin;
  if (known && !segment.when.within(question_.window).empty()) audit_.informed = true;
  maintenance_.cut(segment, [&](const Segment& part) {
    pass_part(part);
    if (lost && part.kind != TimeKind::maintenance) {
      audit_.lost += part.when.within(question_.window).length();
      if (budget_) budget_->pass_lost(part);
    }
    if (known) episodes_.pass(part, degraded_mode_of(segment.kind));
  });
}

void Auditor::pass_part(const Segment& part) {
  window_.add(part);
  for (IntervalTime& one : recent_) one.add(part);
  timeline_parts_.add(part);
  if (periods_) periods_->add(part);
  if (budget_) budget_->pass(part);
  for (LongestStretches* longest : {&primary_, &degraded_, &safe_}) longest->pass(part);
  if (is_degraded(part.kind)) causes_.spent(part.when.within(question_.window).length());
}

void Auditor::end_stretch(TimePoint end) {
  const Interval when{running_.begin, end};
  for (LongestStretches* longest : {&primary_, &degraded_, &safe_}) {
    longest->end(when, running_.kind, running_.entered);
  }
  if (budget_) budget_->end_stretch(when, running_.kind, running_.entered);
  static const std::string kNoReason;
  band_.add({when, running_.kind}, running_.entered ? running_.entered->reason : kNoReason);
}

void Auditor::count_record(const Transition& record, const Step& step, const Place& place) {
  if (!place.in_window) return;
  audit_.informed = true;
  RecordCounts& counts = audit_.records;
  ++counts.records;
  if (step.kind == RecordKind::pin) ++counts.pins;
  if (step.kind == RecordKind::restored) ++counts.restored;
  if (record.legacy()) ++counts.legacy;
  if (step.out_of_order) ++counts.out_of_order;
  if (step.gap) ++counts.gaps;
  if (place.planned && step.kind == RecordKind::transition) ++counts.planned;
}

void Auditor::count_transition(const Transition& record, const Step& step, const Place& place) {
  const bool flap = flap_counter_.is_flap(record.from, record.to, step.time);
  if (!place.counts()) return;
  Period* period = periods_ ? periods_->at(step.time) : nullptr;
  transitions_.add(record);
  if (period != nullptr) ++period->transitions;
  if (!flap) return;
  flaps_.add(record);
  if (period != nullptr) ++period->flaps;
}

void Auditor::count_causes(const Transition& record, const Step& step, const Place& place) {
  if (record.to == Mode::primary) return causes_.ended();
  const bool worse = !step.mode_before || record.to > *step.mode_before;
  if (worse) {
    causes_.worsened(record, place.counts());
  } else if (step.gap) {
    causes_.ended();
  }
}

Audit Auditor::finish() {
  order_.finish();
  const Segment last = timeline_.finish(question_.window.end);
  pass(last);
  end_stretch(last.when.end);
  audit_.window = question_.window;
  audit_.flap_window = question_.flap_window;
  audit_.time = window_.time;
  audit_.transitions = {transitions_.total(), transitions_.finish()};
  audit_.flaps = {flaps_.total(), flaps_.finish()};
  EpisodeTracker::Found found = episodes_.finish();
  audit_.episodes = std::move(found.episodes);
  audit_.episodes_total = found.total;
  audit_.longest_degraded = found.longest;
  audit_.recovery = found.recovery;
  audit_.longest_primary = primary_.finish();
  audit_.worst_degraded = degraded_.finish();
  audit_.degraded_stretches = degraded_.total();
  audit_.worst_safe = safe_.finish();
  audit_.safe_stretches = safe_.total();
  audit_.causes = causes_.finish(question_.most_causes);
  if (periods_) audit_.periods = periods_->finish();
  audit_.timeline = timeline_parts_.finish();
  band_.finish(audit_);
  for (const IntervalTime& one : recent_) {
    const bool reached = known_from_ && *known_from_ <= one.when.begin;
    if (!reached && one.when.length() > question_.window.length()) continue;
    audit_.recent.push_back({one.when.length(), one.time});
  }
  if (budget_) audit_.budget = budget_->finish();
  audit_.maintenance = maintenance_in(question_.window, maintenance_.windows());
  return std::move(audit_);
}

Audit audit_records(const AuditQuestion& question, const std::optional<KnownMode>& known,
                    const std::vector<Transition>& records) {
  Auditor auditor(question);
  if (known) auditor.know(*known);
  for (const Transition& record : records) auditor.add(record);
  return auditor.finish();
}

}  // namespace rz::history
