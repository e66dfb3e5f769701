#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rz/base/result.h"

struct redisReader;

namespace rz::storage {

/// What a Redis server answers (RESP2).
struct RedisReply {
  enum class Type { nil, integer, string, status, error, array };

  Type type = Type::nil;
  std::int64_t integer = 0;
  std::string text{};                  ///< string, status, error.
  std::vector<RedisReply> elements{};  ///< array.
};

/// One command, in the bytes that go to the server. Its arguments are any bytes.
/// Errors: invalid_argument (longer than the 1 GiB that a server takes).
Result<std::string> encode_command(std::span<const std::string_view> arguments);

/// Makes replies of the bytes of a connection. What no server of ours would send is refused before
/// memory is spent on it: strings beyond kMaxStringBytes, arrays beyond kMaxElements, deep nesting.
class RedisReplyReader {
 public:
  static constexpr std::size_t kMaxElements = 1'000'000;

  RedisReplyReader();

  /// Takes bytes as they came in. Errors: corrupt (no RESP, or beyond a limit); the connection is
  /// of no use then.
  Result<void> feed(std::string_view bytes);

  /// The next reply; nothing while it is incomplete. Errors: as feed.
  Result<std::optional<RedisReply>> next();

  /// Whether nothing is left behind the replies that were taken.
  bool is_empty() const;

 private:
  struct Deleter {
    void operator()(redisReader* reader) const;
  };
  std::unique_ptr<redisReader, Deleter> reader_;
};

}  // namespace rz::storage
