#pragma once

#include <sys/types.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rz/base/clock.h"
#include "rz/base/result.h"
#include "rz/storage/open_storage.h"
#include "rz/storage/sqlite/sqlite_connection.h"
#include "rz/storage/storage.h"

namespace rz::storage {

/// Storage in one SQLite file, as sqlite_storage.h describes it; the inside of the module `sqlite`.
///
/// Every write is one immediate transaction, which also deletes some expired entries, more than it
/// can add, so that they do not accumulate. An entry is invisible from the moment it expires.
class SqliteStorage final : public Storage {
 public:
  SqliteStorage(std::unique_ptr<SqliteConnection> connection, std::string path,
                const StorageOptions& options, Clock& clock);
  SqliteStorage(const SqliteStorage&) = delete;
  SqliteStorage& operator=(const SqliteStorage&) = delete;
  ~SqliteStorage() override;

  Result<std::optional<std::string>> get(std::string_view key) override;
  Result<std::vector<std::optional<std::string>>> get_many(
      std::span<const std::string> keys) override;
  Result<void> set(std::string_view key, std::string_view value,
                   std::optional<Millis> expire) override;
  Result<bool> remove(std::string_view key) override;
  Result<bool> exists(std::string_view key) override;
  Result<ScanPage> scan_keys(std::string_view glob, std::string_view cursor) override;
  Result<bool> expire(std::string_view key, Millis after) override;
  Result<std::int64_t> increment(std::string_view key, std::int64_t by,
                                 std::optional<Millis> expire) override;
  Result<Commit> commit(const Batch& batch) override;
  Result<std::vector<LogRecord>> read_log(std::string_view log, const LogRange& range) override;
  Result<std::uint64_t> count_log(std::string_view log) override;
  Result<std::vector<KeyValue>> read_collection(std::string_view collection) override;
  Result<void> health_check() override;
  void set_end(std::optional<std::chrono::nanoseconds> end) override;
  Result<std::vector<std::string>> durability_warnings() override {
    return std::vector<std::string>{};
  }
  std::string description() const override { return "sqlite:" + path_; }

 private:
  class ConnectionUse;

  /// Runs `body` with exclusive use of the connection.
  template <class T, class Body>
  Result<T> read(Body body);
  /// Runs `body` in one transaction that `begin` opens; nothing of it stands if it fails.
  template <class T, class Body>
  Result<T> transact(const char* begin, Body body);
  /// Runs `body`, which writes at most `writes` entries, with exclusive use of the connection and
  /// in one transaction.
  template <class T, class Body>
  Result<T> write(std::size_t writes, Body body);

  /// How many entries a log had, and when: what changed the file since, others or this connection.
  struct LogCount {
    struct Moment {
      std::int64_t data_version = -1;
      std::int64_t own_changes = -1;
      bool operator==(const Moment&) const = default;
    };
    std::string log;
    Moment moment;
    std::uint64_t count = 0;
  };

  // These need exclusive use of the connection. Keys are the caller's, without the prefix; now_ is
  // the time of the call.
  Result<std::optional<std::string>> find(std::string_view key);
  Result<bool> has(std::string_view key);
  Result<void> put(std::string_view key, std::string_view value, std::optional<Millis> expire);
  Result<void> append(const Batch::Append& record);
  Result<void> purge(std::int64_t most);
  std::optional<std::int64_t> last_seen();
  Result<bool> erase(std::string_view key);
  Result<Commit> outcome_of(const Batch& batch);
  Result<void> apply(const Batch::Write& write);

  void update_now();
  /// How long a call that begins now may last.
  Millis time_for_call() const;
  std::string full_key(std::string_view key) const;
  std::optional<std::int64_t> end_of(std::optional<Millis> expire) const;

  std::unique_ptr<SqliteConnection> connection_;
  const std::string path_;
  const std::string prefix_;
  const Millis deadline_;
  std::atomic<std::chrono::nanoseconds> run_end_{std::chrono::nanoseconds::max()};
  const pid_t process_;
  Clock& clock_;
  LogCount counted_;
  std::int64_t now_ = 0;  ///< Unix milliseconds: the time that entries expire by in this call.

  std::mutex mutex_;  ///< Guards in_use_ alone; never held while SQLite works.
  std::condition_variable released_;
  bool in_use_ = false;
};

}  // namespace rz::storage
