#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rz/storage/redis/redis_client.h"

namespace rz::storage {

/// Reads the values of many keys of a RedisStorage, page by page; in a cluster whose keys share no
/// slot, those of each slot by themselves. Owns nothing; used by one thread at a time.
class RedisValueReader {
 public:
  using End = RedisClient::OperationEnd;

  /// What becomes of a key that holds another type than a string.
  enum class OtherType {
    is_error,  ///< corrupt, naming the key.
    is_empty,  ///< An empty value, which no record is, so that those beside it are read.
  };

  RedisValueReader(RedisClient& client, std::string_view key_prefix);

  /// The values of `keys`, which have their prefix, in their order; nothing for one that is absent.
  /// Errors: those of the store.
  Result<std::vector<std::optional<std::string>>> read(std::span<const std::string> keys,
                                                       OtherType other, End end);

 private:
  Result<std::vector<std::optional<std::string>>> read_together(std::span<const std::string> keys,
                                                                OtherType other, End end);
  /// Which of `absent`, places in `keys`, hold another type than a string.
  Result<std::vector<std::size_t>> find_other_types(std::span<const std::string> keys,
                                                    const std::vector<std::size_t>& absent,
                                                    End end);

  RedisClient& client_;
  const bool keys_are_together_;
};

}  // namespace rz::storage
