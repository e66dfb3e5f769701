#include "rz/storage/redis/redis_storage.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include "rz/base/text.h"
#include "rz/base/timestamp.h"
#include "rz/storage/glob.h"
#include "rz/storage/redis/redis_batch.h"
#include "rz/storage/redis/redis_durability.h"
#include "rz/storage/redis/redis_error.h"
#include "rz/storage/redis/redis_reader.h"
#include "rz/storage/redis/redis_scripts.h"
#include "rz/storage/redis/redis_slot.h"
#include "rz/storage/storage_rules.h"

namespace rz {
namespace {

using Repeat = RedisClient::Repeat;
using Type = RedisReply::Type;

// Keys or entries of one trip: enough to make the trip's own cost small, not enough to hold up the
// server's other clients.
constexpr std::size_t kPage = 1000;
constexpr std::string_view kPageText = "1000";

constexpr std::string_view kHealthKey = "rz:health";

std::string text_of(Millis life) { return std::to_string(life.count()); }

// A score of the index, as Redis rounds it.
double score_of(TimePoint time) { return static_cast<double>(time.time_since_epoch().count()); }

std::string score_text(std::optional<TimePoint> time, std::string_view otherwise) {
  return time ? std::to_string(time->time_since_epoch().count()) : std::string(otherwise);
}

/// Whether all that it does is to set keys, whatever is there.
bool only_sets(const Batch& batch) {
  return !batch.replicated && batch.expectations.empty() && !batch.writes.empty() &&
         std::all_of(batch.writes.begin(), batch.writes.end(), [](const Batch::Write& write) {
           const auto* set = std::get_if<Batch::Set>(&write);
           return set != nullptr && set->collection.empty();
         });
}

bool any_expires(const Batch& batch) {
  return std::any_of(batch.writes.begin(), batch.writes.end(), [](const Batch::Write& write) {
    return std::get<Batch::Set>(write).expire.has_value();
  });
}

}  // namespace

Result<std::unique_ptr<RedisStorage>> RedisStorage::from_config(const StorageOptions& options,
                                                                Clock& clock) {
  const Result<StorageUrl> server = redis_server_of(options);
  if (!server) return fail(server.error());
  return std::unique_ptr<RedisStorage>(new RedisStorage(*server, options, clock));
}

Result<std::optional<std::string>> RedisStorage::get(std::string_view key) {
  const std::string name = prefixed(key);
  const std::string_view command[] = {"GET", name};
  Result<RedisReply> reply = client_.call(command, Repeat::may, client_.begin());
  if (!reply) return fail(std::move(reply).error());
  if (reply->type == Type::nil) return std::optional<std::string>();
  if (reply->type != Type::string) return unexpected_reply("GET");
  return std::optional<std::string>(std::move(reply->text));
}

Result<std::vector<std::optional<std::string>>> RedisStorage::get_many(
    std::span<const std::string> keys) {
  std::vector<std::string> names;
  names.reserve(keys.size());
  for (const std::string& key : keys) names.push_back(prefixed(key));
  return fetch(names, OtherType::is_error, client_.begin());
}

Result<void> RedisStorage::set(std::string_view key, std::string_view value,
                               std::optional<Millis> expire) {
  if (auto ok = check_write(key, value, expire); !ok) return ok;
  if (auto ok = check_writable(key); !ok) return ok;
  const std::string name = prefixed(key);
  const std::string life = expire ? text_of(*expire) : "";
  std::vector<std::string_view> command{"SET", name, value};
  if (expire) command.insert(command.end(), {"PX", life});
  const Result<RedisReply> reply = ask(command, Type::status, Repeat::may);
  if (!reply) return fail(reply.error());
  return {};
}

Result<bool> RedisStorage::remove(std::string_view key) {
  if (auto ok = check_writable(key); !ok) return fail(std::move(ok).error());
  const std::string name = prefixed(key);
  const std::string_view command[] = {"DEL", name};
  const Result<RedisReply> reply = ask(command, Type::integer, Repeat::must_not);
  if (!reply) return fail(reply.error());
  return reply->integer != 0;
}

Result<bool> RedisStorage::exists(std::string_view key) {
  const std::string name = prefixed(key);
  const std::string_view command[] = {"EXISTS", name};
  const Result<RedisReply> reply = ask(command, Type::integer, Repeat::may);
  if (!reply) return fail(reply.error());
  return reply->integer != 0;
}

Result<ScanPage> RedisStorage::scan_keys(std::string_view glob, std::string_view cursor) {
  const bool given =
      cursor.size() <= 20 && cursor != "0" && std::all_of(cursor.begin(), cursor.end(), is_digit);
  if (!given) {
    return fail(ErrorCode::invalid_argument,
                "a scan goes on from a cursor that this store gave, or starts with an empty one",
                client_.where());
  }
  if (!keys_are_together()) return fail(cannot_list());
  const std::string pattern = glob_escape(prefix_) + std::string(glob);
  // The type hides the indexes of logs, and what other programs keep in the same database.
  const std::string_view command[] = {
      "SCAN",  cursor.empty() ? "0" : cursor, "MATCH", pattern, "COUNT", kPageText, "TYPE",
      "string"};
  Result<RedisReply> reply = client_.call(command, prefix_, Repeat::may, client_.begin());
  if (!reply) return fail(std::move(reply).error());
  if (reply->elements.size() != 2 || reply->elements[1].type != Type::array) {
    return unexpected_reply("SCAN");
  }
  ScanPage page;
  for (const RedisReply& key : reply->elements[1].elements) {
    const bool ours = key.type == Type::string && key.text.starts_with(prefix_);
    if (!ours) return unexpected_reply("SCAN");
    page.keys.push_back(key.text.substr(prefix_.size()));
  }
  page.cursor = std::move(reply->elements[0].text);
  if (page.cursor == "0") page.cursor.clear();
  return page;
}

Result<bool> RedisStorage::expire(std::string_view key, Millis after) {
  if (auto ok = check_expire(key, after); !ok) return fail(std::move(ok).error());
  if (auto ok = check_writable(key); !ok) return fail(std::move(ok).error());
  const std::string name = prefixed(key);
  const std::string life = text_of(after);
  const std::string_view command[] = {"PEXPIRE", name, life};
  const Result<RedisReply> reply = ask(command, Type::integer, Repeat::may);
  if (!reply) return fail(reply.error());
  return reply->integer != 0;
}

Result<std::int64_t> RedisStorage::increment(std::string_view key, std::int64_t by,
                                             std::optional<Millis> expire) {
  const std::string sum = std::to_string(by);
  if (auto ok = check_write(key, sum, expire); !ok) return fail(std::move(ok).error());
  if (auto ok = check_writable(key); !ok) return fail(std::move(ok).error());
  const std::string name = prefixed(key);
  if (!expire) {
    const std::string_view command[] = {"INCRBY", name, sum};
    const Result<RedisReply> reply = ask(command, Type::integer, Repeat::must_not);
    if (!reply) return fail(reply.error());
    return reply->integer;
  }
  const std::string life = text_of(*expire);
  const std::string_view arguments[] = {sum, life};
  const Result<RedisReply> reply =
      client_.run(kIncrementScript, {&name, 1}, arguments, Repeat::must_not, client_.begin());
  if (!reply) return fail(reply.error());
  const auto number = reply->type == Type::string ? parse_int(reply->text) : std::nullopt;
  if (!number) return unexpected_reply("EVALSHA");
  return *number;
}

Result<Commit> RedisStorage::commit(const Batch& batch) {
  if (auto ok = check_batch(batch); !ok) return fail(std::move(ok).error());
  if (auto ok = check_writable(batch); !ok) return fail(std::move(ok).error());
  if (only_sets(batch) && !any_expires(batch)) return set_all(batch);
  if (only_sets(batch) && !client_.has_slots()) {
    auto done = set_all_expiring(batch);
    // Who may not run MULTI may still run the script.
    if (done || done.error().code != ErrorCode::auth) return done;
  }
  const RedisBatch request(batch, prefix_);
  // Nobody would ever find them.
  if (!request.member_indexes().empty() && !keys_are_together()) return fail(cannot_list());
  const Result<RedisReply> reply =
      client_.commit(request.keys(), request.arguments(), batch.replicated, client_.begin());
  if (!reply) return fail(reply.error());
  if (reply->type != Type::integer || reply->integer > 2) return unexpected_reply("EVALSHA");
  if (reply->integer == 2) return Commit::place_taken;
  if (reply->integer >= 0) return reply->integer == 1 ? Commit::done : Commit::refused;
  // The place of the key that holds the wrong type, negative and from 1.
  const auto place = static_cast<std::size_t>(-(reply->integer + 1));
  if (place >= request.keys().size()) {
    const std::size_t member = place - request.keys().size();
    if (member >= request.member_indexes().size()) return unexpected_reply("EVALSHA");
    return fail(damaged_index(client_, request.member_indexes()[member]));
  }
  return fail(wrong_type("EVALSHA", request.keys()[place]));
}

// One command, atomic by itself, and no script to run; it may be carried out twice.
Result<Commit> RedisStorage::set_all(const Batch& batch) {
  std::vector<std::string> names;
  names.reserve(batch.writes.size());
  std::vector<std::string_view> command{"MSET"};
  command.reserve(2 * batch.writes.size() + 1);
  for (const Batch::Write& write : batch.writes) {
    const auto& set = std::get<Batch::Set>(write);
    command.push_back(names.emplace_back(prefixed(set.key)));
    command.push_back(set.value);
  }
  const Result<RedisReply> reply = ask(command, Type::status, Repeat::may);
  if (!reply) return fail(reply.error());
  return Commit::done;
}

// One transaction of single commands, which costs less than the script.
Result<Commit> RedisStorage::set_all_expiring(const Batch& batch) {
  std::string commands;
  for (const Batch::Write& write : batch.writes) {
    const auto& set = std::get<Batch::Set>(write);
    const std::string name = prefixed(set.key);
    const std::string life = set.expire ? text_of(*set.expire) : std::string();
    const std::string_view command[] = {"SET", name, set.value, "PX", life};
    const auto bytes = encode_command(std::span(command).first(set.expire ? 5 : 3));
    if (!bytes) return fail(bytes.error().code, bytes.error().message, client_.where());
    commands += *bytes;
  }
  const Result<RedisReply> reply =
      client_.transact(commands, batch.writes.size(), Repeat::may, client_.begin());
  if (!reply) return fail(reply.error());
  const bool all_set =
      reply->elements.size() == batch.writes.size() &&
      std::all_of(reply->elements.begin(), reply->elements.end(),
                  [](const RedisReply& each) { return each.type == Type::status; });
  if (!all_set) return unexpected_reply("EXEC");
  return Commit::done;
}

Result<std::vector<LogRecord>> RedisStorage::read_log(std::string_view log, const LogRange& range) {
  const End end = client_.begin();
  std::vector<LogRecord> records;
  LogRange rest = range;
  // Bounds are inclusive here.
  if (rest.until && *rest.until != TimePoint::min()) *rest.until -= Micros{1};
  // Entries at the score where the last page ended, which the next one begins with again.
  std::size_t skip = 0;
  std::size_t count = std::clamp<std::size_t>(range.limit, 1, kPage);
  while (records.size() < range.limit) {
    const auto page = index_page(log, rest, skip, count, end);
    if (!page) return fail(page.error());
    std::vector<std::string> keys;
    for (const std::string& member : *page) {
      keys.push_back(prefix_ + std::string(log) + ":" + member);
    }
    auto values = fetch(keys, OtherType::is_empty, end);
    if (!values) return fail(std::move(values).error());
    std::optional<TimePoint>& bound = range.newest_first ? rest.until : rest.since;
    for (std::size_t i = 0; i < page->size() && records.size() < range.limit; ++i) {
      const Result<TimePoint> time = parse_unix_seconds((*page)[i]);
      if (!time) {
        return fail(ErrorCode::corrupt,
                    fmt::format("the index holds '{}', which is not a time; remove it with ZREM",
                                printable((*page)[i])),
                    client_.where_of_key(log_index_key(prefix_, log)));
      }
      skip = bound && score_of(*bound) == score_of(*time) ? skip + 1 : 1;
      bound = *time;
      const bool within =
          (!range.since || *time >= *range.since) && (!range.until || *time < *range.until);
      if (within && (*values)[i]) records.push_back({*time, *std::move((*values)[i])});
    }
    if (page->size() < count) break;
    // Where the dead are many, larger steps get over them sooner.
    count = std::min(count * 2, kPage);
  }
  return records;
}

Result<std::vector<KeyValue>> RedisStorage::read_collection(std::string_view collection) {
  if (!keys_are_together()) return fail(cannot_list());
  auto answer =
      RedisReader(client_, prefix_).read({{}, {std::string(collection)}}, client_.begin());
  if (!answer) return fail(std::move(answer).error());
  return std::move(answer->collections.front());
}

Result<ReadAnswer> RedisStorage::read_together(const ReadSet& what) {
  if (!keys_are_together()) return Storage::read_together(what);
  return RedisReader(client_, prefix_).read(what, client_.begin());
}

Result<StoreProbe> RedisStorage::probe() {
  const End end = client_.begin();
  const std::string name = prefixed(kProbeKey);
  const std::string life = text_of(kProbeLife);
  const std::string_view arguments[] = {"written", life};
  // What INFO does not tell; no script may ask it.
  const std::string_view ask_save[] = {"CONFIG", "GET", "save"};
  const auto reply =
      client_.run_with(kProbeScript, {&name, 1}, arguments, ask_save, Repeat::may, end);
  if (!reply && is_outage(reply.error())) return fail(reply.error());
  const bool told = reply && reply->elements.size() == 2 && reply->elements[0].elements.size() == 3;
  if (!told) {
    auto found = Storage::probe();
    // Who may not run scripts can still write single keys, but decide nothing.
    if (found && !found->write_error && !reply && reply.error().code == ErrorCode::auth) {
      found->write_error = reply.error();
    }
    return found;
  }
  const auto part = [&](std::size_t i, std::string_view command) -> Result<RedisReply> {
    const RedisReply& each = reply->elements[0].elements[i];
    if (each.type != Type::error) return each;
    Error error = translate_reply(each, command).error;
    error.where = client_.where_of_key(name);
    return fail(std::move(error));
  };
  if (auto read = part(1, "GET"); !read) return fail(std::move(read).error());
  StoreProbe found;
  if (auto written = part(0, "SET"); !written) found.write_error = std::move(written).error();
  const auto& save = reply->elements[1].elements;
  std::optional<std::string> setting;
  if (save.size() == 2) setting = save[1].text;
  if (auto warnings = durability_warnings(part(2, "INFO"), std::move(setting), end)) {
    found.warnings = *std::move(warnings);
  }
  return found;
}

Result<void> RedisStorage::health_check() {
  const Result<std::optional<std::string>> value = get(kHealthKey);
  if (!value) return fail(value.error());
  return {};
}

Result<std::optional<TimePoint>> RedisStorage::time() {
  const std::string_view command[] = {"TIME"};
  const auto reply = client_.call(command, prefix_, Repeat::may, client_.begin());
  if (!reply && is_outage(reply.error())) return fail(reply.error());
  // Who may not ask for it is not told.
  if (!reply || reply->elements.size() != 2) return std::optional<TimePoint>{};
  const auto seconds = parse_int(reply->elements[0].text);
  const auto micros = parse_int(reply->elements[1].text);
  if (!seconds || !micros) return std::optional<TimePoint>{};
  return std::optional(TimePoint{std::chrono::seconds{*seconds} + Micros{*micros}});
}

std::optional<std::string> RedisStorage::setting(std::string_view name, End end) {
  const std::string_view command[] = {"CONFIG", "GET", name};
  Result<RedisReply> reply = client_.call(command, prefix_, Repeat::may, end);
  // Each parameter comes as its name and its value.
  if (!reply || reply->elements.size() != 2) return std::nullopt;
  return std::move(reply->elements[1].text);
}

// An ACL or a provider may forbid INFO or CONFIG; then the other may still tell.
Result<std::vector<std::string>> RedisStorage::durability_warnings() {
  const End end = client_.begin();
  const std::string_view command[] = {"INFO"};
  return durability_warnings(client_.call(command, prefix_, Repeat::may, end), std::nullopt, end);
}

Result<std::vector<std::string>> RedisStorage::durability_warnings(const Result<RedisReply>& info,
                                                                   std::optional<std::string> save,
                                                                   End end) {
  if (!info && is_outage(info.error())) return fail(info.error());
  RedisDurability found;
  if (info) {
    found = RedisDurability::from_info(info->text);
  } else {
    if (const auto bytes = setting("maxmemory", end)) found.maxmemory_bytes = parse_int(*bytes);
    found.maxmemory_policy = setting("maxmemory-policy", end);
    if (const auto aof = setting("appendonly", end)) found.appendonly = *aof == "yes";
  }
  if (found.appendonly == false) found.save = save ? std::move(save) : setting("save", end);
  return found.warnings();
}

bool RedisStorage::keys_are_together() const {
  return !client_.has_slots() || has_hash_tag(prefix_);
}

Error RedisStorage::cannot_list() const {
  return {ErrorCode::invalid_argument,
          "the keys of a cluster can be listed only if they share a slot; give "
          "storage.key_prefix a hash tag, e.g. \"{rz}:\"",
          client_.where()};
}

Result<void> RedisStorage::check_writable(std::string_view key) const {
  for (const auto& [prefix, what] :
       {std::pair{kLogIndexPrefix, "logs"}, std::pair{kCollectionIndexPrefix, "collections"}}) {
    if (!key.starts_with(prefix)) continue;
    return fail(ErrorCode::invalid_argument,
                fmt::format("keys that begin with {} are the indexes of {}; use another name",
                            prefix, what),
                fmt::format("key '{}'", key));
  }
  return {};
}

Result<void> RedisStorage::check_writable(const Batch& batch) const {
  for (const Batch::Write& write : batch.writes) {
    const auto name = [](const auto& one) -> std::string_view {
      if constexpr (requires { one.key; }) {
        return one.key;
      } else {
        return one.log;
      }
    };
    if (auto ok = check_writable(std::visit(name, write)); !ok) return ok;
  }
  return {};
}

tl::unexpected<Error> RedisStorage::unexpected_reply(std::string_view command) const {
  return fail(
      ErrorCode::corrupt,
      fmt::format("the answer to {} is none that Redis gives; is this a Redis server?", command),
      client_.where());
}

std::optional<Error> RedisStorage::read_only() const {
  if (!client_.is_replica()) return std::nullopt;
  Error error = translate_reply({.type = Type::error, .text = "READONLY"}, "HELLO").error;
  error.where = client_.where();
  return error;
}

Error RedisStorage::wrong_type(std::string_view command, std::string_view name) const {
  const RedisReply reply{.type = Type::error, .text = "WRONGTYPE"};
  return {ErrorCode::corrupt, translate_reply(reply, command).error.message,
          client_.where_of_key(name)};
}

Result<RedisReply> RedisStorage::ask(std::span<const std::string_view> arguments, Type type,
                                     Repeat repeat) {
  Result<RedisReply> reply = client_.call(arguments, repeat, client_.begin());
  if (!reply || reply->type == type) return reply;
  return unexpected_reply(arguments[0]);
}

// Of a cluster whose keys share no slot, each slot's by themselves.
Result<std::vector<std::optional<std::string>>> RedisStorage::fetch(
    std::span<const std::string> keys, OtherType other, End end) {
  if (keys_are_together()) return fetch_together(keys, other, end);
  std::map<std::uint16_t, std::vector<std::size_t>> places;
  for (std::size_t i = 0; i < keys.size(); ++i) places[redis_slot(keys[i])].push_back(i);
  std::vector<std::optional<std::string>> values(keys.size());
  for (const auto& [slot, indexes] : places) {
    std::vector<std::string> names;
    for (const std::size_t i : indexes) names.push_back(keys[i]);
    auto found = fetch_together(names, other, end);
    if (!found) return found;
    for (std::size_t i = 0; i < indexes.size(); ++i) values[indexes[i]] = std::move((*found)[i]);
  }
  return values;
}

Result<std::vector<std::optional<std::string>>> RedisStorage::fetch_together(
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
    if (reply->elements.size() != page.size()) return unexpected_reply("MGET");
    std::vector<std::size_t> absent;
    for (std::size_t i = 0; i < page.size(); ++i) {
      RedisReply& value = reply->elements[i];
      if (value.type == Type::nil) absent.push_back(i);
      if (value.type != Type::nil && value.type != Type::string) return unexpected_reply("MGET");
      values.push_back(value.type == Type::string ? std::optional(std::move(value.text))
                                                  : std::nullopt);
    }
    const auto others = find_other_types(page, absent, end);
    if (!others) return fail(others.error());
    for (const std::size_t i : *others) {
      if (other == OtherType::is_error) return fail(wrong_type("MGET", page[i]));
      values[values.size() - page.size() + i].emplace();
    }
  }
  return values;
}

// MGET takes a key of another type for absent. To count those that exist costs a trip, but only
// where something is absent.
Result<std::vector<std::size_t>> RedisStorage::find_other_types(
    std::span<const std::string> keys, const std::vector<std::size_t>& absent, End end) {
  std::vector<std::size_t> others;
  if (absent.empty()) return others;
  std::vector<std::string_view> command{"EXISTS"};
  for (const std::size_t i : absent) command.push_back(keys[i]);
  const Result<RedisReply> count = client_.call(command, Repeat::may, end);
  if (!count) return fail(count.error());
  if (count->type != Type::integer) return unexpected_reply("EXISTS");
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

// Bounds are inclusive on both sides, since beyond 2^53 microseconds scores are rounded; the caller
// looks at the exact times.
Result<std::vector<std::string>> RedisStorage::index_page(std::string_view log,
                                                          const LogRange& range, std::size_t skip,
                                                          std::size_t count, End end) {
  const std::string index = log_index_key(prefix_, log);
  const std::string low = score_text(range.since, "-inf");
  const std::string high = score_text(range.until, "+inf");
  const std::string offset = std::to_string(skip);
  const std::string limit = std::to_string(count);
  const bool newest = range.newest_first;
  const std::string_view command[] = {newest ? "ZREVRANGEBYSCORE" : "ZRANGEBYSCORE",
                                      index,
                                      newest ? high : low,
                                      newest ? low : high,
                                      "LIMIT",
                                      offset,
                                      limit};
  Result<RedisReply> reply = client_.call(command, Repeat::may, end);
  if (!reply) return fail(std::move(reply).error());
  if (reply->type != Type::array) return unexpected_reply(command[0]);
  std::vector<std::string> members;
  for (RedisReply& member : reply->elements) members.push_back(std::move(member.text));
  return members;
}

}  // namespace rz
