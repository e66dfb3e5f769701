#include "rz/storage/redis/redis_storage.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "rz/base/text.h"
#include "rz/storage/glob.h"
#include "rz/storage/redis/redis_batch.h"
#include "rz/storage/redis/redis_durability.h"
#include "rz/storage/redis/redis_error.h"
#include "rz/storage/redis/redis_log_reader.h"
#include "rz/storage/redis/redis_reader.h"
#include "rz/storage/redis/redis_scripts.h"
#include "rz/storage/redis/redis_slot.h"
#include "rz/storage/redis/redis_value_reader.h"
#include "rz/storage/storage_rules.h"

namespace rz::storage {
namespace {

using Repeat = RedisClient::Repeat;
using Type = RedisReply::Type;

// Keys of one step of a scan: enough to make the trip's own cost small, not enough to hold up the
// server's other clients.
constexpr std::string_view kPageText = "1000";

constexpr std::string_view kHealthKey = "rz:health";

std::string text_of(Millis life) { return std::to_string(life.count()); }

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
  if (reply->type != Type::string) return client_.unexpected_reply("GET");
  return std::optional<std::string>(std::move(reply->text));
}

Result<std::vector<std::optional<std::string>>> RedisStorage::get_many(
    std::span<const std::string> keys) {
  std::vector<std::string> names;
  names.reserve(keys.size());
  for (const std::string& key : keys) names.push_back(prefixed(key));
  return RedisValueReader(client_, prefix_)
      .read(names, RedisValueReader::OtherType::is_error, client_.begin());
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
    return client_.unexpected_reply("SCAN");
  }
  ScanPage page;
  for (const RedisReply& key : reply->elements[1].elements) {
    const bool ours = key.type == Type::string && key.text.starts_with(prefix_);
    if (!ours) return client_.unexpected_reply("SCAN");
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
  if (!number) return client_.unexpected_reply("EVALSHA");
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
  if (reply->type != Type::integer || reply->integer > 2)
    return client_.unexpected_reply("EVALSHA");
  if (reply->integer == 2) return Commit::place_taken;
  if (reply->integer >= 0) return reply->integer == 1 ? Commit::done : Commit::refused;
  // The place of the key that holds the wrong type, negative and from 1.
  const auto place = static_cast<std::size_t>(-(reply->integer + 1));
  if (place >= request.keys().size()) {
    const std::size_t member = place - request.keys().size();
    if (member >= request.member_indexes().size()) return client_.unexpected_reply("EVALSHA");
    return client_.wrong_type("SADD", request.member_indexes()[member]);
  }
  return client_.wrong_type(request.is_log_index(place) ? "ZADD" : "GET", request.keys()[place]);
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
  if (!all_set) return client_.unexpected_reply("EXEC");
  return Commit::done;
}

Result<std::vector<LogRecord>> RedisStorage::read_log(std::string_view log, const LogRange& range) {
  return RedisLogReader(client_, prefix_, log).read(range, client_.begin());
}

Result<std::uint64_t> RedisStorage::count_log(std::string_view log) {
  const std::string index = log_index_key(prefix_, log);
  const std::string_view command[] = {"ZCARD", index};
  const Result<RedisReply> reply = ask(command, Type::integer, Repeat::may);
  if (!reply) return fail(reply.error());
  return static_cast<std::uint64_t>(reply->integer);
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

Result<std::optional<TimePoint>> RedisStorage::server_time() {
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

std::optional<Error> RedisStorage::read_only() const {
  if (!client_.is_replica()) return std::nullopt;
  Error error = translate_reply({.type = Type::error, .text = "READONLY"}, "HELLO").error;
  error.where = client_.where();
  return error;
}

Result<RedisReply> RedisStorage::ask(std::span<const std::string_view> arguments, Type type,
                                     Repeat repeat) {
  Result<RedisReply> reply = client_.call(arguments, repeat, client_.begin());
  if (!reply || reply->type == type) return reply;
  return client_.unexpected_reply(arguments[0]);
}

}  // namespace rz::storage
