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

// Whether a member of the index may have that score. Beyond 2^53 microseconds neighbours share one.
bool may_have_score(std::string_view member, const std::string& score) {
  const auto time = parse_unix_seconds(member);
  const auto number = parse_double(score);
  return !time || !number || static_cast<double>(time->time_since_epoch().count()) == *number;
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
  records.reserve(std::min(range.limit, kPage));
  std::set<std::string> seen;  // Of the last pages those whose score may be `bound`.
  std::size_t count = std::min(range.limit, kPage);
  while (records.size() < range.limit) {
    // The page begins with those that were seen, unless they have gone: so many more are asked for.
    const std::size_t asked = seen.size() + count;
    auto members = page(low, high, range.newest_first, asked, end);
    if (!members) return fail(std::move(members).error());
    const bool is_last = members->size() < asked;
    if (!seen.empty()) {
      std::erase_if(*members, [&](const std::string& member) { return seen.contains(member); });
    }
    if (auto added = add_records(*members, range, end, records); !added) {
      return fail(std::move(added).error());
    }
    if (is_last || records.size() >= range.limit) break;
    // A full page holds more than what was seen, unless the server repeats itself.
    if (members->empty()) return client_.unexpected_reply("ZRANGEBYSCORE");
    auto last = score_of(members->back(), end);
    if (!last) return fail(std::move(last).error());
    if (parse_double(*last) != parse_double(bound)) seen.clear();
    bound = *std::move(last);
    // An index that somebody wrote by hand may hold anything: then all of them are remembered.
    const bool regular = may_have_score(members->back(), bound);
    for (std::string& member : *members) {
      if (!regular || may_have_score(member, bound)) seen.insert(std::move(member));
    }
    // Where many records are gone, larger steps get over their entries sooner.
    count = std::min(count * 2, kPage);
  }
  return records;
}

// Without the scores: to write and to send them is a third of what a page costs the server.
Result<std::vector<std::string>> RedisLogReader::page(const std::string& low,
                                                      const std::string& high, bool newest_first,
                                                      std::size_t count, End end) {
  const std::string limit = std::to_string(count);
  const std::string_view command[] = {newest_first ? "ZREVRANGEBYSCORE" : "ZRANGEBYSCORE",
                                      index_,
                                      newest_first ? high : low,
                                      newest_first ? low : high,
                                      "LIMIT",
                                      "0",
                                      limit};
  Result<RedisReply> reply = client_.call(command, Repeat::may, end);
  if (!reply) return fail(std::move(reply).error());
  std::vector<RedisReply>& parts = reply->elements;
  const bool right = reply->type == Type::array && parts.size() <= count &&
                     std::all_of(parts.begin(), parts.end(),
                                 [](const RedisReply& part) { return part.type == Type::string; });
  if (!right) return client_.unexpected_reply(command[0]);
  std::vector<std::string> members;
  members.reserve(parts.size());
  for (RedisReply& part : parts) members.push_back(std::move(part.text));
  return members;
}

// As the server has it: who writes an index by hand may give a member another score than its time.
Result<std::string> RedisLogReader::score_of(const std::string& member, End end) {
  const std::string_view command[] = {"ZSCORE", index_, member};
  Result<RedisReply> reply = client_.call(command, Repeat::may, end);
  if (!reply) return fail(std::move(reply).error());
  if (reply->type == Type::string) return std::move(reply->text);
  if (reply->type != Type::nil) return client_.unexpected_reply(command[0]);
  // It has gone since. add_records has seen that it is a time.
  return score_text(*parse_unix_seconds(member), "");
}

Result<void> RedisLogReader::add_records(const std::vector<std::string>& members,
                                         const LogRange& range, End end,
                                         std::vector<LogRecord>& records) {
  std::vector<std::string> keys;
  keys.reserve(members.size());
  for (const std::string& member : members) keys.push_back(beginning_ + member);
  auto values =
      RedisValueReader(client_, prefix_).read(keys, RedisValueReader::OtherType::is_empty, end);
  if (!values) return fail(std::move(values).error());
  for (std::size_t i = 0; i < members.size() && records.size() < range.limit; ++i) {
    const Result<TimePoint> time = parse_unix_seconds(members[i]);
    if (!time) {
      return fail(ErrorCode::corrupt,
                  fmt::format("the index holds '{}', which is not a time; remove it with ZREM",
                              printable(members[i])),
                  client_.where_of_key(index_));
    }
    const bool within =
        (!range.since || *time >= *range.since) && (!range.until || *time < *range.until);
    if (within && (*values)[i]) records.push_back({*time, *std::move((*values)[i])});
  }
  return {};
}

}  // namespace rz::storage
