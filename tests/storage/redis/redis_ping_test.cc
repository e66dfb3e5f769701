#include "rz/storage/redis/redis_ping.h"

#include <doctest/doctest.h>

#include <string>
#include <thread>

#include "rz/base/duration.h"
#include "rz/storage/redis/redis_connection.h"
#include "support/fake_redis.h"
#include "support/http_server.h"
#include "support/print.h"
#include "support/redis_server.h"

namespace rz::storage {
namespace {

using test::FakeRedis;
using test::FakeReply;
using test::RedisServer;
using State = RedisPing::State;

Error error_of_ping(const StorageOptions& options) {
  const auto ping = redis_ping(options);
  REQUIRE_FALSE(ping.has_value());
  CHECK(to_string(ping.error()).find("hunter2") == std::string::npos);
  return ping.error();
}

RedisPing answer_of(const std::string& reply) {
  const FakeRedis server(test::ok_to_greeting([&](const auto&) { return FakeReply{reply}; }));
  const auto ping = redis_ping({.url = server.url()});
  REQUIRE(ping);
  CHECK(server.commands().size() == 1);
  return *ping;
}

TEST_CASE("a server that is ready") {
  const RedisServer server({.password = "hunter2", .unix_socket = true});
  for (const std::string& url : {server.url(), server.socket_url()}) {
    const auto ping = redis_ping({.url = url});
    REQUIRE(ping);
    CHECK(ping->state == State::ready);
    CHECK(ping->message == "");
  }
  SUBCASE("the password may stand beside the URL") {
    CHECK(redis_ping({.url = server.url("default:hunter2"), .password = "wrong"}));
    const std::string plain = "redis://127.0.0.1:" + std::to_string(server.port());
    CHECK(redis_ping({.url = plain, .password = "hunter2"}));
  }
  SUBCASE("without a password, and with a wrong one") {
    const std::string plain = "redis://127.0.0.1:" + std::to_string(server.port());
    const Error none = error_of_ping({.url = plain});
    CHECK(none.code == ErrorCode::auth);
    CHECK(none.message.starts_with("the server wants a password"));
    CHECK(none.where == plain + "/0");
    CHECK(error_of_ping({.url = server.url(":hunter22")}).code == ErrorCode::auth);
    CHECK(error_of_ping({.url = server.url("nobody:hunter2")}).message ==
          "the user name or the password is wrong, or the user is disabled (WRONGPASS)");
  }
  SUBCASE("a user who may not ping") {
    server.command({"ACL", "SETUSER", "me", "on", ">hunter2", "+@all", "-ping"});
    const Error error = error_of_ping({.url = server.url("me:hunter2")});
    CHECK(error.code == ErrorCode::auth);
    CHECK(error.message.starts_with("the user may not run PING (NOPERM); "));
  }
}

TEST_CASE("a script blocks the server") {
  RedisServer server({.config = {"busy-reply-threshold 1"}});
  std::thread blocker([&] {
    static_cast<void>(server.command({"EVAL", "while true do end", "0"}));
  });
  State state = State::ready;
  while (state == State::ready) {
    const auto ping = redis_ping({.url = server.url()});
    REQUIRE(ping);
    state = ping->state;
  }
  CHECK(state == State::busy);
  // To select a database is refused as well.
  const auto selecting = redis_ping({.url = server.url().substr(0, server.url().size() - 1) + "3"});
  REQUIRE(selecting);
  CHECK(selecting->state == State::busy);
  CHECK(server.command({"SCRIPT", "KILL"}).text == "OK");
  blocker.join();
}

TEST_CASE("a server that reads its data from the disk") {
  RedisServer server(
      {.config = {"key-load-delay 20000", "loading-process-events-interval-bytes 1024"},
       .wait_for_loading = false});
  for (int i = 0; i < 500; ++i) {
    server.command({"SET", "key" + std::to_string(i), std::string(1'000, 'x')});
  }
  CHECK(server.command({"CONFIG", "SET", "rdbcompression", "no"}).text == "OK");
  CHECK(server.command({"SAVE"}).text == "OK");
  server.kill();
  server.start();
  const auto ping = redis_ping({.url = server.url()});
  REQUIRE(ping);
  CHECK(ping->state == State::loading);
  CHECK(ping->message == "the server is loading its data (LOADING); wait until it is done");
}

TEST_CASE("a replica without its master") {
  const test::ClosedPort nobody;
  const RedisServer server({.config = {"replicaof 127.0.0.1 " + std::to_string(nobody.port()),
                                       "replica-serve-stale-data no"}});
  const auto ping = redis_ping({.url = server.url()});
  REQUIRE(ping);
  CHECK(ping->state == State::master_down);
  CHECK(ping->message.find("(MASTERDOWN)") != std::string::npos);
}

TEST_CASE("other answers") {
  CHECK(answer_of("+PONG\r\n").state == State::ready);
  CHECK(answer_of("$4\r\nPONG\r\n").state == State::ready);
  CHECK(answer_of("-LOADING x\r\n").state == State::loading);
  CHECK(answer_of("-MASTERDOWN x\r\n").state == State::master_down);
  CHECK(answer_of("-BUSY x\r\n").state == State::busy);
  for (const char* reply : {"+PANG\r\n", ":1\r\n", "*0\r\n", "garbage\r\n"}) {
    CAPTURE(reply);
    const FakeRedis server(test::ok_to_greeting([&](const auto&) { return FakeReply{reply}; }));
    CHECK(error_of_ping({.url = server.url()}).code == ErrorCode::corrupt);
  }
  const FakeRedis server(
      test::ok_to_greeting([](const auto&) { return FakeReply{"-MISCONF no disk\r\n"}; }));
  CHECK(error_of_ping({.url = server.url()}).code == ErrorCode::unavailable);
}

TEST_CASE("it is asked once, within the timeout") {
  RedisServer server;
  server.pause();
  // Its kernel still accepts connections; on a slow machine that may take longer, too.
  Millis timeout{50};
  Error error = error_of_ping({.url = server.url(), .timeout = timeout});
  while (error.message.starts_with("no connection")) {
    timeout *= 2;
    error = error_of_ping({.url = server.url(), .timeout = timeout});
  }
  CHECK(error.code == ErrorCode::timeout);
  CHECK(error.message == "no answer within " + format_duration(timeout) +
                             "; is the server reachable? see the check's timeout");
  server.kill();
  const Error refused = error_of_ping({.url = server.url()});
  CHECK(refused.code == ErrorCode::unavailable);
  CHECK(refused.message ==
        "cannot connect: Connection refused; is Redis running there, and does it listen on this "
        "address?");
}

TEST_CASE("what is not a Redis server") {
  CHECK(error_of_ping({.url = "memory:"}) ==
        Error{ErrorCode::invalid_argument,
              "is not the URL of a Redis server; write it like redis://host:6379", "memory:"});
  CHECK(error_of_ping({.url = "redis://h:x"}).code == ErrorCode::invalid_argument);
  CHECK(error_of_ping({.url = "rediss://h", .tls = {.ca = "/no/such"}}).code ==
        ErrorCode::invalid_argument);
  CHECK(error_of_ping({.url = "redis+unix:///no/such.sock"}).message ==
        "cannot connect: No such file or directory; is Redis running with this `unixsocket`, and "
        "may this user use it?");
}

TEST_CASE("what is asked beside PING is asked of a server that is ready") {
  const RedisServer server;
  const auto ping = redis_ping({.url = server.url()}, {.info = true, .write = true});
  REQUIRE(ping);
  CHECK(ping->info.find("role:master") != std::string::npos);
  CHECK_FALSE(ping->write_error.has_value());
  CHECK(redis_ping({.url = server.url()})->info.empty());

  const FakeRedis full(test::ok_to_greeting([](const auto& command) {
    return FakeReply{command.front() == "PING" ? "+PONG\r\n" : "-OOM command not allowed\r\n"};
  }));
  const auto refused = redis_ping({.url = full.url()}, {.write = true});
  REQUIRE(refused);
  REQUIRE(refused->write_error.has_value());
  CHECK_FALSE(redis_ping({.url = full.url()}, {.info = true}).has_value());
}

}  // namespace
}  // namespace rz::storage
