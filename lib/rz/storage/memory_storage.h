#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <utility>

#include "rz/base/clock.h"
#include "rz/storage/storage.h"

namespace rz::storage {

/// A store in the memory of this process: for tests, and for `memory:`. Never unavailable.
///
/// Expiry is to the millisecond of `clock`; what has expired is freed by the next call.
class MemoryStorage final : public Storage {
 public:
  /// `clock` must outlive the store.
  explicit MemoryStorage(Clock& clock = SystemClock::instance()) : clock_(clock) {}
  MemoryStorage(const MemoryStorage&) = delete;
  MemoryStorage& operator=(const MemoryStorage&) = delete;

  Result<std::optional<std::string>> get(std::string_view key) override;
  Result<std::vector<std::optional<std::string>>> get_many(
      std::span<const std::string> keys) override;
  Result<void> set(std::string_view key, std::string_view value,
                   std::optional<Millis> expire = std::nullopt) override;
  Result<bool> remove(std::string_view key) override;
  Result<bool> exists(std::string_view key) override;
  Result<ScanPage> scan_keys(std::string_view glob, std::string_view cursor = {}) override;
  Result<bool> expire(std::string_view key, Millis after) override;
  Result<std::int64_t> increment(std::string_view key, std::int64_t by = 1,
                                 std::optional<Millis> expire = std::nullopt) override;
  Result<Commit> commit(const Batch& batch) override;
  Result<std::vector<LogRecord>> read_log(std::string_view log, const LogRange& range) override;
  Result<std::vector<KeyValue>> read_collection(std::string_view collection) override;
  Result<void> health_check() override { return {}; }
  Result<std::vector<std::string>> durability_warnings() override {
    return std::vector<std::string>{};
  }
  bool lasts() const override { return false; }
  std::string description() const override { return "memory:"; }

 private:
  using UnixMillis = std::chrono::sys_time<Millis>;
  using LogPlace = std::pair<std::string, TimePoint>;

  struct Entry {
    std::string value;
    std::optional<UnixMillis> expires;
    std::optional<LogPlace> log;  ///< Where it stands in logs_, if it is a record.
  };
  using Entries = std::map<std::string, Entry, std::less<>>;
  using Log = std::map<TimePoint, Entries::const_iterator>;

  /// Locks the store and frees what has expired, so that the caller sees only entries that are
  /// alive.
  std::unique_lock<std::mutex> enter();

  UnixMillis now() const { return std::chrono::floor<Millis>(clock_.now()); }
  Commit outcome_of(const Batch& batch) const;
  Entries::iterator put(std::string_view key, std::string_view value, std::optional<Millis> expire);
  void append(const Batch::Append& record);
  void set_expiry(Entries::iterator entry, std::optional<Millis> expire);
  void erase(Entries::iterator entry);

  Clock& clock_;
  std::mutex mutex_;
  Entries entries_;
  std::map<std::string, Log, std::less<>> logs_;
  std::set<std::pair<UnixMillis, std::string>> expiries_;
};

}  // namespace rz::storage
