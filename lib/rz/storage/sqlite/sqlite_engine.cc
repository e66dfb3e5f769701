#include "rz/storage/sqlite/sqlite_engine.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <limits>
#include <utility>
#include <variant>

#include "rz/base/duration.h"
#include "rz/storage/glob.h"
#include "rz/storage/sqlite/sqlite_module.h"
#include "rz/storage/sqlite/sqlite_schema.h"
#include "rz/storage/storage_rules.h"

namespace rz::storage {
namespace {

constexpr const char* kFind =
    "SELECT value FROM entry WHERE key = ?1 AND (expires IS NULL OR expires > ?2)";
constexpr const char* kExists =
    "SELECT 1 FROM entry WHERE key = ?1 AND (expires IS NULL OR expires > ?2)";
// An entry that has expired has left its log, whether or not its row is still there.
constexpr const char* kPut =
    "INSERT INTO entry (key, expires, value) VALUES (?1, ?2, ?3) ON CONFLICT (key) DO UPDATE SET"
    " log = CASE WHEN expires <= ?4 THEN NULL ELSE log END,"
    " time = CASE WHEN expires <= ?4 THEN NULL ELSE time END,"
    " expires = excluded.expires, value = excluded.value";
// The key may still have the row of an entry that has expired, which is replaced.
constexpr const char* kAppend =
    "INSERT OR REPLACE INTO entry (key, expires, log, time, value) VALUES (?1, ?2, ?3, ?4, ?5)";
constexpr const char* kErase =
    "DELETE FROM entry WHERE key = ?1 AND (expires IS NULL OR expires > ?2)";
constexpr const char* kExpire =
    "UPDATE entry SET expires = ?2 WHERE key = ?1 AND (expires IS NULL OR expires > ?3)";
constexpr const char* kReplace = "UPDATE entry SET value = ?2 WHERE key = ?1";
constexpr const char* kScan =
    "SELECT key FROM entry WHERE key >= ?1 AND (expires IS NULL OR expires > ?2)"
    " ORDER BY key LIMIT ?3";
constexpr const char* kMembers =
    "SELECT key, value FROM entry WHERE key > ?1 AND (expires IS NULL OR expires > ?2)"
    " ORDER BY key";
constexpr const char* kOldest =
    "SELECT time, value FROM entry WHERE log = ?1 AND time BETWEEN ?2 AND ?3"
    " AND (expires IS NULL OR expires > ?4) ORDER BY time LIMIT ?5";
constexpr const char* kNewest =
    "SELECT time, value FROM entry WHERE log = ?1 AND time BETWEEN ?2 AND ?3"
    " AND (expires IS NULL OR expires > ?4) ORDER BY time DESC LIMIT ?5";
constexpr const char* kCount = "SELECT count(*) FROM entry WHERE log = ?1";
constexpr const char* kPurge =
    "DELETE FROM entry WHERE rowid IN"
    " (SELECT rowid FROM entry WHERE expires <= ?1 ORDER BY expires LIMIT ?2)";

constexpr const char* kSeen = "SELECT seen FROM clock";
constexpr const char* kSetSeen = "INSERT OR REPLACE INTO clock (id, seen) VALUES (1, ?1)";

constexpr std::int64_t kBelievedMs = Millis{std::chrono::hours{24}}.count();
constexpr std::int64_t kSeenLagMs = Millis{std::chrono::hours{1}}.count();
// A page has a bound, so that a call does not keep the connection for long.
constexpr std::size_t kScanPageKeys = 1000;
// More than one, so that expired entries become fewer with every write; not many, so that a write
// stays short.
constexpr std::int64_t kPurgedPerWrite = 8;

/// A cursor is this mark and the key to continue with. The mark is needed since that key may be
/// empty, while an empty cursor begins the scan.
constexpr char kCursorMark = '>';

}  // namespace

/// Exclusive use of the connection for one call. Waiting for it counts against the deadline, so
/// that a call is bounded however many threads call. Hence this is not a plain mutex.
class SqliteStorage::ConnectionUse {
 public:
  explicit ConnectionUse(SqliteStorage& storage) : storage_(storage) {}
  ConnectionUse(const ConnectionUse&) = delete;
  ConnectionUse& operator=(const ConnectionUse&) = delete;
  ~ConnectionUse() {
    if (!held_) return;
    {
      std::lock_guard lock(storage_.mutex_);
      storage_.in_use_ = false;
    }
    storage_.released_.notify_one();
  }

  Result<void> begin() {
    if (::getpid() != storage_.process_) {
      return refuse(ErrorCode::internal,
                    "the store was opened before a fork; open it in the child process");
    }
    const auto start = std::chrono::steady_clock::now();
    const Millis most = storage_.time_for_call();
    std::unique_lock lock(storage_.mutex_);
    held_ = storage_.released_.wait_until(lock, start + most, [this] { return !storage_.in_use_; });
    if (!held_) {
      return refuse(
          ErrorCode::unavailable,
          fmt::format("busy with other calls of this process for {}", format_duration(most)));
    }
    storage_.in_use_ = true;
    lock.unlock();
    if (storage_.connection_->moved()) {
      return refuse(
          ErrorCode::unavailable,
          "the file was removed or replaced while in use; start again to use the new one");
    }
    storage_.connection_->begin_call(start, most);
    storage_.update_now();
    return {};
  }

 private:
  tl::unexpected<Error> refuse(ErrorCode code, std::string message) const {
    return fail(code, std::move(message), storage_.description());
  }

  SqliteStorage& storage_;
  bool held_ = false;
};

SqliteStorage::SqliteStorage(std::unique_ptr<SqliteConnection> connection, std::string path,
                             const StorageOptions& options, Clock& clock)
    : connection_(std::move(connection)),
      path_(std::move(path)),
      prefix_(options.key_prefix),
      // A year: no sum of it with a time overflows.
      deadline_(std::clamp(options.deadline, Millis::zero(), Millis{std::chrono::hours{24 * 365}})),
      process_(::getpid()),
      clock_(clock) {}

SqliteStorage::~SqliteStorage() {
  // Closing the connection in the child of a fork could delete the WAL that the parent is using.
  if (::getpid() != process_) connection_->abandon();
}

void SqliteStorage::set_end(std::optional<std::chrono::nanoseconds> end) {
  run_end_ = end.value_or(std::chrono::nanoseconds::max());
}

Millis SqliteStorage::time_for_call() const {
  const std::chrono::nanoseconds end = run_end_;
  if (end == std::chrono::nanoseconds::max()) return deadline_;
  const auto left = std::chrono::floor<Millis>(end - clock_.monotonic());
  return std::clamp(left, Millis::zero(), deadline_);
}

void SqliteStorage::update_now() {
  now_ = std::chrono::floor<Millis>(clock_.now()).time_since_epoch().count();
}

template <class T, class Body>
Result<T> SqliteStorage::read(Body body) {
  ConnectionUse use(*this);
  if (Result<void> begun = use.begin(); !begun) return fail(std::move(begun).error());
  return body();
}

template <class T, class Body>
Result<T> SqliteStorage::transact(const char* begin, Body body) {
  if (Result<void> begun = connection_->run(begin); !begun) return fail(std::move(begun).error());
  // Waiting for the lock may have taken a while, and expiry counts from the write.
  update_now();
  Result<T> result = body();
  if (result) {
    Result<void> done = connection_->run("COMMIT");
    if (done) return result;
    result = fail(std::move(done).error());
  }
  connection_->roll_back();
  return result;
}

template <class T, class Body>
Result<T> SqliteStorage::write(std::size_t writes, Body body) {
  return read<T>([&] {
    // IMMEDIATE takes the lock for writing at once. A lock for reading that is upgraded later fails
    // without waiting if another process writes meanwhile.
    return transact<T>("BEGIN IMMEDIATE", [&]() -> Result<T> {
      const std::int64_t most = kPurgedPerWrite * static_cast<std::int64_t>(writes);
      if (Result<void> purged = purge(most); !purged) return fail(std::move(purged).error());
      return body();
    });
  });
}

// Deleting cannot be undone, and the caller's clock may be wrong: one write by a clock that is a
// hundred days ahead would remove a history of ninety. So the clocks are believed for a day more
// with each write, and nothing is deleted by a later time. Where rz runs every day that is the time
// itself.
Result<void> SqliteStorage::purge(std::int64_t most) {
  const std::optional<std::int64_t> seen = last_seen();
  if (!seen) {
    if (Result<void> made = connection_->run_once(kCreateClock); !made) return made;
  }
  const std::int64_t believed = seen ? std::min(now_, *seen + kBelievedMs) : now_;
  // Not with every write: that would be another page each time.
  if (!seen || believed - *seen > kSeenLagMs) {
    if (Result<void> noted = connection_->run(kSetSeen, believed); !noted) return noted;
  }
  return connection_->run(kPurge, believed, most);
}

// Nothing: no row, or no table.
std::optional<std::int64_t> SqliteStorage::last_seen() {
  SqliteStatement statement = connection_->prepare(kSeen);
  const Result<bool> row = statement.step();
  if (!row || !*row) return std::nullopt;
  return statement.integer(0);
}

std::string SqliteStorage::full_key(std::string_view key) const {
  return prefix_ + std::string(key);
}

std::optional<std::int64_t> SqliteStorage::end_of(std::optional<Millis> expire) const {
  if (!expire) return std::nullopt;
  return now_ + expire->count();
}

Result<std::optional<std::string>> SqliteStorage::find(std::string_view key) {
  const std::string full = full_key(key);
  SqliteStatement statement = connection_->prepare(kFind, full, now_);
  const Result<bool> row = statement.step();
  if (!row) return fail(row.error());
  if (!*row) return std::nullopt;
  return statement.blob(0);
}

Result<bool> SqliteStorage::has(std::string_view key) {
  const std::string full = full_key(key);
  return connection_->prepare(kExists, full, now_).step();
}

Result<void> SqliteStorage::put(std::string_view key, std::string_view value,
                                std::optional<Millis> expire) {
  return connection_->run(kPut, full_key(key), end_of(expire), value, now_);
}

// A record lives from its own time on: that may be later than the clock of a host that is behind.
Result<void> SqliteStorage::append(const Batch::Append& record) {
  const std::int64_t time = std::chrono::floor<Millis>(record.time).time_since_epoch().count();
  std::optional<std::int64_t> end;
  if (record.expire) end = std::max(now_, time) + record.expire->count();
  return connection_->run(kAppend, full_key(log_key(record.log, record.time)), end,
                          full_key(record.log), record.time.time_since_epoch().count(),
                          record.value);
}

Result<bool> SqliteStorage::erase(std::string_view key) {
  Result<void> done = connection_->run(kErase, full_key(key), now_);
  if (!done) return fail(std::move(done).error());
  return connection_->changes() > 0;
}

Result<std::optional<std::string>> SqliteStorage::get(std::string_view key) {
  return read<std::optional<std::string>>([&] { return find(key); });
}

Result<std::vector<std::optional<std::string>>> SqliteStorage::get_many(
    std::span<const std::string> keys) {
  using Values = std::vector<std::optional<std::string>>;
  return read<Values>([&] {
    // In one transaction, so that all values are of the same moment.
    return transact<Values>("BEGIN", [&]() -> Result<Values> {
      Values values;
      values.reserve(keys.size());
      for (const std::string& key : keys) {
        Result<std::optional<std::string>> value = find(key);
        if (!value) return fail(std::move(value).error());
        values.push_back(*std::move(value));
      }
      return values;
    });
  });
}

Result<void> SqliteStorage::set(std::string_view key, std::string_view value,
                                std::optional<Millis> expire) {
  if (Result<void> good = check_write(key, value, expire); !good) return good;
  return write<void>(1, [&] { return put(key, value, expire); });
}

Result<bool> SqliteStorage::remove(std::string_view key) {
  return write<bool>(1, [&] { return erase(key); });
}

Result<bool> SqliteStorage::exists(std::string_view key) {
  return read<bool>([&] { return has(key); });
}

Result<ScanPage> SqliteStorage::scan_keys(std::string_view glob, std::string_view cursor) {
  const std::string prefix = full_key(glob_literal_prefix(glob));
  std::string start = prefix;
  if (!cursor.empty()) {
    if (cursor.front() != kCursorMark) {
      return fail(ErrorCode::invalid_argument, "not a cursor of this store; start with none",
                  description());
    }
    start = full_key(cursor.substr(1));
  }
  return read<ScanPage>([&]() -> Result<ScanPage> {
    // One more than a page holds, to know the key with which the next page begins.
    const std::int64_t limit = kScanPageKeys + 1;
    SqliteStatement statement = connection_->prepare(kScan, start, now_, limit);
    ScanPage page;
    for (std::size_t seen = 0;; ++seen) {
      const Result<bool> row = statement.step();
      if (!row) return fail(row.error());
      if (!*row) return page;
      const std::string full = statement.blob(0);
      if (!full.starts_with(prefix)) return page;
      const std::string_view key = std::string_view(full).substr(prefix_.size());
      if (seen == kScanPageKeys) {
        page.cursor = kCursorMark + std::string(key);
        return page;
      }
      if (glob_matches(glob, key)) page.keys.emplace_back(key);
    }
  });
}

Result<bool> SqliteStorage::expire(std::string_view key, Millis after) {
  if (Result<void> good = check_expire(key, after); !good) return fail(std::move(good).error());
  return write<bool>(1, [&]() -> Result<bool> {
    Result<void> done = connection_->run(kExpire, full_key(key), end_of(after), now_);
    if (!done) return fail(std::move(done).error());
    return connection_->changes() > 0;
  });
}

Result<std::int64_t> SqliteStorage::increment(std::string_view key, std::int64_t by,
                                              std::optional<Millis> expire) {
  if (Result<void> good = check_write(key, {}, expire); !good) return fail(std::move(good).error());
  return write<std::int64_t>(1, [&]() -> Result<std::int64_t> {
    const Result<std::optional<std::string>> value = find(key);
    if (!value) return fail(value.error());
    const Result<std::int64_t> sum = *value ? add_decimal(key, **value, by) : by;
    if (!sum) return sum;
    const std::string text = std::to_string(*sum);
    Result<void> done =
        *value ? connection_->run(kReplace, full_key(key), text) : put(key, text, expire);
    if (!done) return fail(std::move(done).error());
    return sum;
  });
}

Result<Commit> SqliteStorage::outcome_of(const Batch& batch) {
  for (const Batch::Expectation& expectation : batch.expectations) {
    const Result<std::optional<std::string>> value = find(expectation.key);
    if (!value) return fail(value.error());
    if (*value != expectation.value) return Commit::refused;
  }
  for (const Batch::Write& write : batch.writes) {
    const auto* record = std::get_if<Batch::Append>(&write);
    if (record == nullptr) continue;
    const Result<bool> taken = has(log_key(record->log, record->time));
    if (!taken) return fail(taken.error());
    if (*taken) return Commit::place_taken;
  }
  return Commit::done;
}

Result<void> SqliteStorage::apply(const Batch::Write& write) {
  if (const auto* record = std::get_if<Batch::Append>(&write)) return append(*record);
  if (const auto* set = std::get_if<Batch::Set>(&write)) {
    return put(set->key, set->value, set->expire);
  }
  const Result<bool> erased = erase(std::get<Batch::Remove>(write).key);
  if (!erased) return fail(erased.error());
  return {};
}

Result<Commit> SqliteStorage::commit(const Batch& batch) {
  if (Result<void> good = check_batch(batch); !good) return fail(std::move(good).error());
  return write<Commit>(batch.writes.size(), [&]() -> Result<Commit> {
    const Result<Commit> outcome = outcome_of(batch);
    if (!outcome || *outcome != Commit::done) return outcome;
    for (const Batch::Write& write : batch.writes) {
      if (Result<void> done = apply(write); !done) return fail(std::move(done).error());
    }
    return outcome;
  });
}

Result<std::vector<LogRecord>> SqliteStorage::read_log(std::string_view log,
                                                       const LogRange& range) {
  using Records = std::vector<LogRecord>;
  const std::int64_t first = range.since.value_or(TimePoint::min()).time_since_epoch().count();
  std::int64_t last = std::numeric_limits<std::int64_t>::max();
  if (range.until) {
    if (*range.until == TimePoint::min()) return Records();
    last = range.until->time_since_epoch().count() - 1;
  }
  const auto most = static_cast<std::size_t>(std::numeric_limits<std::int64_t>::max());
  const auto limit = static_cast<std::int64_t>(std::min(range.limit, most));
  return read<Records>([&]() -> Result<Records> {
    const std::string full = full_key(log);
    SqliteStatement statement = connection_->prepare(range.newest_first ? kNewest : kOldest, full,
                                                     first, last, now_, limit);
    Records records;
    for (;;) {
      const Result<bool> row = statement.step();
      if (!row) return fail(row.error());
      if (!*row) return records;
      records.push_back({TimePoint{Micros{statement.integer(0)}}, statement.blob(1)});
    }
  });
}

// Nothing that another process does is missed, and while nobody writes, nothing is counted.
Result<std::uint64_t> SqliteStorage::count_log(std::string_view log) {
  return read<std::uint64_t>([&]() -> Result<std::uint64_t> {
    const Result<std::int64_t> version = connection_->ask("PRAGMA data_version");
    if (!version) return fail(version.error());
    const LogCount::Moment moment{*version, connection_->total_changes()};
    if (counted_.log == log && counted_.moment == moment) return counted_.count;
    const std::string full = full_key(log);
    SqliteStatement statement = connection_->prepare(kCount, full);
    const Result<bool> row = statement.step();
    if (!row) return fail(row.error());
    counted_ = {std::string(log), moment, static_cast<std::uint64_t>(statement.integer(0))};
    return counted_.count;
  });
}

Result<std::vector<KeyValue>> SqliteStorage::read_collection(std::string_view collection) {
  using Members = std::vector<KeyValue>;
  return read<Members>([&]() -> Result<Members> {
    const std::string prefix = full_key(collection);
    SqliteStatement statement = connection_->prepare(kMembers, prefix, now_);
    Members members;
    for (;;) {
      const Result<bool> row = statement.step();
      if (!row) return fail(row.error());
      if (!*row) return members;
      std::string full = statement.blob(0);
      if (!full.starts_with(prefix)) return members;
      full.erase(0, prefix_.size());
      members.push_back({std::move(full), statement.blob(1)});
    }
  });
}

Result<void> SqliteStorage::health_check() {
  return read<void>([&] { return connection_->run("SELECT 1 FROM entry LIMIT 1"); });
}

}  // namespace rz::storage

extern "C" void rz_open_sqlite_storage(const std::string& path, const rz::StorageOptions& options,
                                       rz::Clock& clock,
                                       rz::Result<std::unique_ptr<rz::Storage>>& storage) {
  auto connection = rz::storage::open_sqlite_file(path, options);
  if (!connection) {
    storage = rz::fail(std::move(connection).error());
    return;
  }
  storage =
      std::make_unique<rz::storage::SqliteStorage>(*std::move(connection), path, options, clock);
}
