#pragma once

#include <cstdint>
#include <string_view>

namespace rz::storage {

/// How many slots a cluster divides its keys into.
inline constexpr std::uint16_t kRedisSlots = 16'384;

/// The part of `key` that decides on its slot: what stands between the first `{` and the next `}`,
/// if that is not empty; else all of it.
std::string_view redis_hash_part(std::string_view key);

/// Whether all keys behind `prefix` share a slot, since it holds a hash tag, e.g. `{rz}:`.
bool has_hash_tag(std::string_view prefix);

/// The slot of `key`: CRC16 of its hash part (the XMODEM variant), modulo kRedisSlots.
std::uint16_t redis_slot(std::string_view key);

}  // namespace rz::storage
