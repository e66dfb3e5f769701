#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rz/storage/redis/redis_client.h"
#include "rz/storage/storage.h"

namespace rz::storage {

/// What stands before a collection's name in the key of its index.
inline constexpr std::string_view kCollectionIndexPrefix = "rz:collection:";

/// The key of a collection's index: a set of the names of its members, and, once every key with
/// that beginning is in it, the empty name. Index and mark are one key, so that none outlives the
/// other.
std::string collection_index_key(std::string_view key_prefix, std::string_view collection);

/// Reads keys, collections and logs of a RedisStorage in one round trip. Where an index is not
/// complete (a store that an earlier rz wrote to), its keys are looked for once, and put into it.
///
/// A member whose key holds another type than a string comes with an empty value, which no record
/// is: it is damaged, not absent. A member whose key has gone (removed, expired) is taken out when
/// many have; a script does it, so that nobody writes the key in between. Owns nothing; used by one
/// thread at a time.
class RedisReader {
 public:
  using End = RedisClient::OperationEnd;

  RedisReader(RedisClient& client, std::string_view key_prefix)
      : client_(client), prefix_(key_prefix) {}

  /// Errors: those of the store; a script that may not be run is `auth` or `corrupt`.
  Result<ReadAnswer> read(const ReadSet& what, End end);

 private:
  struct Members {
    std::vector<KeyValue> found;
    std::vector<std::string> gone;  ///< Names in the index whose keys are not there.
    bool complete = false;
  };

  Result<RedisReply> run(const ReadSet& what, End end);
  Result<std::optional<std::string>> value_of(RedisReply reply, std::string_view key) const;
  Result<bool> has_entries(const RedisReply& reply, std::string_view log) const;
  Result<Members> members_of(RedisReply reply, const std::string& collection) const;
  /// The members of collections whose indexes are not complete, in their order.
  Result<std::vector<std::vector<KeyValue>>> adopt(const std::vector<std::string>& collections,
                                                   End end);
  Result<std::vector<std::string>> keys_of_families(const std::vector<std::string>& collections,
                                                    End end);
  /// All keys that begin so, whatever they hold; the beginning is that of the caller's keys.
  Result<std::vector<std::string>> keys_that_begin(const std::string& beginning, End end);
  Result<std::vector<KeyValue>> values_of(const std::vector<std::string>& keys, End end);
  void forget(const std::string& collection, const std::vector<std::string>& gone, End end);

  RedisClient& client_;
  const std::string prefix_;
};

}  // namespace rz::storage
