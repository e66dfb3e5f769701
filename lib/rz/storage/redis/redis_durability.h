#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rz::storage {

/// How a Redis server keeps what it is given, as far as it may be asked. What is nothing is not
/// known, and nothing is said of it.
struct RedisDurability {
  std::optional<std::int64_t> maxmemory_bytes{};  ///< 0: no limit.
  std::optional<std::string> maxmemory_policy{};
  std::optional<bool> appendonly{};
  std::optional<std::string> save{};  ///< Its save points; empty: none.

  /// Reads what INFO tells: all but the save points.
  static RedisDurability from_info(std::string_view info);

  /// How the server may lose what it has acknowledged, and what to do about it; a sentence each.
  std::vector<std::string> warnings() const;
};

}  // namespace rz::storage
