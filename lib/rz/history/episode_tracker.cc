#include "rz/history/episode_tracker.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace rz::history {
namespace {

// Of one episode; a flapping system has thousands.
constexpr std::size_t kMaxReasons = 5;
constexpr std::size_t kMaxReasonBytes = 200;

// For a heap whose first is the one to drop: the shortest, of equal ones the latest.
bool is_longer(const Episode& a, const Episode& b) {
  return a.length != b.length ? a.length > b.length : a.begin < b.begin;
}

Micros median_of(const std::vector<Micros>& sorted) {
  const std::size_t middle = sorted.size() / 2;
  if (sorted.size() % 2 == 1) return sorted[middle];
  return sorted[middle - 1] + (sorted[middle] - sorted[middle - 1]) / 2;
}

}  // namespace

const char* to_string(EpisodeEnd end) {
  switch (end) {
    case EpisodeEnd::recovered: return "recovered";
    case EpisodeEnd::open: return "open";
    case EpisodeEnd::cut: return "cut";
  }
  return "cut";
}

EpisodeEnd Episode::counted_as() const {
  if (complete()) return EpisodeEnd::recovered;
  return ended == EpisodeEnd::open ? EpisodeEnd::open : EpisodeEnd::cut;
}

Recovery recovery_of(std::vector<Micros> lengths) {
  Recovery recovery;
  recovery.complete = lengths.size();
  if (lengths.empty()) return recovery;
  std::sort(lengths.begin(), lengths.end());
  // The mean of the parts, since a sum of many long ones might not fit.
  const auto count = static_cast<std::int64_t>(lengths.size());
  Micros mean{0};
  std::int64_t rest = 0;
  for (const Micros length : lengths) {
    mean += length / count;
    rest += length.count() % count;
  }
  recovery.mean = mean + Micros{rest / count};
  recovery.median = median_of(lengths);
  recovery.p90 = lengths[(lengths.size() * 9 + 9) / 10 - 1];
  return recovery;
}

void EpisodeTracker::begin_with(const KnownMode& known, bool in_maintenance) {
  at_ = std::max(at_, known.time);
  const bool recalled = !known.records.empty();
  if (!recalled && known.mode != Mode::primary) {
    open(known.time, known.mode, false, in_maintenance);
  }
}

void EpisodeTracker::pass(const Segment& part, Mode mode) {
  at_ = std::max(at_, part.when.end);
  if (!episode_) return;
  const Interval within = part.when.within(window_);
  if (within.empty()) return;
  (part.kind == TimeKind::maintenance ? episode_->maintenance : episode_->length) +=
      within.length();
  episode_->worst = std::max(episode_->worst, mode);
}

void EpisodeTracker::change(const Step& step, const Transition& record, bool in_maintenance) {
  if (step.kind == RecordKind::offline) return;
  if (step.gap && episode_) close(at_, EpisodeEnd::cut);
  at_ = step.time;
  if (record.to == Mode::primary) {
    if (episode_) close(step.time, EpisodeEnd::recovered);
    return;
  }
  if (!episode_) open(step.time, record.to, step.mode_before == Mode::primary, in_maintenance);
  const bool worse = !step.mode_before || record.to > *step.mode_before;
  if (worse) worsen(record, step.time);
}

void EpisodeTracker::open(TimePoint time, Mode mode, bool begin_known, bool in_maintenance) {
  episode_.emplace();
  episode_->begin = time;
  episode_->begin_known = begin_known;
  episode_->begun_before = !begin_known || time < window_.begin;
  // What it was before the window does not count.
  episode_->worst = time < window_.begin ? Mode::heuristic : mode;
  began_in_maintenance_ = in_maintenance;
}

void EpisodeTracker::worsen(const Transition& record, TimePoint time) {
  Episode& episode = *episode_;
  if (episode.reasons.empty() && episode.more_reasons == 0) {
    episode.trigger = record.trigger;
    episode.actor = record.actor;
    episode.host = record.host;
    episode.epoch = record.epoch;
  }
  if (time >= window_.begin) episode.worst = std::max(episode.worst, record.to);
  std::string reason = record.reason.substr(0, kMaxReasonBytes);
  auto& reasons = episode.reasons;
  if (std::find(reasons.begin(), reasons.end(), reason) != reasons.end()) return;
  if (reasons.size() < kMaxReasons) {
    reasons.push_back(std::move(reason));
  } else {
    ++episode.more_reasons;
  }
}

void EpisodeTracker::close(TimePoint time, EpisodeEnd end) {
  Episode episode = *std::exchange(episode_, std::nullopt);
  episode.end = time;
  episode.ended = end;
  if (time <= window_.begin && episode.begin < window_.begin) return;
  // One that was all maintenance is none.
  const bool planned =
      episode.length == Micros{0} && (episode.maintenance > Micros{0} || began_in_maintenance_);
  if (planned) return;
  ++total_;
  greatest_ = greatest_ ? std::max(*greatest_, episode.length) : episode.length;
  switch (episode.counted_as()) {
    case EpisodeEnd::recovered: complete_.push_back(episode.length); break;
    case EpisodeEnd::open: ++open_; break;
    case EpisodeEnd::cut: ++cut_; break;
  }
  if (on_episode_) on_episode_(episode);
  keep(std::move(episode));
}

void EpisodeTracker::keep(Episode episode) {
  if (longest_.size() == most_) {
    if (most_ == 0 || !is_longer(episode, longest_.front())) return;
    std::pop_heap(longest_.begin(), longest_.end(), is_longer);
    longest_.pop_back();
  }
  longest_.push_back(std::move(episode));
  std::push_heap(longest_.begin(), longest_.end(), is_longer);
}

EpisodeTracker::Found EpisodeTracker::finish() {
  if (episode_) close(window_.end, EpisodeEnd::open);
  Found found{std::move(longest_), total_, greatest_, recovery_of(std::move(complete_))};
  found.recovery.open = open_;
  found.recovery.cut = cut_;
  std::stable_sort(found.episodes.begin(), found.episodes.end(),
                   [](const Episode& a, const Episode& b) {
                     return std::tie(a.begin, a.end) < std::tie(b.begin, b.end);
                   });
  return found;
}

}  // namespace rz::history
