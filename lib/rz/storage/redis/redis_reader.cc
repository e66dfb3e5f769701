#include "rz/storage/redis/redis_reader.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <set>
#include <utility>

#include "rz/storage/glob.h"
#include "rz/storage/redis/redis_batch.h"
#include "rz/storage/redis/redis_error.h"
#include "rz/storage/redis/redis_scripts.h"

namespace rz::storage {
namespace {

using Repeat = RedisClient::Repeat;
using Type = RedisReply::Type;

// With fewer dead names than this, and than there are members, reading past them is cheaper than
// taking them out.
constexpr std::size_t kFewGone = 16;

// What all of them begin with.
std::string common_beginning(const std::vector<std::string>& texts) {
  std::string common = texts.front();
  for (const std::string& text : texts) {
    const auto end = std::mismatch(common.begin(), common.end(), text.begin(), text.end()).first;
    common.erase(end, common.end());
  }
  return common;
}

}  // namespace

std::string collection_index_key(std::string_view key_prefix, std::string_view collection) {
  return std::string(key_prefix).append(kCollectionIndexPrefix).append(collection);
}

Result<ReadAnswer> RedisReader::read(const ReadSet& what, End end) {
  auto reply = run(what, end);
  if (!reply) return fail(std::move(reply).error());
  const std::size_t keys = what.keys.size();
  const std::size_t collections = keys + what.collections.size();
  if (reply->elements.size() != collections + what.logs.size())
    return client_.unexpected_reply("EVALSHA");

  ReadAnswer answer;
  for (std::size_t i = 0; i < keys; ++i) {
    answer.values.push_back(value_of(std::move(reply->elements[i]), what.keys[i]));
  }
  for (std::size_t i = 0; i < what.logs.size(); ++i) {
    answer.logs.push_back(has_entries(reply->elements[collections + i], what.logs[i]));
  }
  std::vector<std::string> incomplete;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < what.collections.size(); ++i) {
    auto members = members_of(std::move(reply->elements[keys + i]), what.collections[i]);
    if (!members) {
      answer.collections.push_back(fail(std::move(members).error()));
      continue;
    }
    if (!members->complete) {
      incomplete.push_back(what.collections[i]);
      places.push_back(i);
    } else if (members->gone.size() > std::max(kFewGone, members->found.size())) {
      forget(what.collections[i], members->gone, end);
    }
    answer.collections.push_back(std::move(members->found));
  }
  if (incomplete.empty()) return answer;
  auto adopted = adopt(incomplete, end);
  if (!adopted && is_outage(adopted.error())) return fail(std::move(adopted).error());
  for (std::size_t i = 0; i < places.size(); ++i) {
    auto& part = answer.collections[places[i]];
    if (adopted) {
      part = std::move((*adopted)[i]);
    } else {
      part = fail(adopted.error());
    }
  }
  return answer;
}

Result<RedisReply> RedisReader::run(const ReadSet& what, End end) {
  std::vector<std::string> keys;
  for (const std::string& key : what.keys) keys.push_back(prefix_ + key);
  const std::string count = std::to_string(keys.size());
  std::vector<std::string> beginnings;
  for (const std::string& collection : what.collections) {
    keys.push_back(collection_index_key(prefix_, collection));
    beginnings.push_back(prefix_ + collection);
  }
  for (const std::string& log : what.logs) keys.push_back(log_index_key(prefix_, log));
  std::vector<std::string_view> arguments{count};
  arguments.insert(arguments.end(), beginnings.begin(), beginnings.end());
  auto reply = client_.run(kReadScript, keys, arguments, Repeat::may, end);
  if (reply && reply->type != Type::array) return client_.unexpected_reply("EVALSHA");
  return reply;
}

Result<std::optional<std::string>> RedisReader::value_of(RedisReply reply,
                                                         std::string_view key) const {
  if (reply.type == Type::nil) return std::nullopt;
  if (reply.type == Type::string) return std::move(reply.text);
  if (reply.type != Type::error) return client_.unexpected_reply("EVALSHA");
  Error error = translate_reply(reply, "GET").error;
  error.where = client_.where_of_key(prefix_ + std::string(key));
  return fail(std::move(error));
}

Result<bool> RedisReader::has_entries(const RedisReply& reply, std::string_view log) const {
  if (reply.type == Type::integer) return reply.integer > 0;
  if (reply.type != Type::error) return client_.unexpected_reply("EVALSHA");
  Error error = translate_reply(reply, "ZCARD").error;
  error.where = client_.where_of_key(log_index_key(prefix_, log));
  return fail(std::move(error));
}

Result<RedisReader::Members> RedisReader::members_of(RedisReply reply,
                                                     const std::string& collection) const {
  if (reply.type == Type::error) {
    Error error = translate_reply(reply, "SMEMBERS").error;
    error.where = client_.where_of_key(collection_index_key(prefix_, collection));
    return fail(std::move(error));
  }
  const bool right = reply.type == Type::array && reply.elements.size() == 3 &&
                     reply.elements[0].type == Type::integer &&
                     reply.elements[1].elements.size() == reply.elements[2].elements.size();
  if (!right) return client_.unexpected_reply("EVALSHA");
  Members members;
  members.complete = reply.elements[0].integer != 0;
  std::vector<RedisReply>& names = reply.elements[1].elements;
  std::vector<RedisReply>& values = reply.elements[2].elements;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (values[i].type == Type::string) {
      members.found.push_back({collection + names[i].text, std::move(values[i].text)});
    } else {
      members.gone.push_back(std::move(names[i].text));
    }
  }
  std::sort(members.found.begin(), members.found.end(),
            [](const KeyValue& a, const KeyValue& b) { return a.key < b.key; });
  return members;
}

// One look at the keys of the store for each family of collections. What is written meanwhile lists
// itself. An index that cannot be written (a full server, a replica, an ACL) leaves the next reader
// to look as well: whoever can read is told all there is.
Result<std::vector<std::vector<KeyValue>>> RedisReader::adopt(
    const std::vector<std::string>& collections, End end) {
  const auto keys = keys_of_families(collections, end);
  if (!keys) return fail(keys.error());
  std::vector<std::vector<KeyValue>> all;
  for (const std::string& collection : collections) {
    std::vector<std::string> mine;
    for (const std::string& key : *keys) {
      if (key.size() > collection.size() && key.starts_with(collection)) mine.push_back(key);
    }
    const std::string index = collection_index_key(prefix_, collection);
    std::vector<std::string_view> command{"SADD", index, ""};
    for (const std::string& key : mine) {
      command.push_back(std::string_view(key).substr(collection.size()));
    }
    static_cast<void>(client_.call(command, Repeat::may, end).has_value());
    auto members = values_of(mine, end);
    if (!members) return fail(std::move(members).error());
    all.push_back(*std::move(members));
  }
  return all;
}

// A family is what begins with the same word, as `health:`. What all families have in common is
// nothing, so that one look for all of them would list the whole store.
Result<std::vector<std::string>> RedisReader::keys_of_families(
    const std::vector<std::string>& collections, End end) {
  std::map<std::string, std::vector<std::string>> families;
  for (const std::string& collection : collections) {
    families[collection.substr(0, collection.find(':'))].push_back(collection);
  }
  std::vector<std::string> all;
  for (const auto& [word, family] : families) {
    auto keys = keys_that_begin(common_beginning(family), end);
    if (!keys) return keys;
    all.insert(all.end(), keys->begin(), keys->end());
  }
  return all;
}

Result<std::vector<std::string>> RedisReader::keys_that_begin(const std::string& beginning,
                                                              End end) {
  const std::string pattern = glob_escape(prefix_ + beginning) + "*";
  std::set<std::string> keys;
  std::string cursor = "0";
  do {
    const std::string_view command[] = {"SCAN", cursor, "MATCH", pattern, "COUNT", "1000"};
    auto reply = client_.call(command, prefix_, Repeat::may, end);
    if (!reply) return fail(std::move(reply).error());
    if (reply->elements.size() != 2) return client_.unexpected_reply("SCAN");
    for (const RedisReply& key : reply->elements[1].elements) {
      if (key.text.starts_with(prefix_)) keys.insert(key.text.substr(prefix_.size()));
    }
    cursor = std::move(reply->elements[0].text);
  } while (cursor != "0");
  return std::vector<std::string>(keys.begin(), keys.end());
}

Result<std::vector<KeyValue>> RedisReader::values_of(const std::vector<std::string>& keys,
                                                     End end) {
  constexpr std::size_t kMembersAPage = 1000;
  std::vector<KeyValue> members;
  for (std::size_t first = 0; first < keys.size(); first += kMembersAPage) {
    const std::size_t last = std::min(first + kMembersAPage, keys.size());
    ReadSet page;
    page.keys.assign(keys.begin() + static_cast<std::ptrdiff_t>(first),
                     keys.begin() + static_cast<std::ptrdiff_t>(last));
    auto reply = run(page, end);
    if (!reply) return fail(std::move(reply).error());
    if (reply->elements.size() != page.keys.size()) return client_.unexpected_reply("EVALSHA");
    for (std::size_t i = 0; i < page.keys.size(); ++i) {
      auto value = value_of(std::move(reply->elements[i]), page.keys[i]);
      if (!value && value.error().code != ErrorCode::corrupt) return fail(value.error());
      if (value && !*value) continue;
      members.push_back({page.keys[i], value ? **value : std::string()});
    }
  }
  return members;
}

// What does not succeed is tried by the next reader.
void RedisReader::forget(const std::string& collection, const std::vector<std::string>& gone,
                         End end) {
  const std::string index = collection_index_key(prefix_, collection);
  const std::string beginning = prefix_ + collection;
  std::vector<std::string_view> arguments{beginning};
  arguments.insert(arguments.end(), gone.begin(), gone.end());
  static_cast<void>(
      client_.run(kForgetScript, {&index, 1}, arguments, Repeat::may, end).has_value());
}

}  // namespace rz::storage
