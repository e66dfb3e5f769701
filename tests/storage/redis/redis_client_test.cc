#include "rz/storage/redis/redis_client.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "storage/child_process.h"
#include "storage/redis/redis_support.h"
#include "storage/storage_contract_support.h"
#include "support/fake_redis.h"
#include "support/http_server.h"
#include "support/print.h"

namespace rz::storage {
namespace {

using test::FakeRedis;
using test::FakeReply;
using Repeat = RedisClient::Repeat;
using Command = std::vector<std::string>;

const char* const kOk = "+OK\r\n";
const char* const kLoading = "-LOADING Redis is loading the dataset in memory\r\n";

/// A client of a server that answers its n-th command (from 0) by `answer(n)`.
struct AnsweredClient {
  explicit AnsweredClient(std::function<FakeReply(int)> answer, StorageOptions with = {})
      : server(test::ok_to_greeting(
            [this, answer = std::move(answer)](const Command&) { return answer(count++); })),
        options(std::move(with)),
        client(*redis_server_of({.url = server.url(std::string("me:") + kPassword)}), options,
               clock) {}

  Result<std::string> call(Repeat repeat = Repeat::may, std::string_view name = "GET") {
    const std::string_view command[] = {name, "key"};
    auto reply = client.call(command, repeat, client.begin());
    if (!reply) {
      CHECK(to_string(reply.error()).find(kPassword) == std::string::npos);
      return fail(reply.error());
    }
    return reply->text;
  }

  Error error_of_call(Repeat repeat = Repeat::may) {
    const auto reply = call(repeat);
    REQUIRE_FALSE(reply.has_value());
    return reply.error();
  }

  std::atomic<int> count{0};
  ManualClock clock;
  FakeRedis server;
  StorageOptions options;
  RedisClient client;
};

TEST_CASE("one connection serves one call after the other") {
  AnsweredClient setup([](int) { return FakeReply{kOk}; });
  for (int i = 0; i < 10; ++i) CHECK(setup.call() == "OK");
  CHECK(setup.server.connections() == 1);
  CHECK(setup.server.commands() == Command(10, "GET key"));
}

/// What a client gets for two SETs in a transaction.
Result<RedisReply> transact(AnsweredClient& setup, Repeat repeat = Repeat::may) {
  std::string commands;
  for (const char* key : {"a", "b"}) {
    const std::string_view command[] = {"SET", key, "1"};
    commands += *encode_command(command);
  }
  return setup.client.transact(commands, 2, repeat, setup.client.begin());
}

const Command kTransaction = {"MULTI", "SET a 1", "SET b 1", "EXEC"};

TEST_CASE("a transaction is its commands between MULTI and EXEC, answered in one") {
  const char* answers[] = {kOk, "+QUEUED\r\n", "+QUEUED\r\n", "*2\r\n+OK\r\n+OK\r\n"};
  AnsweredClient setup([&](int n) { return FakeReply{answers[n % 4], true}; });
  for (int i = 0; i < 2; ++i) {
    const auto reply = transact(setup);
    REQUIRE(reply);
    CHECK(reply->elements.size() == 2);
  }
  CHECK(setup.server.connections() == 1);
  CHECK(setup.server.commands().size() == 8);
}

TEST_CASE("where MULTI is refused, nothing behind it is sent") {
  AnsweredClient setup([](int) { return FakeReply{"-NOPERM this user may not run 'multi'\r\n"}; });
  const auto reply = transact(setup);
  REQUIRE_FALSE(reply);
  CHECK(reply.error().code == ErrorCode::auth);
  CHECK(setup.server.commands() == Command{"MULTI"});
}

TEST_CASE("of a transaction that is refused the first reason counts, and the connection lives") {
  const char* answers[] = {kOk, "-OOM command not allowed\r\n", "-WRONGTYPE later\r\n",
                           "-EXECABORT Transaction discarded\r\n"};
  AnsweredClient setup([&](int n) { return FakeReply{n < 4 ? answers[n] : kOk}; });
  const auto reply = transact(setup);
  REQUIRE_FALSE(reply);
  CHECK(reply.error().message.find("(OOM)") != std::string::npos);
  CHECK(setup.call() == "OK");
  CHECK(setup.server.connections() == 1);
}

TEST_CASE("a transaction that is cut off anywhere is carried out again, or said to be unknown") {
  const char* answers[] = {kOk, "+QUEUED\r\n", "+QUEUED\r\n", "*2\r\n+OK\r\n+OK\r\n"};
  for (const Repeat repeat : {Repeat::may, Repeat::must_not}) {
    for (int cut = 0; cut < 4; ++cut) {
      CAPTURE(cut);
      std::atomic<bool> done{false};
      AnsweredClient setup([&](int n) {
        if (n == cut && !done.exchange(true)) return FakeReply{"", false, true};
        return FakeReply{answers[n <= cut ? n : (n - cut - 1) % 4]};
      });
      const auto reply = transact(setup, repeat);
      // Before MULTI is answered nothing was begun.
      CHECK(reply.has_value() == (repeat == Repeat::may || cut == 0));
      if (reply) CHECK(setup.server.commands().size() == static_cast<std::size_t>(cut) + 5);
    }
  }
}

TEST_CASE("threads share the client") {
  AnsweredClient setup([](int) { return FakeReply{kOk, true}; });
  CHECK(race(32, [&](int) {
          const std::string_view command[] = {"GET", "key"};
          for (int i = 0; i < 20; ++i) {
            const auto reply = setup.client.call(command, Repeat::may, setup.client.begin());
            if (!reply || reply->text != "OK") return false;
          }
          return true;
        }) == 32);
  CHECK(setup.server.commands().size() == 640);
}

TEST_CASE("the greeting comes first, and only once") {
  std::vector<std::string> seen;
  FakeRedis server([&](const Command& command) {
    std::string text;
    for (const std::string& argument : command) text += (text.empty() ? "" : " ") + argument;
    seen.push_back(text);
    return FakeReply{kOk};
  });
  const auto calls = [&](const std::string& userinfo, int database) {
    seen.clear();
    StorageUrl url = *redis_server_of({.url = server.url(userinfo)});
    url.database = database;
    RedisClient client(url, {}, SystemClock::instance());
    const std::string_view command[] = {"PING"};
    for (int i = 0; i < 2; ++i) REQUIRE(client.call(command, Repeat::may, client.begin()));
    return seen;
  };
  CHECK(calls("", 0) == Command{"CLIENT SETNAME rz", "HELLO 2", "PING", "PING"});
  CHECK(calls("me:p%20w", 3) ==
        Command{"AUTH me p w", "SELECT 3", "CLIENT SETNAME rz", "HELLO 2", "PING", "PING"});
  CHECK(calls(":pw", 0) == Command{"AUTH pw", "CLIENT SETNAME rz", "HELLO 2", "PING", "PING"});
  CHECK(calls("default:pw", 0) ==
        Command{"AUTH pw", "CLIENT SETNAME rz", "HELLO 2", "PING", "PING"});
  CHECK(calls("me", 0) == Command{"AUTH me ", "CLIENT SETNAME rz", "HELLO 2", "PING", "PING"});
}

TEST_CASE("a connection that may not be named does as well") {
  FakeRedis server([](const Command& command) {
    return FakeReply{command[0] == "CLIENT" ? "-NOPERM this user has no permissions\r\n" : kOk};
  });
  RedisClient client(*redis_server_of({.url = server.url()}), {}, SystemClock::instance());
  const std::string_view command[] = {"PING"};
  CHECK(client.call(command, Repeat::may, client.begin()));
}

TEST_CASE("a database that cannot be selected runs nothing") {
  FakeRedis server([](const Command& command) {
    return FakeReply{command[0] == "SELECT" ? "-ERR DB index is out of range\r\n" : kOk};
  });
  StorageUrl url = *redis_server_of({.url = server.url()});
  url.database = 99;
  RedisClient client(url, {}, SystemClock::instance());
  const std::string_view command[] = {"DEL", "key"};
  const auto reply = client.call(command, Repeat::must_not, client.begin());
  REQUIRE_FALSE(reply.has_value());
  CHECK(reply.error().code == ErrorCode::invalid_argument);
  CHECK(reply.error().where == redact(url));
  CHECK(server.commands().empty());
}

TEST_CASE("what a loading server refuses is tried again, a write too") {
  for (const Repeat repeat : {Repeat::may, Repeat::must_not}) {
    AnsweredClient setup([](int n) { return FakeReply{n < 3 ? kLoading : kOk}; });
    CHECK(setup.call(repeat) == "OK");
    CHECK(setup.server.commands().size() == 4);
    // At most 0.5 s, then 1 s, then 2 s.
    CHECK(setup.clock.monotonic() > std::chrono::nanoseconds{0});
    CHECK(setup.clock.monotonic() <= Millis{3'500});
  }
}

TEST_CASE("pauses are drawn anew each time, below a bound that doubles") {
  std::chrono::nanoseconds longest{0};
  bool differ = false;
  std::optional<std::chrono::nanoseconds> before;
  for (int i = 0; i < 20; ++i) {
    AnsweredClient setup([](int n) { return FakeReply{n < 1 ? kLoading : kOk}; });
    CHECK(setup.call() == "OK");
    longest = std::max(longest, setup.clock.monotonic());
    differ |= before && *before != setup.clock.monotonic();
    before = setup.clock.monotonic();
  }
  CHECK(longest <= Millis{500});
  CHECK(differ);
}

TEST_CASE("tries are counted") {
  AnsweredClient setup([](int) { return FakeReply{kLoading}; }, {.max_retries = 2});
  const Error error = setup.error_of_call();
  CHECK(error.code == ErrorCode::unavailable);
  CHECK(to_string(error) == redact_url(setup.server.url("me:x")) +
                                ": the server is loading its data (LOADING); wait until it is done "
                                "(tried 3 times)");
  CHECK(setup.server.commands().size() == 3);

  AnsweredClient once([](int) { return FakeReply{kLoading}; }, {.max_retries = 0});
  CHECK(once.error_of_call().message ==
        "the server is loading its data (LOADING); wait until it is done");
  CHECK(once.server.commands().size() == 1);
}

TEST_CASE("the deadline of the operation ends the tries") {
  AnsweredClient setup(
      [](int) { return FakeReply{kLoading}; },
      {.max_retries = 1'000'000, .retry_delay = Millis{500}, .deadline = Millis{15'000}});
  CHECK(setup.error_of_call().code == ErrorCode::unavailable);
  CHECK(setup.clock.monotonic() <= Millis{15'000});
  CHECK(setup.server.commands().size() > 4);
}

TEST_CASE("what does not go away by itself is told at once") {
  for (const char* reply :
       {"-READONLY You can't write against a read only replica.\r\n", "-ERR syntax error\r\n",
        "-NOPERM this user has no permissions to run the 'get' command\r\n",
        "-OOM command not allowed when used memory > 'maxmemory'.\r\n"}) {
    AnsweredClient setup([&](int) { return FakeReply{reply}; });
    CHECK(setup.error_of_call().message.find("tried") == std::string::npos);
    CHECK(setup.server.commands().size() == 1);
    CHECK(setup.clock.monotonic() == std::chrono::nanoseconds{0});
  }
}

TEST_CASE("a server that has become a replica is looked up anew") {
  AnsweredClient setup([](int n) { return FakeReply{n == 0 ? "-READONLY no\r\n" : kOk}; });
  CHECK(setup.error_of_call().code == ErrorCode::unavailable);
  CHECK(setup.call() == "OK");
  CHECK(setup.server.connections() == 2);
}

TEST_CASE("a greeting that is refused for a while is tried again") {
  std::atomic<int> greetings{0};
  FakeRedis server([&](const Command&) {
    const bool full = greetings++ == 0;
    return FakeReply{full ? "-ERR max number of clients reached\r\n" : kOk, false, full};
  });
  ManualClock clock;
  RedisClient client(*redis_server_of({.url = server.url()}), {}, clock);
  const std::string_view command[] = {"PING"};
  CHECK(client.call(command, Repeat::must_not, client.begin()));
  CHECK(clock.monotonic() > std::chrono::nanoseconds{0});
}

TEST_CASE("a wrong password is told at once") {
  FakeRedis server([](const Command&) {
    return FakeReply{"-WRONGPASS invalid username-password pair or user is disabled.\r\n"};
  });
  RedisClient client(*redis_server_of({.url = server.url("me:hunter2")}), {},
                     SystemClock::instance());
  const std::string_view command[] = {"PING"};
  const auto reply = client.call(command, Repeat::may, client.begin());
  REQUIRE_FALSE(reply.has_value());
  CHECK(reply.error().code == ErrorCode::auth);
  CHECK(server.connections() == 1);
}

TEST_CASE("an answer that was lost") {
  // The first answer of the first connection is lost.
  AnsweredClient setup([](int n) { return n == 0 ? FakeReply{"", false, true} : FakeReply{kOk}; });
  SUBCASE("is asked for again where that does no harm") {
    CHECK(setup.call(Repeat::may) == "OK");
    CHECK(setup.server.commands().size() == 2);
  }
  SUBCASE("of a command that must not run twice is an error that says so") {
    const Error error = setup.error_of_call(Repeat::must_not);
    CHECK(error.code == ErrorCode::unavailable);
    CHECK(error.message ==
          "the connection broke: the other side closed the connection; what was asked for may have "
          "been done");
    CHECK(setup.server.commands().size() == 1);
    CHECK(setup.call(Repeat::must_not) == "OK");
  }
}

TEST_CASE("a connection that died in the pool costs no try and no pause") {
  // The second command closes the connection on which the first was answered.
  const auto dies = [](int n) { return n == 1 ? FakeReply{"", false, true} : FakeReply{kOk}; };
  SUBCASE("where the command may be repeated") {
    AnsweredClient setup(dies, {.max_retries = 0});
    CHECK(setup.call() == "OK");
    CHECK(setup.call() == "OK");
    CHECK(setup.server.connections() == 2);
    CHECK(setup.clock.monotonic() == std::chrono::nanoseconds{0});
  }
  SUBCASE("but the command that must not be repeated is not") {
    AnsweredClient setup(dies, {.max_retries = 3});
    CHECK(setup.call() == "OK");
    CHECK(setup.error_of_call(Repeat::must_not).code == ErrorCode::unavailable);
    CHECK(setup.server.commands().size() == 2);
  }
  SUBCASE("and one that is known to be dead is never used, for whatever command") {
    AnsweredClient setup([](int n) { return FakeReply{kOk, false, n == 0}; }, {.max_retries = 0});
    CHECK(setup.call() == "OK");
    // Until the end of the connection has come here, too.
    while (setup.server.connections() < 2) CHECK(setup.call(Repeat::may) == "OK");
    CHECK(setup.call(Repeat::must_not) == "OK");
  }
}

TEST_CASE("nobody answers") {
  const StorageOptions options{.timeout = Millis{30}, .max_retries = 0};
  SUBCASE("and what was asked for may be asked again") {
    AnsweredClient setup([](int) { return FakeReply{}; }, options);
    const Error error = setup.error_of_call(Repeat::may);
    CHECK(error.code == ErrorCode::timeout);
    CHECK(error.message == "no answer within 30ms; is the server reachable? see storage.timeout");
  }
  SUBCASE("and what was asked for may have been done") {
    AnsweredClient setup([](int) { return FakeReply{}; }, options);
    Error error = setup.error_of_call(Repeat::must_not);
    // On a slow machine the time may be over before it was asked.
    while (!error.message.ends_with("may have been done") && setup.server.commands().empty()) {
      error = setup.error_of_call(Repeat::must_not);
    }
    CHECK(error.message ==
          "no answer within 30ms; is the server reachable? see storage.timeout; what was asked for "
          "may have been done");
  }
  SUBCASE("and the late answer is nobody else's") {
    AnsweredClient setup([](int n) { return n == 0 ? FakeReply{} : FakeReply{"+second\r\n"}; },
                         options);
    CHECK(setup.error_of_call().code == ErrorCode::timeout);
    Result<std::string> second;
    // On a slow machine 30 ms may be too little for an answer, too.
    while (!(second = setup.call())) CHECK(second.error().code == ErrorCode::timeout);
    CHECK(second == "second");
    CHECK(setup.server.connections() >= 2);
  }
}

TEST_CASE("nobody listens") {
  const test::ClosedPort closed;
  const std::string url = "redis://127.0.0.1:" + std::to_string(closed.port()) + "/0";
  ManualClock clock;
  RedisClient client(*redis_server_of({.url = url}), {.max_retries = 2}, clock);
  const std::string_view command[] = {"PING"};
  const auto reply = client.call(command, Repeat::must_not, client.begin());
  REQUIRE_FALSE(reply.has_value());
  CHECK(reply.error() ==
        Error{ErrorCode::unavailable,
              "cannot connect: Connection refused; is Redis running there, and does it listen on "
              "this address? (tried 3 times)",
              url});
}

TEST_CASE("garbage is told, and its connection is not used again") {
  for (const char* garbage : {"HTTP/1.1 400 Bad Request\r\n\r\n", "\x15\x03\x01", "\r\n", "?"}) {
    CAPTURE(garbage);
    AnsweredClient setup([&](int n) { return FakeReply{n == 0 ? garbage : kOk}; });
    const Error error = setup.error_of_call();
    CHECK(error.code == ErrorCode::corrupt);
    CHECK(error.message.find("is this a Redis server?") != std::string::npos);
    CHECK(setup.call() == "OK");
    CHECK(setup.server.connections() == 2);
  }
}

TEST_CASE("an answer too many makes a connection useless") {
  for (const bool apart : {false, true}) {
    AnsweredClient setup([&](int n) {
      return FakeReply{n == 0 ? "+a\r\n+b\r\n" : "+c\r\n", apart};
    });
    CHECK(setup.call() == "a");
    // Read with the first or not: it is never taken for the answer to the next command.
    if (!apart) {
      CHECK(setup.call() == "c");
      CHECK(setup.server.connections() == 2);
    }
  }
}

TEST_CASE("a greeting that is answered too often is not followed by a command") {
  const char* const surplus = "$3\r\nold\r\n";
  FakeRedis server([&](const Command& command) {
    return FakeReply{std::string(kOk) + (command[0] == "HELLO" ? surplus : "")};
  });
  RedisClient client(*redis_server_of({.url = server.url()}), {.max_retries = 0},
                     SystemClock::instance());
  const std::string_view command[] = {"GET", "key"};
  const auto reply = client.call(command, Repeat::may, client.begin());
  REQUIRE_FALSE(reply.has_value());
  CHECK(reply.error().message == "the server said more than it was asked; is this a Redis server?");
  CHECK(server.commands().empty());
}

TEST_CASE("an answer that is cut off anywhere is not an answer") {
  const std::string whole = "*2\r\n$5\r\nhello\r\n:42\r\n";
  for (std::size_t cut = 0; cut < whole.size(); ++cut) {
    CAPTURE(cut);
    AnsweredClient setup(
        [&](int) {
          return FakeReply{whole.substr(0, cut), cut % 2 == 0, true};
        },
        {.max_retries = 0});
    CHECK(setup.error_of_call(Repeat::must_not).code == ErrorCode::unavailable);
  }
}

TEST_CASE("a script is sent whole only to a server that does not know it") {
  bool known = false;
  FakeRedis server(test::ok_to_greeting([&](const Command& command) {
    if (command[0] == "EVAL") known = true;
    return FakeReply{known ? ":7\r\n" : "-NOSCRIPT No matching script. Please use EVAL.\r\n"};
  }));
  RedisClient client(*redis_server_of({.url = server.url()}), {}, SystemClock::instance());
  const RedisScript script{"sha", "source"};
  const std::string keys[] = {"k1", "k2"};
  const std::string_view arguments[] = {"a"};
  for (int i = 0; i < 2; ++i) {
    const auto reply = client.run(script, keys, arguments, Repeat::must_not, client.begin());
    REQUIRE(reply);
    CHECK(reply->integer == 7);
  }
  CHECK(server.commands() ==
        Command{"EVALSHA sha 2 k1 k2 a", "EVAL source 2 k1 k2 a", "EVALSHA sha 2 k1 k2 a"});
}

TEST_CASE("a child of a fork uses none of its parent's connections") {
  AnsweredClient setup([](int) { return FakeReply{kOk}; });
  CHECK(setup.call() == "OK");
  ChildProcess child([&] {
    const std::string_view command[] = {"GET", "key"};
    return setup.client.call(command, Repeat::may, setup.client.begin()) ? 0 : 1;
  });
  CHECK(child.wait() == 0);
  CHECK(setup.server.connections() == 2);
  CHECK(setup.call() == "OK");
  CHECK(setup.server.connections() == 2);
}

}  // namespace
}  // namespace rz::storage
