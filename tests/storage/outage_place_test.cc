// Whatever way a store is away, its error says which store that is: a message without a place is of
// no use to whoever has several.

#include <doctest/doctest.h>

#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "rz/storage/bounded_storage.h"
#include "rz/storage/faulty_storage.h"
#include "rz/storage/memory_storage.h"
#include "rz/storage/open_storage.h"
#include "rz/storage/unreachable_storage.h"
#include "storage/sqlite/raw_sqlite.h"
#include "storage/storage_calls.h"
#include "support/fake_redis.h"
#include "support/results.h"
#include "support/temp_folder.h"

namespace rz::storage {
namespace {

using namespace std::chrono_literals;

StorageOptions impatient(const std::string& url) {
  // A cluster lists keys only where they share a slot.
  return {.url = url, .timeout = 30ms, .max_retries = 0, .deadline = 30ms, .key_prefix = "{rz}:"};
}

/// Each call of it fails with an outage that has a place.
void check_places(Storage& storage) {
  const auto errors = errors_of_all_calls(storage);
  CHECK(errors.size() == kAllCalls);
  for (const Error& error : errors) {
    INFO(error.message);
    CHECK(is_outage(error));
    CHECK(error.where != "");
  }
}

void check_opened(const std::string& url) {
  INFO(url);
  const auto opened = open_storage(impatient(url));
  if (opened) return check_places(**opened);
  INFO(opened.error().message);
  CHECK(is_outage(opened.error()));
  CHECK(opened.error().where != "");
}

TEST_CASE("of a Redis") {
  const std::vector<std::pair<const char*, test::FakeRedis::Handler>> servers = {
      {"never answers", [](const auto&) { return test::FakeReply{}; }},
      {"is silent after the greeting",
       test::ok_to_greeting([](const auto&) { return test::FakeReply{}; })},
      {"closes at once",
       [](const auto&) {
         return test::FakeReply{"", false, true};
       }},
      {"closes after the greeting", test::ok_to_greeting([](const auto&) {
         return test::FakeReply{"", false, true};
       })},
      {"is loading", test::ok_to_greeting([](const auto&) {
         return test::FakeReply{"-LOADING Redis is loading the dataset in memory\r\n"};
       })},
      {"is out of memory", test::ok_to_greeting([](const auto&) {
         return test::FakeReply{"-OOM command not allowed\r\n"};
       })},
      {"has too many clients",
       [](const auto&) { return test::FakeReply{"-ERR max number of clients reached\r\n"}; }},
  };
  for (const auto& row : servers) {
    INFO(row.first);
    const test::FakeRedis server(row.second);
    check_opened(server.url());
    const std::string address = server.url().substr(std::string("redis://").size());
    const std::string host = address.substr(0, address.find('/'));
    check_opened("redis+cluster://" + host);
    check_opened("redis+sentinel://" + host + "/mymaster");
  }
}

TEST_CASE("of a Redis that is not there") {
  for (const char* url : {"redis://127.0.0.1:1", "rediss://127.0.0.1:1",
                          "redis+cluster://127.0.0.1:1", "redis+sentinel://127.0.0.1:1/mymaster",
                          "redis://no.such.host.invalid:6379", "redis+unix:///no/such/socket"}) {
    check_opened(url);
  }
}

TEST_CASE("of an SQLite file") {
  check_opened("sqlite:/proc/rz.db");
  const TempFolder folder;
  const std::string path = folder / "rz.db";
  const auto store = ok(open_storage(impatient("sqlite:" + path)));
  {
    RawSqlite other(path);
    other.query("BEGIN IMMEDIATE");
    const Error locked = error_of(store->set("key", "1"));
    CHECK(is_outage(locked));
    CHECK(locked.where != "");
    other.query("COMMIT");
  }
  CHECK(std::remove(path.c_str()) == 0);
  check_places(*store);
}

TEST_CASE("of what stands before a store") {
  ManualClock clock;
  MemoryStorage memory(clock);
  BoundedStorage late(memory, clock, 1s);
  clock.advance(1s);
  check_places(late);
  BoundedStorage away(memory, clock, 1s);
  away.note_outage({ErrorCode::timeout, "no answer within 5s", {}});
  check_places(away);
  UnreachableStorage closed({ErrorCode::unavailable, "cannot be opened", {}}, "redis://h:1/0");
  check_places(closed);
}

}  // namespace
}  // namespace rz::storage
