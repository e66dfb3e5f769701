#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "rz/storage/redis/redis_client.h"
#include "rz/storage/storage.h"

namespace rz::storage {

/// Reads a log of a RedisStorage: a page of its index, then the records of these entries, and so
/// on. Others may remove entries between two pages (a prune, a commit that drops dead ones), so a
/// page begins at the score where the last one ended, not at a number of entries from the start.
/// Owns nothing; used by one thread at a time.
class RedisLogReader {
 public:
  using End = RedisClient::OperationEnd;

  RedisLogReader(RedisClient& client, std::string_view key_prefix, std::string_view log);

  /// As Storage::read_log. Errors: those of the store; corrupt also for an index that holds what is
  /// not a time.
  Result<std::vector<LogRecord>> read(const LogRange& range, End end);

 private:
  /// Members of the index between two scores.
  Result<std::vector<std::string>> page(const std::string& low, const std::string& high,
                                        bool newest_first, std::size_t count, End end);
  Result<std::string> score_of(const std::string& member, End end);
  /// The records of `members` within `range`, behind those of `records`, up to its limit.
  Result<void> add_records(const std::vector<std::string>& members, const LogRange& range, End end,
                           std::vector<LogRecord>& records);

  RedisClient& client_;
  const std::string prefix_;
  const std::string beginning_;  ///< Of the key of each record.
  const std::string index_;
};

}  // namespace rz::storage
