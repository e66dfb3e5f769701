#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "rz/base/clock.h"
#include "rz/base/result.h"
#include "rz/storage/storage.h"

namespace rz::storage {

/// What every engine refuses, so that all of them refuse the same. Every error is invalid_argument
/// and names the key.

/// Longest key or value: Redis' own limit.
inline constexpr std::size_t kMaxStringBytes = std::size_t{512} * 1024 * 1024;

/// A key and the value and expiry that are to be written to it.
Result<void> check_write(std::string_view key, std::string_view value,
                         std::optional<Millis> expire);

/// The expiry alone: more than zero, at most 290,000 years, so that no sum with a time overflows.
Result<void> check_expire(std::string_view key, std::optional<Millis> expire);

/// Every write of `batch`, and that no two records have one log and time.
Result<void> check_batch(const Batch& batch);

/// `value + by`, where `value` is an int64 exactly as std::to_string writes it.
Result<std::int64_t> add_decimal(std::string_view key, std::string_view value, std::int64_t by);

}  // namespace rz::storage
