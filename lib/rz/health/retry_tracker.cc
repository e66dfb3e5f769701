#include "rz/health/retry_tracker.h"

#include <algorithm>
#include <utility>

#include "rz/base/text.h"
#include "rz/health/clock_ahead.h"
#include "rz/health/retry_counts.h"
#include "rz/storage/glob.h"

namespace rz {
namespace {

// A race is lost only if another process wrote meanwhile, so this many in a row do not happen. The
// bound only keeps a faulty store from causing an endless loop.
constexpr int kMaxRetryRaces = 1000;
constexpr std::int64_t kMinute = 60;
constexpr std::int64_t kHour = 3600;
// Longer than the longest window, so that a reader whose clock is behind still finds all of it.
constexpr Millis kKept = kLongestRetryWindow + std::chrono::hours{24};

// The collection of hours.
constexpr std::string_view kHours = "health:retry:hour:";
constexpr const char* kTotalKey = "health:retry:total";
constexpr const char* kFailuresKey = "health:retry:failures";
constexpr const char* kAheadKey = "health:retry:ahead";

std::string minute_key(std::int64_t minute) {
  return "health:retry:minute:" + std::to_string(minute);
}
std::string hour_key(std::int64_t hour) { return std::string(kHours) + std::to_string(hour); }

std::int64_t seconds_of(TimePoint time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

// The part of `counts` that `number` is, of 60.
std::int64_t& part(health::PartCounts& counts, std::int64_t number) {
  return counts[static_cast<std::size_t>(number % 60)];
}

/// The keys of one minute, of its hour and of the total: as they were read, and as they will be
/// written.
class Ledger {
 public:
  Ledger(Storage& storage, std::int64_t second) : storage_(storage), second_(second) {}

  Result<void> read() {
    const auto values = storage_.get_many(keys_);
    if (!values) return fail(values.error());
    values_ = *values;
    auto minute = health::decode_counts(values_[0], keys_[0]);
    if (!minute) return fail(std::move(minute).error());
    auto hour = health::decode_counts(values_[1], keys_[1]);
    if (!hour) return fail(std::move(hour).error());
    const auto total = health::decode_total(values_[2], keys_[2]);
    if (!total) return fail(total.error());
    minute_ = *minute;
    hour_ = *hour;
    total_ = *total;
    return {};
  }

  /// Counts `failures` in the second.
  void add(std::int64_t failures) {
    part(minute_, second_) += failures;
    part(hour_, second_ / kMinute) += failures;
  }

  Batch batch() const {
    Batch batch;
    for (std::size_t i = 0; i < keys_.size(); ++i) batch.expect(keys_[i], values_[i]);
    batch.set(keys_[0], health::encode_counts(minute_), kKept);
    batch.set_member(std::string(kHours), std::to_string(second_ / kHour),
                     health::encode_counts(hour_), kKept);
    batch.set(keys_[2], health::encode_total(total_));
    return batch;
  }

  health::PartCounts& minute() { return minute_; }
  health::PartCounts& hour() { return hour_; }
  health::FailureTotal& total() { return total_; }

 private:
  Storage& storage_;
  const std::int64_t second_;
  const std::vector<std::string> keys_ = {minute_key(second_ / kMinute), hour_key(second_ / kHour),
                                          kFailuresKey};
  std::vector<std::optional<std::string>> values_;
  health::PartCounts minute_{};
  health::PartCounts hour_{};
  health::FailureTotal total_;
};

/// The failures that are recorded in the hours after a given one, and the keys that hold them.
struct LaterHours {
  std::vector<KeyValue> hours;
  std::vector<std::string> minutes;
  std::int64_t failures = 0;
};

// Takes the failures of a minute out of its hour, and remembers the key of the minute.
std::int64_t take(std::int64_t& count, std::int64_t minute, std::vector<std::string>& minutes) {
  if (count > 0) minutes.push_back(minute_key(minute));
  return std::exchange(count, 0);
}

Result<LaterHours> read_later_hours(Storage& storage, std::int64_t hour) {
  auto members = storage.read_collection(kHours);
  if (!members) return fail(std::move(members).error());
  LaterHours later;
  for (KeyValue& member : *members) {
    const auto number = parse_int(std::string_view(member.key).substr(kHours.size())).value_or(0);
    if (number <= hour) continue;
    auto counts = health::decode_counts(member.value, member.key);
    if (!counts) return fail(std::move(counts).error());
    const std::int64_t first = number * 60;
    for (std::int64_t minute = first; minute < first + 60; ++minute) {
      later.failures += take(part(*counts, minute), minute, later.minutes);
    }
    later.hours.push_back(std::move(member));
  }
  return later;
}

/// The failures that are recorded after a second, taken out of what is stored in memory.
struct Ahead {
  Ledger ledger;  ///< Of the second itself, without them.
  LaterHours later;
  std::int64_t same_hour = 0;  ///< Those of the hour of the second.

  std::int64_t failures() const { return same_hour + later.failures; }
};

Result<Ahead> take_ahead(Storage& storage, std::int64_t second) {
  Ahead ahead{Ledger(storage, second), {}};
  if (auto read = ahead.ledger.read(); !read) return fail(std::move(read).error());
  auto later = read_later_hours(storage, second / kHour);
  if (!later) return fail(std::move(later).error());
  ahead.later = *std::move(later);
  for (std::int64_t s = second % kMinute + 1; s < kMinute; ++s) {
    const std::int64_t failures = std::exchange(part(ahead.ledger.minute(), s), 0);
    part(ahead.ledger.hour(), second / kMinute) -= failures;
    ahead.same_hour += failures;
  }
  const std::int64_t end = (second / kHour + 1) * 60;
  for (std::int64_t minute = second / kMinute + 1; minute < end; ++minute) {
    ahead.same_hour += take(part(ahead.ledger.hour(), minute), minute, ahead.later.minutes);
  }
  ahead.ledger.total().newest = second;
  return ahead;
}

/// Removes them from the store, in one commit. If another process wrote meanwhile, nothing is
/// removed, and the next reader tries again.
Result<void> remove(Storage& storage, const Ahead& ahead) {
  Batch batch = ahead.ledger.batch();
  for (const auto& [key, value] : ahead.later.hours) batch.expect(key, value).remove(key);
  for (const std::string& key : ahead.later.minutes) batch.remove(key);
  batch.remove(kAheadKey);
  if (auto done = storage.commit(batch); !done) return fail(std::move(done).error());
  return {};
}

/// How many of the failures after `second` count now. They count for the length of a window from
/// when somebody first saw that the newest of them is ahead of his clock. They stay where they are,
/// since the clock that is wrong may be this one, and those that are right go by them. When that
/// time is over it is over for everybody's clock, and they are removed, so that they do not come
/// again.
Result<std::int64_t> count_ahead(Storage& storage, const Ahead& ahead, std::int64_t newest,
                                 std::int64_t second, std::int64_t window_s) {
  const auto bytes = storage.get(kAheadKey);
  if (!bytes) return fail(bytes.error());
  const auto note = health::decode_first_seen(*bytes, kAheadKey);
  if (!note) return fail(note.error());
  if (note->newest != newest || note->second > second) {
    const std::string noted = health::encode_first_seen({newest, second});
    if (auto done = storage.set(kAheadKey, noted, kKept); !done)
      return fail(std::move(done).error());
    return ahead.failures();
  }
  if (second - note->second < window_s) return ahead.failures();
  if (auto done = remove(storage, ahead); !done) return fail(std::move(done).error());
  return std::int64_t{0};
}

/// The keys from which a window from the second `first` to the second `last` is read: the hours
/// that it touches, and its first minute, of which only some seconds count.
std::vector<std::string> window_keys(std::int64_t first, std::int64_t last) {
  std::vector<std::string> keys{minute_key(first / kMinute)};
  for (std::int64_t hour = first / kHour; hour <= last / kHour; ++hour) {
    keys.push_back(hour_key(hour));
  }
  return keys;
}

/// The failures of a window. Those later than its end, in its last hour, count too: they come from
/// a host whose clock is a little ahead.
Result<std::int64_t> sum_window(std::int64_t first, const std::vector<std::string>& keys,
                                const std::vector<std::optional<std::string>>& values) {
  auto edge = health::decode_counts(values[0], keys[0]);
  if (!edge) return fail(std::move(edge).error());
  std::int64_t sum = 0;
  for (std::int64_t second = first % kMinute; second < kMinute; ++second) {
    sum += part(*edge, second);
  }
  for (std::size_t i = 1; i < keys.size(); ++i) {
    auto hour = health::decode_counts(values[i], keys[i]);
    if (!hour) return fail(std::move(hour).error());
    const std::int64_t begin = (first / kHour + static_cast<std::int64_t>(i) - 1) * 60;
    for (std::int64_t minute = std::max(begin, first / kMinute + 1); minute < begin + 60;
         ++minute) {
      sum += part(*hour, minute);
    }
  }
  return sum;
}

std::int64_t whole_seconds(Millis window) {
  const Millis bounded = std::clamp<Millis>(window, std::chrono::seconds{1}, kLongestRetryWindow);
  return std::chrono::ceil<std::chrono::seconds>(bounded).count();
}

std::int64_t first_of_window(std::int64_t second, std::int64_t window_s) {
  return std::max<std::int64_t>(0, second - window_s + 1);
}

/// The keys of the window that ends with `second`, then those of the other attempts and of the
/// failures.
std::vector<std::string> keys_at(std::int64_t second, std::int64_t window_s) {
  std::vector<std::string> keys = window_keys(first_of_window(second, window_s), second);
  keys.insert(keys.end(), {kTotalKey, kFailuresKey});
  return keys;
}

}  // namespace

RetryTracker::RetryTracker(Storage& storage, Clock& clock, Millis window)
    : storage_(storage), clock_(clock), window_s_(whole_seconds(window)) {}

Result<void> RetryTracker::record_failure() {
  for (int race = 0; race < kMaxRetryRaces; ++race) {
    const std::int64_t second = seconds_of(clock_.now());
    Ledger ledger(storage_, second);
    if (auto read = ledger.read(); !read) return read;
    ledger.add(1);
    ++ledger.total().count;
    // Another host, whose clock is ahead, may have recorded a later second.
    ledger.total().newest = std::max(ledger.total().newest, second);
    const auto won = storage_.commit(ledger.batch());
    if (!won) return fail(won.error());
    if (*won == Commit::done) return {};
  }
  return fail(ErrorCode::conflict, "the counters kept changing; try again", kFailuresKey);
}

Result<void> RetryTracker::record_success() {
  if (auto counted = storage_.increment(kTotalKey); !counted) {
    return fail(std::move(counted).error());
  }
  return {};
}

Result<HealthState::Retry> RetryTracker::state() {
  auto reading = read();
  if (!reading) return fail(std::move(reading).error());
  const std::int64_t second = seconds_of(clock_.now());
  // If the newest failure is not from the future, none is.
  if (health::is_ahead(TimePoint{std::chrono::seconds{reading->newest}}, clock_.now())) {
    const auto ahead = take_ahead(storage_, second);
    if (!ahead) return fail(ahead.error());
    const auto counted = count_ahead(storage_, *ahead, reading->newest, second, window_s_);
    if (!counted) return fail(counted.error());
    // A window is read to the end of its last hour.
    reading->retry.failures_1h += *counted - ahead->same_hour;
  }
  HealthState::Retry& retry = reading->retry;
  retry.failure_rate = static_cast<double>(retry.failures_1h) / static_cast<double>(window_s_);
  retry.state = retry.failures_1h < 5 ? "STABLE" : retry.failures_1h < 20 ? "ELEVATED" : "CRITICAL";
  return retry;
}

std::vector<std::string> RetryTracker::keys_to_read(TimePoint now, Millis window) {
  return keys_at(seconds_of(now), whole_seconds(window));
}

Result<RetryTracker::Reading> RetryTracker::read() const {
  const std::int64_t now = seconds_of(clock_.now());
  std::vector<std::string> keys = keys_at(now, window_s_);
  const std::size_t windows = keys.size() - 2;
  const auto values = storage_.get_many(keys);
  if (!values) return fail(values.error());
  const auto others = health::decode_count((*values)[windows], kTotalKey);
  if (!others) return fail(others.error());
  const auto total = health::decode_total((*values)[windows + 1], kFailuresKey);
  if (!total) return fail(total.error());
  keys.resize(windows);
  const auto failures = sum_window(first_of_window(now, window_s_), keys, *values);
  if (!failures) return fail(failures.error());
  Reading reading;
  reading.newest = total->newest;
  reading.retry.failures_1h = *failures;
  reading.retry.total_attempts = *others + total->count;
  return reading;
}

}  // namespace rz
