#include "rz/storage/memory_storage.h"

#include <algorithm>
#include <variant>

#include "rz/storage/glob.h"
#include "rz/storage/storage_rules.h"

namespace rz::storage {
namespace {

// A page has a bound, so that a call does not hold the lock for long.
constexpr std::size_t kScanPageKeys = 1000;

/// A cursor is this mark and the key to continue with. The mark is needed since that key may be
/// empty, while an empty cursor begins the scan.
constexpr char kCursorMark = '>';

}  // namespace

std::unique_lock<std::mutex> MemoryStorage::enter() {
  std::unique_lock lock(mutex_);
  const UnixMillis time = now();
  while (!expiries_.empty() && expiries_.begin()->first <= time) {
    erase(entries_.find(expiries_.begin()->second));
  }
  return lock;
}

void MemoryStorage::set_expiry(Entries::iterator entry, std::optional<Millis> expire) {
  auto& [key, content] = *entry;
  if (content.expires) expiries_.erase({*content.expires, key});
  content.expires.reset();
  if (!expire) return;
  content.expires = now() + *expire;
  expiries_.emplace(*content.expires, key);
}

void MemoryStorage::erase(Entries::iterator entry) {
  set_expiry(entry, std::nullopt);
  if (const std::optional<LogPlace>& place = entry->second.log) {
    const auto log = logs_.find(place->first);
    log->second.erase(place->second);
    if (log->second.empty()) logs_.erase(log);
  }
  entries_.erase(entry);
}

MemoryStorage::Entries::iterator MemoryStorage::put(std::string_view key, std::string_view value,
                                                    std::optional<Millis> expire) {
  auto entry = entries_.find(key);
  if (entry == entries_.end()) entry = entries_.emplace(key, Entry{}).first;
  // A record whose key is set again stays in its log; only removal and expiry take it out.
  entry->second.value.assign(value);
  set_expiry(entry, expire);
  return entry;
}

void MemoryStorage::append(const Batch::Append& record) {
  // It lives from its own time on, which may be later than now.
  std::optional<Millis> life = record.expire;
  if (life) *life += std::max(Millis{0}, std::chrono::floor<Millis>(record.time - now()));
  const auto entry = put(log_key(record.log, record.time), record.value, life);
  entry->second.log = LogPlace(record.log, record.time);
  logs_[record.log].insert_or_assign(record.time, entry);
}

Result<std::optional<std::string>> MemoryStorage::get(std::string_view key) {
  const auto lock = enter();
  const auto entry = entries_.find(key);
  if (entry == entries_.end()) return std::nullopt;
  return entry->second.value;
}

Result<std::vector<std::optional<std::string>>> MemoryStorage::get_many(
    std::span<const std::string> keys) {
  const auto lock = enter();
  std::vector<std::optional<std::string>> values;
  values.reserve(keys.size());
  for (const std::string& key : keys) {
    const auto entry = entries_.find(key);
    if (entry == entries_.end()) {
      values.emplace_back();
    } else {
      values.emplace_back(entry->second.value);
    }
  }
  return values;
}

Result<void> MemoryStorage::set(std::string_view key, std::string_view value,
                                std::optional<Millis> expire) {
  if (Result<void> ok = check_write(key, value, expire); !ok) return ok;
  const auto lock = enter();
  put(key, value, expire);
  return {};
}

Result<bool> MemoryStorage::remove(std::string_view key) {
  const auto lock = enter();
  const auto entry = entries_.find(key);
  if (entry == entries_.end()) return false;
  erase(entry);
  return true;
}

Result<bool> MemoryStorage::exists(std::string_view key) {
  const auto lock = enter();
  return entries_.find(key) != entries_.end();
}

Result<ScanPage> MemoryStorage::scan_keys(std::string_view glob, std::string_view cursor) {
  const std::string prefix = glob_literal_prefix(glob);
  const auto lock = enter();
  auto entry = entries_.lower_bound(prefix);
  if (!cursor.empty()) {
    if (cursor.front() != kCursorMark) {
      return fail(ErrorCode::invalid_argument, "not a cursor of this store; start with none",
                  description());
    }
    entry = entries_.lower_bound(cursor.substr(1));
  }
  ScanPage page;
  for (std::size_t seen = 0; entry != entries_.end() && entry->first.starts_with(prefix); ++entry) {
    if (seen++ == kScanPageKeys) {
      page.cursor = kCursorMark + entry->first;
      break;
    }
    if (glob_matches(glob, entry->first)) page.keys.push_back(entry->first);
  }
  return page;
}

Result<bool> MemoryStorage::expire(std::string_view key, Millis after) {
  if (Result<void> ok = check_expire(key, after); !ok) return fail(std::move(ok).error());
  const auto lock = enter();
  const auto entry = entries_.find(key);
  if (entry == entries_.end()) return false;
  set_expiry(entry, after);
  return true;
}

Result<std::int64_t> MemoryStorage::increment(std::string_view key, std::int64_t by,
                                              std::optional<Millis> expire) {
  if (Result<void> ok = check_write(key, {}, expire); !ok) return fail(std::move(ok).error());
  const auto lock = enter();
  const auto entry = entries_.find(key);
  if (entry == entries_.end()) {
    put(key, std::to_string(by), expire);
    return by;
  }
  Result<std::int64_t> sum = add_decimal(key, entry->second.value, by);
  if (sum) entry->second.value = std::to_string(*sum);
  return sum;
}

Commit MemoryStorage::outcome_of(const Batch& batch) const {
  const auto expected = [this](const Batch::Expectation& expectation) {
    const auto entry = entries_.find(expectation.key);
    if (!expectation.value) return entry == entries_.end();
    return entry != entries_.end() && entry->second.value == *expectation.value;
  };
  const auto free = [this](const Batch::Write& write) {
    const auto* record = std::get_if<Batch::Append>(&write);
    return record == nullptr || !entries_.contains(log_key(record->log, record->time));
  };
  if (!std::all_of(batch.expectations.begin(), batch.expectations.end(), expected)) {
    return Commit::refused;
  }
  if (!std::all_of(batch.writes.begin(), batch.writes.end(), free)) return Commit::place_taken;
  return Commit::done;
}

Result<Commit> MemoryStorage::commit(const Batch& batch) {
  if (Result<void> ok = check_batch(batch); !ok) return fail(std::move(ok).error());
  const auto lock = enter();
  const Commit outcome = outcome_of(batch);
  if (outcome != Commit::done) return outcome;
  for (const Batch::Write& write : batch.writes) {
    if (const auto* set = std::get_if<Batch::Set>(&write)) {
      put(set->key, set->value, set->expire);
    } else if (const auto* removal = std::get_if<Batch::Remove>(&write)) {
      const auto entry = entries_.find(removal->key);
      if (entry != entries_.end()) erase(entry);
    } else {
      append(std::get<Batch::Append>(write));
    }
  }
  return Commit::done;
}

Result<std::vector<KeyValue>> MemoryStorage::read_collection(std::string_view collection) {
  const auto lock = enter();
  std::vector<KeyValue> members;
  // The key that is the collection's name alone is not a member, since names are not empty.
  for (auto entry = entries_.upper_bound(collection);
       entry != entries_.end() && entry->first.starts_with(collection); ++entry) {
    members.push_back({entry->first, entry->second.value});
  }
  return members;
}

Result<std::vector<LogRecord>> MemoryStorage::read_log(std::string_view log,
                                                       const LogRange& range) {
  const auto lock = enter();
  std::vector<LogRecord> records;
  const auto found = logs_.find(log);
  if (found == logs_.end()) return records;
  const Log& index = found->second;
  auto first = range.since ? index.lower_bound(*range.since) : index.begin();
  auto last = range.until ? index.lower_bound(*range.until) : index.end();
  if (range.since && range.until && *range.until <= *range.since) last = first;
  while (first != last && records.size() < range.limit) {
    const auto record = range.newest_first ? --last : first++;
    records.push_back({record->first, record->second->second.value});
  }
  return records;
}

}  // namespace rz::storage
