#include "rz/storage/storage_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace rz::storage {
namespace {

// The longest time that an int64 of microseconds, the unit of TimePoint, can hold.
constexpr Millis kMaxExpire = std::chrono::floor<Millis>(Micros::max());

tl::unexpected<Error> refuse(std::string_view key, std::string message) {
  // A key may be 512 MiB long; a message shows its beginning.
  constexpr std::size_t kShownBytes = 200;
  return fail(ErrorCode::invalid_argument, std::move(message),
              fmt::format("key '{}'", key.substr(0, kShownBytes)));
}

Result<void> check_length(std::string_view key, std::string_view text, std::string_view what) {
  if (text.size() <= kMaxStringBytes) return {};
  return refuse(key, fmt::format("the {} has {} bytes; at most {} can be stored", what, text.size(),
                                 kMaxStringBytes));
}

}  // namespace

Result<void> check_expire(std::string_view key, std::optional<Millis> expire) {
  if (!expire) return {};
  if (*expire <= Millis::zero()) {
    return refuse(key, fmt::format("an expiry of {} ms is not in the future; give at least 1 ms",
                                   expire->count()));
  }
  if (*expire > kMaxExpire) {
    return refuse(key, fmt::format("an expiry of {} ms is beyond 290,000 years; leave it out to "
                                   "keep the key for ever",
                                   expire->count()));
  }
  return {};
}

Result<void> check_write(std::string_view key, std::string_view value,
                         std::optional<Millis> expire) {
  if (Result<void> ok = check_length(key, key, "key"); !ok) return ok;
  if (Result<void> ok = check_length(key, value, "value"); !ok) return ok;
  return check_expire(key, expire);
}

namespace {

Result<void> check_member(const Batch::Set& set) {
  const std::string& collection = set.collection;
  if (collection.empty()) return {};
  if (collection.back() == ':' && set.key.size() > collection.size() &&
      set.key.starts_with(collection)) {
    return {};
  }
  return refuse(set.key,
                "is not a member's key; expected the name of its collection, which ends with a "
                "colon, followed by a name");
}

}  // namespace

namespace {

// Its key is made for an error only: an import checks a million records.
Result<void> check_append(const Batch::Append& append) {
  constexpr std::size_t kLongestTime = 32;
  const bool short_enough =
      append.log.size() < kMaxStringBytes - kLongestTime && append.value.size() <= kMaxStringBytes;
  const bool lives =
      !append.expire || (*append.expire > Millis::zero() && *append.expire <= kMaxExpire);
  if (short_enough && lives) return {};
  return check_write(log_key(append.log, append.time), append.value, append.expire);
}

Result<void> check_places(const Batch& batch) {
  std::vector<std::pair<std::string_view, TimePoint>> places;
  for (const Batch::Write& write : batch.writes) {
    const auto* append = std::get_if<Batch::Append>(&write);
    if (append != nullptr) places.emplace_back(append->log, append->time);
  }
  if (!std::is_sorted(places.begin(), places.end())) std::sort(places.begin(), places.end());
  const auto twice = std::adjacent_find(places.begin(), places.end());
  if (twice == places.end()) return {};
  return refuse(log_key(twice->first, twice->second),
                "a batch appends two records at the same time to one log");
}

}  // namespace

Result<void> check_batch(const Batch& batch) {
  for (const Batch::Write& write : batch.writes) {
    Result<void> ok;
    if (const auto* set = std::get_if<Batch::Set>(&write)) {
      ok = check_write(set->key, set->value, set->expire);
      if (ok) ok = check_member(*set);
    } else if (const auto* append = std::get_if<Batch::Append>(&write)) {
      ok = check_append(*append);
    }
    if (!ok) return ok;
  }
  return check_places(batch);
}

Result<std::int64_t> add_decimal(std::string_view key, std::string_view value, std::int64_t by) {
  std::int64_t number = 0;
  const auto parsed = std::from_chars(value.data(), value.data() + value.size(), number);
  // Comparing with what to_string writes refuses `01`, `-0` and trailing bytes in one go.
  if (parsed.ec != std::errc{} || std::to_string(number) != value) {
    return refuse(key, "holds no 64-bit integer; remove it or count under another key");
  }
  std::int64_t sum = 0;
  if (__builtin_add_overflow(number, by, &sum)) {
    return refuse(key, fmt::format("{} plus {} does not fit into 64 bits", number, by));
  }
  return sum;
}

}  // namespace rz::storage
