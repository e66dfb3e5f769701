#include "rz/fallback/transition_log.h"

#include <algorithm>

#include "rz/base/text.h"
#include "rz/base/timestamp.h"

namespace rz {
namespace {

constexpr std::size_t kPage = 1000;

bool contains_ignore_case(std::string_view text, std::string_view part) {
  return to_lower(text).find(to_lower(part)) != std::string::npos;
}

/// The records of the index, page by page, from one end to the other.
class IndexedRecords {
 public:
  IndexedRecords(Storage& storage, const TransitionQuery& query) : storage_(storage) {
    range_.since = query.since;
    range_.until = query.until;
    range_.newest_first = query.newest_first;
    // Somebody who asks for ten need not pay for a thousand.
    range_.limit = std::clamp<std::size_t>(query.limit.value_or(kPage), 10, kPage);
  }

  /// The record that comes next, without taking it; nullptr at the end.
  Result<const LogRecord*> peek() {
    if (at_ == page_.size() && !done_) {
      auto page = storage_.read_log(TransitionLog::kLogName, range_);
      if (!page) return fail(std::move(page).error());
      page_ = std::move(*page);
      at_ = 0;
      done_ = page_.size() < range_.limit;
      range_.limit = kPage;
      if (!page_.empty()) {
        (range_.newest_first ? range_.until : range_.since) =
            range_.newest_first ? page_.back().time : page_.back().time + Micros{1};
      }
    }
    return at_ < page_.size() ? &page_[at_] : nullptr;
  }

  void take() { ++at_; }

 private:
  Storage& storage_;
  LogRange range_;
  std::vector<LogRecord> page_;
  std::size_t at_ = 0;
  bool done_ = false;
};

}  // namespace

bool TransitionQuery::matches(const Transition& transition) const {
  return (!since || transition.timestamp >= *since) && (!until || transition.timestamp < *until) &&
         (!from || transition.from == *from) && (!to || transition.to == *to) &&
         (reason.empty() || contains_ignore_case(transition.reason, reason));
}

void TransitionLog::append(Batch& batch, const Transition& transition) const {
  batch.append(std::string(kLogName), transition.timestamp, encode(transition), retention_);
}

Result<void> TransitionLog::visit(
    const TransitionQuery& query, const std::function<bool(const Transition&)>& visit,
    const std::function<void(const std::string&, const Error&)>& on_corrupt) const {
  // The newest so many, oldest first: walked from the newest end, then turned round.
  if (query.limit && !query.newest_first) {
    TransitionQuery backwards = query;
    backwards.newest_first = true;
    std::vector<Transition> newest;
    const auto keep = [&](const Transition& transition) {
      newest.push_back(transition);
      return true;
    };
    if (auto walked = this->visit(backwards, keep, on_corrupt); !walked) return walked;
    for (auto it = newest.rbegin(); it != newest.rend() && visit(*it); ++it) {
    }
    return {};
  }

  auto unindexed = find_unindexed(true);
  if (!unindexed) return fail(std::move(unindexed).error());
  if (query.newest_first) std::reverse(unindexed->begin(), unindexed->end());
  IndexedRecords indexed(storage_, query);
  std::size_t next_unindexed = 0;
  std::size_t left = query.limit.value_or(SIZE_MAX);
  while (left > 0) {
    const auto record = indexed.peek();
    if (!record) return fail(record.error());
    const bool more = next_unindexed < unindexed->size();
    if (*record == nullptr && !more) break;
    const bool take_unindexed =
        more && (*record == nullptr ||
                 ((*unindexed)[next_unindexed].time < (*record)->time) != query.newest_first);
    const Unindexed* other = take_unindexed ? &(*unindexed)[next_unindexed++] : nullptr;
    const auto transition = decode_transition(other ? other->value : (*record)->value);
    if (!transition) {
      on_corrupt(other ? other->key : log_key(kLogName, (*record)->time), transition.error());
    } else if (query.matches(*transition)) {
      --left;
      if (!visit(*transition)) break;
    }
    if (!other) indexed.take();
  }
  return {};
}

Result<std::vector<Transition>> TransitionLog::list(const TransitionQuery& query) const {
  std::vector<Transition> transitions;
  std::optional<Error> corrupt;
  const auto walked = visit(
      query,
      [&](const Transition& transition) {
        transitions.push_back(transition);
        return true;
      },
      [&](const std::string& key, const Error& error) {
        corrupt = Error{error.code, error.message, printable(key)};
      });
  if (!walked) return fail(walked.error());
  if (corrupt) return fail(std::move(*corrupt));
  return transitions;
}

Result<bool> TransitionLog::has_unindexed() const {
  const auto found = find_unindexed(true);
  if (!found) return fail(found.error());
  return !found->empty();
}

Result<std::vector<TransitionLog::Unindexed>> TransitionLog::find_unindexed(
    bool trust_marker) const {
  if (trust_marker) {
    const auto complete = storage_.exists(kCompleteKey);
    if (!complete) return fail(complete.error());
    if (*complete) return std::vector<Unindexed>{};
  }

  const auto keys = scan_all_keys(storage_, std::string(kLogName) + ":*");
  if (!keys) return fail(keys.error());
  std::vector<TimePoint> times;
  TransitionQuery everything;
  IndexedRecords indexed(storage_, everything);
  while (!keys->empty()) {
    const auto record = indexed.peek();
    if (!record) return fail(record.error());
    if (*record == nullptr) break;
    times.push_back((*record)->time);
    indexed.take();
  }

  std::vector<std::string> wanted;
  std::vector<TimePoint> wanted_times;
  for (const std::string& key : *keys) {
    const auto time = parse_unix_seconds(std::string_view(key).substr(kLogName.size() + 1));
    // A key that ends in no time is another's.
    if (!time) continue;
    const bool in_index =
        key == log_key(kLogName, *time) && std::binary_search(times.begin(), times.end(), *time);
    if (in_index) continue;
    wanted.push_back(key);
    wanted_times.push_back(*time);
  }
  const auto values = storage_.get_many(wanted);
  if (!values) return fail(values.error());
  std::vector<Unindexed> found;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if ((*values)[i]) found.push_back({wanted_times[i], wanted[i], *(*values)[i]});
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const Unindexed& a, const Unindexed& b) { return a.time < b.time; });
  return found;
}

// The old key goes and the indexed record comes in one commit: a crash in between would lose or
// double it.
Result<void> TransitionLog::index_one(const Unindexed& record) const {
  constexpr int kPlaces = 1000;
  for (TimePoint time = record.time; time < record.time + Micros{kPlaces}; time += Micros{1}) {
    if (log_key(kLogName, time) == record.key) continue;
    Batch batch;
    batch.expect(record.key, record.value);
    batch.remove(record.key);
    batch.append(std::string(kLogName), time, record.value, retention_);
    const auto done = storage_.commit(batch);
    if (!done) return fail(done.error());
    if (*done) return {};
    const auto still_there = storage_.exists(record.key);
    if (!still_there) return fail(still_there.error());
    // Expired, or another reindex was first.
    if (!*still_there) return {};
  }
  return fail(ErrorCode::conflict, "no free place near its time", printable(record.key));
}

Result<ReindexReport> TransitionLog::reindex() const {
  const auto unindexed = find_unindexed(false);
  if (!unindexed) return fail(unindexed.error());
  ReindexReport report{unindexed->size(), 0};
  for (const Unindexed& record : *unindexed) {
    if (auto indexed = index_one(record); !indexed) return fail(std::move(indexed).error());
    ++report.indexed;
  }
  if (auto marked = storage_.set(kCompleteKey, "1"); !marked)
    return fail(std::move(marked).error());
  return report;
}

}  // namespace rz
