#include "rz/storage/redis/redis_log_reader.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "rz/storage/redis/redis_storage.h"
#include "support/fake_redis.h"
#include "support/patience.h"
#include "support/print.h"
#include "support/redis_server.h"
#include "support/results.h"

namespace rz::storage {
namespace {

using Strings = std::vector<std::string>;

std::string encode(const RedisReply& reply) {
  switch (reply.type) {
    case RedisReply::Type::nil: return "$-1\r\n";
    case RedisReply::Type::integer: return ":" + std::to_string(reply.integer) + "\r\n";
    case RedisReply::Type::status: return "+" + reply.text + "\r\n";
    case RedisReply::Type::error: return "-" + reply.text + "\r\n";
    case RedisReply::Type::string:
      return "$" + std::to_string(reply.text.size()) + "\r\n" + reply.text + "\r\n";
    case RedisReply::Type::array: break;
  }
  std::string bytes = "*" + std::to_string(reply.elements.size()) + "\r\n";
  for (const RedisReply& element : reply.elements) bytes += encode(element);
  return bytes;
}

/// A real server, and one in front of it that does something before the second page of an index.
struct Interrupted {
  test::RedisServer server{};
  std::function<void()> before_second_page{};
  int pages = 0;
  test::FakeRedis front{test::ok_to_greeting([this](const Strings& command) -> test::FakeReply {
    const bool page = command[0] == "ZRANGEBYSCORE" || command[0] == "ZREVRANGEBYSCORE";
    if (page && ++pages == 2) before_second_page();
    return {.bytes = encode(server.command(command))};
  })};
  std::unique_ptr<RedisStorage> storage = ok(RedisStorage::from_config(
      {.url = front.url(), .timeout = test::kPatience, .deadline = test::kPatience}));

  void add(const Strings& members, const std::string& score) {
    Strings entries{"ZADD", "rz:log:log"};
    Strings records{"MSET"};
    for (const std::string& member : members) {
      entries.insert(entries.end(), {score, member});
      records.insert(records.end(), {"log:" + member, "value of " + member});
    }
    server.command(entries);
    server.command(records);
  }
  void remove(const std::string& member) {
    server.command({"ZREM", "rz:log:log", member});
    server.command({"DEL", "log:" + member});
  }
  Strings read(const LogRange& range) {
    Strings values;
    for (const LogRecord& record : ok(storage->read_log("log", range))) {
      values.push_back(record.value);
    }
    return values;
  }
};

std::string member(int micros) { return log_key("", TimePoint{Micros{micros}}).substr(1); }

}  // namespace

TEST_CASE("entries that go away between two pages hide no record that stays") {
  constexpr int kRecords = 2'500;
  constexpr int kPage = 1'000;
  for (const bool newest_first : {false, true}) {
    CAPTURE(newest_first);
    Interrupted log;
    Strings expected;
    for (int i = 0; i < kRecords; ++i) {
      const std::string name = member(newest_first ? kRecords - 1 - i : i);
      log.add({name}, std::to_string(newest_first ? kRecords - 1 - i : i));
      expected.push_back("value of " + name);
    }
    // The page's last entries, which the next page would begin with.
    log.before_second_page = [&] {
      for (int i = kPage - 5; i < kPage; ++i) {
        log.remove(member(newest_first ? kRecords - 1 - i : i));
      }
    };
    CHECK(log.read({.limit = 100'000, .newest_first = newest_first}) == expected);
    CHECK(log.pages >= 3);
  }
}

TEST_CASE("of many entries with one score none is hidden, and none comes twice") {
  // Texts of one time, as other programs may write it.
  Strings members;
  std::string text = "5.5";
  for (int i = 0; i < 6; ++i, text += '0') members.push_back(text);
  for (const bool newest_first : {false, true}) {
    CAPTURE(newest_first);
    Interrupted log;
    log.add(members, "5500000");
    log.add({"6"}, "6000000");
    log.add({"5"}, "5000000");
    // The first three entries are dead: a read of three needs another page.
    Strings order{"5", "5.5", "5.50", "5.500", "5.5000", "5.50000", "5.500000", "6"};
    if (newest_first) std::reverse(order.begin(), order.end());
    for (int i = 0; i < 3; ++i) log.server.command({"DEL", "log:" + order[i]});
    log.before_second_page = [&] {
      for (int i = 1; i < 3; ++i) log.remove(order[i]);
    };
    CHECK(log.read({.limit = 3, .newest_first = newest_first}) ==
          Strings{"value of " + order[3], "value of " + order[4], "value of " + order[5]});
  }
}

TEST_CASE("an entry whose score is not its time ends no reading early, and none for ever") {
  Interrupted log;
  log.before_second_page = [] {};
  Strings expected;
  for (int i = 0; i < 6; ++i) {
    log.add({member(i)}, std::to_string(i));
    if (i != 0) expected.push_back("value of " + member(i));
  }
  log.server.command({"DEL", "log:" + member(0)});
  log.add({"9"}, "1");
  log.add({"0"}, "4");
  CHECK(log.read({.limit = 2}) == Strings{"value of 0.000001", "value of 9"});
  CHECK(log.read({.limit = 100}).size() == expected.size() + 2);
}

}  // namespace rz::storage
