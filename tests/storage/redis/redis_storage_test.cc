#include "rz/storage/redis/redis_storage.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "storage/storage_calls.h"
#include "storage/storage_contract.h"
#include "storage/storage_contract_support.h"
#include "support/fake_redis.h"
#include "support/patience.h"
#include "support/print.h"
#include "support/redis_server.h"
#include "support/results.h"

namespace rz::storage {
namespace {

using test::RedisServer;

constexpr const char* kAllowedUser = "rz:p%40ss";

/// The rights that redis_storage.h says are enough.
const char* const kAclUser = "user rz on >p@ss ~rz-test:* +@read +@write +@scripting +@connection";

RedisServer& shared_server() {
  static RedisServer server({.password = "admin", .unix_socket = true, .config = {kAclUser}});
  return server;
}

/// An empty database of the one server, its time the machine's.
StorageBackend redis_backend(const std::string& url) {
  REQUIRE(shared_server().command({"FLUSHALL"}).text == "OK");
  return {.open = [url]() -> std::unique_ptr<Storage> {
            return ok(RedisStorage::from_config({.url = url,
                                                 .timeout = test::kPatience,
                                                 .deadline = test::kPatience,
                                                 .key_prefix = "rz-test:"}));
          },
          .advance = [](Millis time) { std::this_thread::sleep_for(time); },
          .exact_time = false};
}

StorageBackend tcp_backend() { return redis_backend(shared_server().url(kAllowedUser)); }
StorageBackend socket_backend() { return redis_backend(shared_server().socket_url(kAllowedUser)); }

RZ_TEST_STORAGE_CONTRACT("Redis over TCP", tcp_backend);
RZ_TEST_STORAGE_CONTRACT("Redis over a unix socket", socket_backend);

using Strings = std::vector<std::string>;

/// What a client without rz sees.
Strings raw(const Strings& command) {
  Strings texts;
  for (const RedisReply& element : shared_server().command(command).elements) {
    texts.push_back(element.text);
  }
  std::sort(texts.begin(), texts.end());
  return texts;
}

TEST_CASE("a log lies in Redis as the old system had it, with its index beside it") {
  const auto storage = tcp_backend().open();
  const TimePoint time{Micros{1'700'000'000'000'006}};
  REQUIRE(ok(storage->commit(Batch().append("fallback:transition", time, "{}"))) == Commit::done);
  CHECK(raw({"KEYS", "*"}) == Strings{"rz-test:fallback:transition:1700000000.000006",
                                      "rz-test:rz:log:fallback:transition"});
  CHECK(raw({"ZRANGE", "rz-test:rz:log:fallback:transition", "0", "-1", "WITHSCORES"}) ==
        Strings{"1700000000.000006", "1700000000000006"});
  CHECK(shared_server().command({"GET", "rz-test:fallback:transition:1700000000.000006"}).text ==
        "{}");
}

TEST_CASE("stores with different prefixes do not see each other") {
  shared_server().command({"FLUSHALL"});
  const auto with_prefix = [](std::string prefix) {
    return ok(
        RedisStorage::from_config({.url = shared_server().url(), .key_prefix = std::move(prefix)}));
  };
  // Globs, and one that begins as another does.
  const Strings prefixes = {"", "p:", "p:*", "p:[a-z]", "\\", "{tag}:", "p:?"};
  for (const std::string& prefix : prefixes) {
    REQUIRE(with_prefix(prefix)->commit(
        Batch().set("~own", prefix).append("~log", TimePoint{}, prefix)));
  }
  for (const std::string& prefix : prefixes) {
    CAPTURE(prefix);
    const auto storage = with_prefix(prefix);
    CHECK(ok(storage->get("~own")) == prefix);
    CHECK(ok(scan_all_keys(*storage, "~*")) == Strings{"~log:0.000000", "~own"});
    const auto records = ok(storage->read_log("~log", {}));
    REQUIRE(records.size() == 1);
    CHECK(records[0].value == prefix);
  }
}

TEST_CASE("the index of a log loses what has died") {
  const auto backend = tcp_backend();
  const auto storage = backend.open();
  const std::string index = "rz-test:rz:log:log";
  const auto append = [&](int from, int count, std::optional<Millis> life) {
    for (int i = from; i < from + count; ++i) {
      REQUIRE(ok(storage->commit(Batch().append("log", TimePoint{Micros{i}}, "x", life))) ==
              Commit::done);
    }
  };
  append(0, 30, kLife);
  backend.advance(kWait);
  append(100, 3, std::nullopt);
  CHECK(shared_server().command({"ZCARD", index}).integer <= 30 - 3 * 8 + 3);
  append(200, 1, std::nullopt);
  CHECK(raw({"ZRANGE", index, "0", "-1"}) ==
        Strings{"0.000100", "0.000101", "0.000102", "0.000200"});
}

TEST_CASE("records that others indexed are read as they wrote them") {
  const auto storage = tcp_backend().open();
  RedisServer& server = shared_server();
  const auto add = [&](const std::string& member, const std::string& score) {
    server.command({"SET", "rz-test:log:" + member, member});
    server.command({"ZADD", "rz-test:rz:log:log", score, member});
  };
  // Python's str() of a float drops zeros; and so two texts can stand for one time.
  add("5.5", "5500000");
  add("5.500000", "5500000");
  add("7", "7000000");
  const auto all = ok(storage->read_log("log", {}));
  REQUIRE(all.size() == 3);
  CHECK(all[0] == LogRecord{TimePoint{Micros{5'500'000}}, "5.5"});
  CHECK(all[1] == LogRecord{TimePoint{Micros{5'500'000}}, "5.500000"});
  CHECK(all[2] == LogRecord{TimePoint{Micros{7'000'000}}, "7"});

  server.command({"ZADD", "rz-test:rz:log:log", "6000000", "jun\x1bk"});
  const auto broken = storage->read_log("log", {});
  REQUIRE_FALSE(broken.has_value());
  CHECK(broken.error() ==
        Error{ErrorCode::corrupt,
              "the index holds 'jun\\x1bk', which is not a time; remove it with ZREM",
              storage->description() + ": key 'rz-test:rz:log:log'"});
}

TEST_CASE("times that a score rounds are kept apart") {
  const auto storage = tcp_backend().open();
  // Beyond 2^53 microseconds, in the year 2255, doubles are 2 µs apart.
  constexpr std::int64_t kStart = (std::int64_t{1} << 53) + 1;
  std::vector<LogRecord> records;
  for (std::int64_t i = 0; i < 50; ++i) {
    records.push_back({TimePoint{Micros{kStart + i}}, std::to_string(i)});
    REQUIRE(ok(storage->commit(Batch().append("log", records.back().time, std::to_string(i)))) ==
            Commit::done);
  }
  CHECK(ok(storage->read_log("log", {})) == records);
  for (std::int64_t i = 0; i < 50; ++i) {
    const auto at = static_cast<std::size_t>(i);
    const LogRange exactly{records[at].time, records[at].time + Micros{1}};
    CHECK(ok(storage->read_log("log", exactly)) == std::vector{records[at]});
  }
  std::vector<LogRecord> paged;
  LogRange range{.limit = 7, .newest_first = true};
  while (true) {
    const auto page = ok(storage->read_log("log", range));
    if (page.empty()) break;
    paged.insert(paged.end(), page.begin(), page.end());
    range.until = page.back().time;
  }
  std::reverse(paged.begin(), paged.end());
  CHECK(paged == records);
}

TEST_CASE("a log of thousands is read page by page") {
  const auto storage = tcp_backend().open();
  constexpr int kRecords = 2'500;
  Batch batch;
  for (int i = 0; i < kRecords; ++i) batch.append("log", TimePoint{Micros{i}}, std::to_string(i));
  REQUIRE(ok(storage->commit(batch)) == Commit::done);
  for (const bool newest_first : {false, true}) {
    const auto records =
        ok(storage->read_log("log", {.limit = 100'000, .newest_first = newest_first}));
    REQUIRE(records.size() == kRecords);
    for (int i = 0; i < kRecords; ++i) {
      const int expected = newest_first ? kRecords - 1 - i : i;
      CHECK(records[static_cast<std::size_t>(i)].value == std::to_string(expected));
    }
  }
}

TEST_CASE("the index of a log cannot be written as a key") {
  const auto storage = tcp_backend().open();
  REQUIRE(ok(storage->commit(Batch().append("log", TimePoint{}, "x"))) == Commit::done);
  constexpr auto refused = ErrorCode::invalid_argument;
  CHECK(code_of(storage->set("rz:log:log", "x")) == refused);
  CHECK(code_of(storage->remove("rz:log:log")) == refused);
  CHECK(code_of(storage->expire("rz:log:log", Millis{1})) == refused);
  CHECK(code_of(storage->increment("rz:log:log")) == refused);
  CHECK(code_of(storage->commit(Batch().set("rz:log:log", "x"))) == refused);
  CHECK(code_of(storage->commit(Batch().remove("rz:log:log"))) == refused);
  CHECK(code_of(storage->commit(Batch().append("rz:log:log", TimePoint{}, "x"))) == refused);
  CHECK(ok(storage->read_log("log", {})).size() == 1);
}

TEST_CASE("a key of another type is damage, and not absent, also where many are read") {
  const RedisServer server;
  const auto storage = ok(RedisStorage::from_config({.url = server.url(), .key_prefix = "p:"}));
  REQUIRE(storage->set("a", "1"));
  REQUIRE(storage->set("empty", ""));
  const std::vector<std::string> keys{"a", "none", "empty", "b"};
  CHECK(ok(storage->get_many(keys)) ==
        std::vector<std::optional<std::string>>{"1", std::nullopt, "", std::nullopt});
  server.command({"HSET", "p:b", "field", "another type"});
  const Error error = error_of(storage->get_many(keys));
  CHECK(error.code == ErrorCode::corrupt);
  CHECK(error.where.ends_with("key 'p:b'"));

  // A record of a log is shown damaged beside the others.
  REQUIRE(ok(storage->commit(Batch().append("log", TimePoint{Micros{1}}, "x"))) == Commit::done);
  REQUIRE(ok(storage->commit(Batch().append("log", TimePoint{Micros{2}}, "y"))) == Commit::done);
  const std::string first = "p:" + log_key("log", TimePoint{Micros{1}});
  server.command({"DEL", first});
  CHECK(ok(storage->read_log("log", {})).size() == 1);
  server.command({"LPUSH", first, "x"});
  const auto records = ok(storage->read_log("log", {}));
  REQUIRE(records.size() == 2);
  CHECK(records[0].value == "");
  CHECK(records[1].value == "y");
}

TEST_CASE("a batch of plain sets: the last one to a key stands, and an earlier life ends") {
  const RedisServer server;
  const auto storage = ok(RedisStorage::from_config({.url = server.url(), .key_prefix = "p:"}));
  REQUIRE(storage->set("a", "old", Millis{50'000}));
  server.command({"HSET", "p:b", "field", "another type"});
  CHECK(ok(storage->commit(Batch().set("a", "1").set("b", "2").set("a", "3"))) == Commit::done);
  CHECK(ok(storage->get("a")) == "3");
  CHECK(ok(storage->get("b")) == "2");
  CHECK(server.command({"PTTL", "p:a"}).integer == -1);
  CHECK(server.command({"INFO", "commandstats"}).text.find("evalsha") == std::string::npos);
}

TEST_CASE("a batch of thousands of sets: each key has its value, and its life or none") {
  const RedisServer server;
  const auto storage = ok(RedisStorage::from_config({.url = server.url()}));
  Batch batch;
  SUBCASE("a transaction") {}
  SUBCASE("a script, where something is expected") { batch.expect_absent("none"); }
  std::vector<std::string> keys;
  for (int i = 0; i < 2'500; ++i) {
    keys.push_back("key" + std::to_string(i));
    // An earlier life ends.
    if (i < 10) REQUIRE(storage->set(keys.back(), "old", Millis{3'000'000}));
    batch.set(keys.back(), std::to_string(i),
              i % 3 == 0 ? std::optional(Millis{3'600'000}) : std::nullopt);
  }
  REQUIRE(ok(storage->commit(batch)) == Commit::done);
  const auto values = ok(storage->get_many(keys));
  for (int i = 0; i < 2'500; ++i) {
    CHECK(values[static_cast<std::size_t>(i)] == std::to_string(i));
    const std::int64_t life = server.command({"PTTL", keys[static_cast<std::size_t>(i)]}).integer;
    if (i % 3 == 0) CHECK((life > 3'000'000 && life <= 3'600'000));
    if (i % 3 != 0) CHECK(life == -1);
    if (i == 30) i = 2'480;
  }
}

TEST_CASE("a cursor that no scan gave") {
  const auto storage = tcp_backend().open();
  for (const char* cursor : {"0", "x", "-1", "1 ", "123456789012345678901"}) {
    CAPTURE(cursor);
    CHECK(code_of(storage->scan_keys("*", cursor)) == ErrorCode::invalid_argument);
  }
}

TEST_CASE("connections are named, and the store says where it is") {
  const auto storage = tcp_backend().open();
  REQUIRE(storage->health_check());
  CHECK(shared_server().command({"CLIENT", "LIST"}).text.find(" name=rz ") != std::string::npos);
  CHECK(storage->description() ==
        "redis://rz@127.0.0.1:" + std::to_string(shared_server().port()) + "/0");
}

TEST_CASE("answers that no Redis gives are errors, not values") {
  struct Row {
    const char* answer;
    std::size_t errors;  ///< Of the thirteen calls; the answer is right for the others.
  };
  const Row rows[] = {
      {"+OK\r\n", 12},      // set
      {":1\r\n", 8},        // remove, exists, expire, increment, commit
      {":2\r\n", 8},        // remove, exists, expire, increment, commit (the place is taken)
      {":3\r\n", 9},        // remove, exists, expire, increment
      {":-9\r\n", 9},       // commit has no key 9
      {"$1\r\n5\r\n", 10},  // get, increment with a life, health_check
      {"*0\r\n", 12},       // read_log
      {"*2\r\n:1\r\n:2\r\n", 13},
      {"*2\r\n$1\r\n0\r\n*1\r\n:1\r\n", 13},
      {"*2\r\n$1\r\na\r\n$-1\r\n", 13},            // get_many asks on
      {"*2\r\n$1\r\na\r\n$1\r\nb\r\n", 12},        // get_many
      {"*2\r\n$1\r\n0\r\n*1\r\n$1\r\nk\r\n", 12},  // scan_keys
      {"*-1\r\n", 11},
      {"$-1\r\n", 11},  // get, health_check
  };
  for (const Row& row : rows) {
    CAPTURE(row.answer);
    const test::FakeRedis server(test::ok_to_greeting([&](const Strings&) {
      return test::FakeReply{row.answer, true};
    }));
    const auto storage = ok(RedisStorage::from_config({.url = server.url(), .max_retries = 0}));
    const auto errors = errors_of_all_calls(*storage);
    CHECK(errors.size() == row.errors);
    for (const Error& error : errors) {
      CHECK(error.code == ErrorCode::corrupt);
      CHECK(error.where.starts_with(server.url()));
    }
  }
}

}  // namespace
}  // namespace rz::storage
