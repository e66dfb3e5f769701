#include "rz/storage/redis/redis_slot.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <string>

namespace rz::storage {
namespace {

TEST_CASE("slots as Redis counts them") {
  // CLUSTER KEYSLOT of Redis 7.0.
  struct Row {
    const char* key;
    int slot;
  };
  const Row rows[] = {{"", 0},
                      {"123456789", 12739},
                      {"foo", 12182},
                      {"foo{", 7673},
                      {"{rz}:a", 12774},
                      {"{rz}", 12774},
                      {"rz", 12774},
                      {"{}rz", 14293},
                      {"{rz}{x}", 12774},
                      {"a{rz}b}", 12774},
                      {"a{b", 13340},
                      {"\xff\x80", 4727}};
  for (const Row& row : rows) {
    CAPTURE(row.key);
    CHECK(redis_slot(row.key) == row.slot);
  }
}

TEST_CASE("what is hashed of a key") {
  CHECK(redis_hash_part("plain") == "plain");
  CHECK(redis_hash_part("{user}.a") == "user");
  CHECK(redis_hash_part("a{b}{c}") == "b");
  CHECK(redis_hash_part("a{{b}}") == "{b");
  CHECK(redis_hash_part("{}a{b}") == "{}a{b}");
  CHECK(redis_hash_part("a}b{c") == "a}b{c");
}

TEST_CASE("a prefix with a hash tag") {
  CHECK(has_hash_tag("{rz}:"));
  CHECK(has_hash_tag("app:{rz}:"));
  for (const char* prefix : {"", "rz:", "{", "{}:", "}{", "{rz"}) {
    CAPTURE(prefix);
    CHECK_FALSE(has_hash_tag(prefix));
  }
}

TEST_CASE("keys behind one hash tag share a slot") {
  CHECK(rc::check("one slot", [](const std::string& key) {
    RC_ASSERT(redis_slot("{rz}:" + key) == redis_slot("rz"));
    RC_ASSERT(redis_slot(key) < kRedisSlots);
  }));
}

}  // namespace
}  // namespace rz::storage
