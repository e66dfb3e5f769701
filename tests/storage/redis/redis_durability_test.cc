#include "rz/storage/redis/redis_durability.h"

#include <doctest/doctest.h>

#include "rz/storage/redis/redis_storage.h"
#include "support/fake_redis.h"
#include "support/redis_server.h"
#include "support/results.h"

namespace rz::storage {
namespace {

using Strings = std::vector<std::string>;

const std::string kEvicts =
    "the server evicts keys when its memory is full (maxmemory-policy allkeys-lru, maxmemory 100.0 "
    "MiB), and with them what rz remembers; set maxmemory-policy to noeviction";
const std::string kForgets =
    "the server keeps nothing on disk (appendonly no, and no save points), so that a restart "
    "forgets "
    "what rz remembers; set appendonly to yes";

TEST_CASE("INFO is read, whatever else it holds") {
  const auto found = RedisDurability::from_info(
      "# Memory\r\nmaxmemory:1024\r\nmaxmemory_policy:volatile-ttl\r\nno colon\r\n\r\n"
      "aof_enabled:1\r\nmaxmemory_human:1K\r\n");
  CHECK(found.maxmemory_bytes == 1024);
  CHECK(found.maxmemory_policy == "volatile-ttl");
  CHECK(found.appendonly == true);
  CHECK_FALSE(found.save);
  CHECK_FALSE(RedisDurability::from_info("aof_enabled:x\nmaxmemory:much\n").appendonly);
}

TEST_CASE("only what is known is warned of") {
  CHECK(RedisDurability{}.warnings().empty());
  CHECK(RedisDurability{0, "allkeys-lru", true, {}}.warnings().empty());
  CHECK(RedisDurability{100 << 20, "noeviction", false, "3600 1"}.warnings().empty());
  CHECK(RedisDurability{100 << 20, {}, false, {}}.warnings().empty());
  CHECK(RedisDurability{{}, "allkeys-lru", true, ""}.warnings().empty());
  CHECK(RedisDurability{100 << 20, "allkeys-lru", false, ""}.warnings() ==
        Strings{kEvicts, kForgets});
}

TEST_CASE("a real server is asked") {
  const test::RedisServer server(
      {.config = {"save \"\"", "maxmemory 100mb", "maxmemory-policy allkeys-lru"}});
  const auto storage = ok(RedisStorage::from_config({.url = server.url()}));
  CHECK(ok(storage->durability_warnings()) == Strings{kEvicts, kForgets});
  server.command({"CONFIG", "SET", "save", "3600 1"});
  CHECK(ok(storage->durability_warnings()) == Strings{kEvicts});
  server.command({"CONFIG", "SET", "maxmemory-policy", "noeviction"});
  CHECK(ok(storage->durability_warnings()).empty());
}

TEST_CASE("a user who may not ask hears nothing that may be false") {
  const test::RedisServer server(
      {.config = {"save \"\"", "maxmemory 100mb", "maxmemory-policy allkeys-lru"}});
  const auto warnings_of = [&](const std::vector<std::string>& rights) {
    std::vector<std::string> command = {"ACL", "SETUSER", "u",      "reset",   "on",
                                        ">p",  "~*",      "+@read", "+@write", "+@connection"};
    command.insert(command.end(), rights.begin(), rights.end());
    server.command(command);
    return ok(ok(RedisStorage::from_config({.url = server.url("u:p")}))->durability_warnings());
  };
  CHECK(warnings_of({}).empty());
  CHECK(warnings_of({"+info"}) == Strings{kEvicts});
  CHECK(warnings_of({"+config|get"}) == Strings{kEvicts, kForgets});
  CHECK(warnings_of({"+info", "+config|get"}) == Strings{kEvicts, kForgets});
}

TEST_CASE("a server that is away is an error") {
  const auto storage = ok(RedisStorage::from_config(
      {.url = "redis://127.0.0.1:1/0", .timeout = Millis{5'000}, .max_retries = 0}));
  CHECK(code_of(storage->durability_warnings()) == ErrorCode::unavailable);
}

}  // namespace
}  // namespace rz::storage
