#include "rz/storage/redis/redis_log_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "rz/base/text.h"
#include "rz/base/timestamp.h"
#include "rz/storage/redis/redis_batch.h"
#include "rz/storage/redis/redis_value_reader.h"

namespace rz::storage {
namespace {

using Repeat = RedisClient::Repeat;
using Type = RedisReply::Type;

// New entries of one page: enough to make the trip's own cost small, not enough to hold up the
// server's other clients.
constexpr std::size_t kPage = 1000;

std::string score_text(std::optional<TimePoint> time, std::string_view otherwise) {
  return time ? std::to_string(time->time_since_epoch().count()) : std::string(otherwise);
}

}  // namespace

RedisLogReader::RedisLogReader(RedisClient& client, std::string_view key_prefix,
                               std::string_view log)
    : client_(client),
      prefix_(key_prefix),
      beginning_(prefix_ + std::string(log) + ":"),
      index_(log_index_key(key_prefix, log)) {}

Result<std::vector<LogRecord>> RedisLogReader::read(const LogRange& range, End end) {
  // Both bounds are inclusive here, since beyond 2^53 microseconds scores are rounded; add_records
  // looks at the exact times.
  std::optional<TimePoint> until = range.until;
  if (until && *until != TimePoint::min()) *until -= Micros{1};
  std::string low = score_text(range.since, "-inf");
  std::string high = score_text(until, "+inf");
  std::string& bound = range.newest_first ? high : low;

  std::vector<LogRecord> records;
  std::set<std::string> seen;  // The members of the last pages whose score is `bound`.
  std::size_t count = std::min(range.limit, kPage);
  while (records.size() < range.limit) {
    // The page begins with those that were seen, unless they have gone: so many more are asked for.
    const std::size_t asked = seen.size() + count;
    auto entries = page(low, high, range.newest_first, asked, end);
    if (!entries) return fail(std::move(entries).error());
    const bool is_last = entries->size() < asked;
    std::erase_if(*entries, [&](const Entry& entry) { return seen.contains(entry.member); });
    if (auto added = add_records(*entries, range, end, records); !added) {
      return fail(std::move(added).error());
    }
    if (is_last) break;
    // A full page holds more than what was seen, unless the server repeats itself.
    if (entries->empty()) return client_.unexpected_reply("ZRANGEBYSCORE");
    if (entries->back().score != bound) seen.clear();
    bound = entries->back().score;
    for (Entry& entry : *entries) {
      if (entry.score == bound) seen.insert(std::move(entry.member));
    }
    // Where many records are gone, larger steps get over their entries sooner.
    count = std::min(count * 2, kPage);
  }
  return records;
}

Result<std::vector<RedisLogReader::Entry>> RedisLogReader::page(const std::string& low,
                                                                const std::string& high,
                                                                bool newest_first,
                                                                std::size_t count, End end) {
  const std::string limit = std::to_string(count);
  const std::string_view command[] = {newest_first ? "ZREVRANGEBYSCORE" : "ZRANGEBYSCORE",
                                      index_,
                                      newest_first ? high : low,
                                      newest_first ? low : high,
                                      "WITHSCORES",
                                      "LIMIT",
                                      "0",
                                      limit};
  Result<RedisReply> reply = client_.call(command, Repeat::may, end);
  if (!reply) return fail(std::move(reply).error());
  // Each member is followed by its score.
  std::vector<RedisReply>& parts = reply->elements;
  const bool right = reply->type == Type::array && parts.size() % 2 == 0 &&
                     parts.size() / 2 <= count &&
                     std::all_of(parts.begin(), parts.end(),
                                 [](const RedisReply& part) { return part.type == Type::string; });
  if (!right) return client_.unexpected_reply(command[0]);
  std::vector<Entry> entries;
  for (std::size_t i = 0; i < parts.size(); i += 2) {
    entries.push_back({std::move(parts[i].text), std::move(parts[i + 1].text)});
  }
  return entries;
}

Result<void> RedisLogReader::add_records(const std::vector<Entry>& entries, const LogRange& range,
                                         End end, std::vector<LogRecord>& records) {
  std::vector<std::string> keys;
  for (const Entry& entry : entries) keys.push_back(beginning_ + entry.member);
  auto values =
      RedisValueReader(client_, prefix_).read(keys, RedisValueReader::OtherType::is_empty, end);
  if (!values) return fail(std::move(values).error());
  for (std::size_t i = 0; i < entries.size() && records.size() < range.limit; ++i) {
    const Result<TimePoint> time = parse_unix_seconds(entries[i].member);
    if (!time) {
      return fail(ErrorCode::corrupt,
                  fmt::format("the index holds '{}', which is not a time; remove it with ZREM",
                              printable(entries[i].member)),
                  client_.where_of_key(index_));
    }
    const bool within =
        (!range.since || *time >= *range.since) && (!range.until || *time < *range.until);
    if (within && (*values)[i]) records.push_back({*time, *std::move((*values)[i])});
  }
  return {};
}

}  // namespace rz::storage
