#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "rz/base/result.h"

namespace rz::health {

/// The counts of the 60 parts of a minute or an hour, as RetryTracker stores them: `3:12 59:1`,
/// each part with its count, without those that are 0.
using PartCounts = std::array<std::int64_t, 60>;

std::string encode_counts(const PartCounts& counts);

/// Nothing: all are 0.
/// Errors: corrupt, with `key` as the place.
Result<PartCounts> decode_counts(const std::optional<std::string>& bytes, const std::string& key);

/// How many failures there were in all, and the second of the newest: `1600 1700000000`.
struct FailureTotal {
  std::int64_t count = 0;
  std::int64_t newest = 0;
};

std::string encode_total(const FailureTotal& total);
Result<FailureTotal> decode_total(const std::optional<std::string>& bytes, const std::string& key);

/// When it was first seen that the newest failure is ahead of a clock: `1700003600 1700000000`.
struct FirstSeen {
  std::int64_t newest = 0;  ///< The second of that failure.
  std::int64_t second = 0;  ///< By the clock that it is ahead of.
};

std::string encode_first_seen(const FirstSeen& note);
Result<FirstSeen> decode_first_seen(const std::optional<std::string>& bytes,
                                    const std::string& key);

/// A plain counter. Nothing: 0.
/// Errors: corrupt.
Result<std::int64_t> decode_count(const std::optional<std::string>& bytes, const std::string& key);

}  // namespace rz::health
