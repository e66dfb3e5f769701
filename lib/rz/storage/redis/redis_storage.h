#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "rz/base/clock.h"
#include "rz/base/result.h"
#include "rz/storage/open_storage.h"
#include "rz/storage/redis/redis_client.h"
#include "rz/storage/storage.h"

namespace rz::storage {

/// Storage in a Redis server (6 or newer), which any number of machines share; or in the master
/// that sentinels name, or in a cluster. Expiry is to the millisecond of the server.
///
/// A log keeps the layout of the old system: each record is a string at log_key(log, time), and
/// beside them stands an index, the sorted set `rz:log:LOG`, with the record's time in microseconds
/// as score and the text of log_key's time as member. The members of a collection are listed in the
/// set `rz:collection:NAME` (redis_reader.h). Keys that begin with `rz:log:` or `rz:collection:`
/// are refused in writes. All keys stand behind `key_prefix`.
///
/// An ACL user needs `~PREFIX* +@read +@write +@scripting +@connection`; where there is no prefix,
/// `~fallback:* ~health:* ~rz:*` in place of the first. In Redis 6, where +@connection holds less,
/// it needs +select as well for a database other than 0, and +wait where there are replicas. With
/// sentinels it needs +role, in a cluster +cluster|slots, and +cluster|info for redis_ping. With
/// +info and +config|get, durability_warnings sees what the server may lose; without, it says
/// nothing.
///
/// In a cluster `key_prefix` should hold a hash tag, e.g. `{rz}:`, so that all keys share a slot.
/// Without one a commit of several slots and every scan are refused, and get_many is split.
///
/// `timeout` bounds each try, `deadline` all tries of a call. Tries that failed for a reason that
/// may pass (a lost connection, a server that is loading) are repeated, `max_retries` times: always
/// where the command was surely not carried out; else only what may be carried out twice: all that
/// reads, set, expire, probe, and the commit of a batch that only sets keys, of no collection and
/// without expectations. After a lost answer remove, increment and any other commit fail.
///
/// Beyond what Storage says: set replaces a value of any type, and the life of an appended record
/// counts from the server's now, also where its time is ahead of that.
class RedisStorage final : public Storage {
 public:
  /// Sends nothing yet. `clock` paces the tries and must outlive the store.
  /// Errors: invalid_argument (the URL names no Redis server, or in a way that is not supported).
  static Result<std::unique_ptr<RedisStorage>> from_config(const StorageOptions& options,
                                                           Clock& clock = SystemClock::instance());

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
  Result<std::uint64_t> count_log(std::string_view log) override;
  Result<std::vector<KeyValue>> read_collection(std::string_view collection) override;
  Result<ReadAnswer> read_together(const ReadSet& what) override;
  Result<StoreProbe> probe() override;
  Result<void> health_check() override;
  void set_end(std::optional<std::chrono::nanoseconds> end) override { client_.set_end(end); }
  Result<std::vector<std::string>> durability_warnings() override;
  Result<std::optional<TimePoint>> server_time() override;
  std::optional<Error> read_only() const override;
  std::string description() const override { return client_.where(); }

 private:
  using End = RedisClient::OperationEnd;

  RedisStorage(const StorageUrl& url, const StorageOptions& options, Clock& clock)
      : client_(url, options, clock), prefix_(options.key_prefix) {}

  std::string prefixed(std::string_view key) const { return prefix_ + std::string(key); }
  Result<void> check_writable(std::string_view key) const;
  Result<void> check_writable(const Batch& batch) const;

  /// Whether all keys are on one server, and share a slot if it has such.
  bool keys_are_together() const;
  Error cannot_list() const;
  /// What the server may lose, by what INFO said; `save`: that setting, if it is known already.
  Result<std::vector<std::string>> durability_warnings(const Result<RedisReply>& info,
                                                       std::optional<std::string> save, End end);

  /// What CONFIG GET says of a parameter; nothing where it may not be asked.
  std::optional<std::string> setting(std::string_view name, End end);

  /// A command whose right answer is of `type`.
  Result<RedisReply> ask(std::span<const std::string_view> arguments, RedisReply::Type type,
                         RedisClient::Repeat repeat);
  Result<Commit> set_all(const Batch& batch);
  Result<Commit> set_all_expiring(const Batch& batch);

  RedisClient client_;
  const std::string prefix_;
};

}  // namespace rz::storage
