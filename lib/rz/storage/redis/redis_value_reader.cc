#include "rz/storage/redis/redis_value_reader.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <utility>

#include "rz/storage/redis/redis_slot.h"

namespace rz::storage {
namespace {

using Repeat = RedisClient::Repeat;
using Type = RedisReply::Type;

// Keys of one trip: enough to make the trip's own cost small, not enough to hold up the server's
// other clients.
constexpr std::size_t kPage = 1000;

}  // namespace

RedisValueReader::RedisValueReader(RedisClient& client, std::string_view key_prefix)
    : client_(client), keys_are_together_(!client.has_slots() || has_hash_tag(key_prefix)) {}

// Of a cluster whose keys share no slot, each slot's by themselves.
Result<std::vector<std::optional<std::string>>> RedisValueReader::read(
    std::span<const std::string> keys, OtherType other, End end) {
  if (keys_are_together_) return read_together(keys, other, end);
  std::map<std::uint16_t, std::vector<std::size_t>> places;
  for (std::size_t i = 0; i < keys.size(); ++i) places[redis_slot(keys[i])].push_back(i);
  std::vector<std::optional<std::string>> values(keys.size());
  for (const auto& [slot, indexes] : places) {
    std::vector<std::string> names;
    for (const std::size_t i : indexes) names.push_back(keys[i]);
    auto found = read_together(names, other, end);
    if (!found) return found;
    for (std::size_t i = 0; i < indexes.size(); ++i) values[indexes[i]] = std::move((*found)[i]);
  }
  return values;
}

Result<std::vector<std::optional<std::string>>> RedisValueReader::read_together(
    std::span<const std::string> keys, OtherType other, End end) {
  std::vector<std::optional<std::string>> values;
  values.reserve(keys.size());
  while (!keys.empty()) {
    const auto page = keys.first(std::min(keys.size(), kPage));
    keys = keys.subspan(page.size());
    std::vector<std::string_view> command{"MGET"};
    command.insert(command.end(), page.begin(), page.end());
    Result<RedisReply> reply = client_.call(command, Repeat::may, end);
    if (!reply) return fail(std::move(reply).error());
    if (reply->elements.size() != page.size()) return client_.unexpected_reply("MGET");
    std::vector<std::size_t> absent;
    for (std::size_t i = 0; i < page.size(); ++i) {
      RedisReply& value = reply->elements[i];
      if (value.type == Type::nil) absent.push_back(i);
      if (value.type != Type::nil && value.type != Type::string)
        return client_.unexpected_reply("MGET");
      values.push_back(value.type == Type::string ? std::optional(std::move(value.text))
                                                  : std::nullopt);
    }
    const auto others = find_other_types(page, absent, end);
    if (!others) return fail(others.error());
    for (const std::size_t i : *others) {
      if (other == OtherType::is_error) return client_.wrong_type("MGET", page[i]);
      values[values.size() - page.size() + i].emplace();
    }
  }
  return values;
}

// MGET takes a key of another type for absent. To count those that exist costs a trip, but only
// where something is absent.
Result<std::vector<std::size_t>> RedisValueReader::find_other_types(
    std::span<const std::string> keys, const std::vector<std::size_t>& absent, End end) {
  std::vector<std::size_t> others;
  if (absent.empty()) return others;
  std::vector<std::string_view> command{"EXISTS"};
  for (const std::size_t i : absent) command.push_back(keys[i]);
  const Result<RedisReply> count = client_.call(command, Repeat::may, end);
  if (!count) return fail(count.error());
  if (count->type != Type::integer) return client_.unexpected_reply("EXISTS");
  if (count->integer == 0) return others;
  for (const std::size_t i : absent) {
    const std::string_view ask_type[] = {"TYPE", keys[i]};
    const Result<RedisReply> type = client_.call(ask_type, Repeat::may, end);
    if (!type) return fail(type.error());
    // A string was written since; that it was absent was true.
    if (type->text != "none" && type->text != "string") others.push_back(i);
  }
  return others;
}

}  // namespace rz::storage
