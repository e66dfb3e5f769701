#include "rz/storage/redis/redis_sentinel.h"

#include <doctest/doctest.h>

#include <atomic>
#include <future>
#include <memory>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "rz/storage/redis/redis_client.h"
#include "rz/storage/redis/redis_ping.h"
#include "rz/storage/redis/redis_storage.h"
#include "storage/redis/redis_support.h"
#include "storage/storage_contract.h"
#include "support/fake_redis.h"
#include "support/http_server.h"
#include "support/patience.h"
#include "support/print.h"
#include "support/redis_groups.h"
#include "support/results.h"

namespace rz::storage {
namespace {

using test::bulk;
using test::FakeRedis;
using test::FakeReply;
using test::RedisServer;
using test::SentinelGroup;
using Command = std::vector<std::string>;
using Repeat = RedisClient::Repeat;

// Of a URL that FakeRedis gives.
std::string address_of(const FakeRedis& server) {
  const std::string host = server.address();
  return "*2\r\n" + bulk("127.0.0.1") + bulk(host.substr(host.find(':') + 1));
}

const char* const kMaster = "*3\r\n$6\r\nmaster\r\n:0\r\n*0\r\n";
const char* const kRoleOfReplica = "*2\r\n$5\r\nslave\r\n$1\r\nx\r\n";

/// Answers ROLE with `role` and all else with `answer`.
FakeRedis::Handler server_of(const char* role, const char* answer) {
  return test::ok_to_greeting(
      [=](const Command& command) { return FakeReply{command[0] == "ROLE" ? role : answer}; });
}

FakeRedis::Handler sentinel_of(const FakeRedis& master) {
  return test::ok_to_greeting([&](const Command&) { return FakeReply{address_of(master)}; });
}

Result<std::string> ask(RedisClient& client, Repeat repeat = Repeat::may) {
  const std::string_view command[] = {"INCRBY", "key"};
  auto reply = client.call(command, repeat, client.begin());
  if (!reply) return fail(reply.error());
  return reply->text;
}

struct SentinelClient {
  explicit SentinelClient(const std::string& sentinels, StorageOptions with = {})
      : options(with_url(patient(std::move(with)), "redis+sentinel://" + sentinels + "/main")),
        client(*redis_server_of(options), options, clock) {}
  Result<std::string> operator()(Repeat repeat = Repeat::may) { return ask(client, repeat); }

  // A server of a test may be slow to answer. What is about time says its own.
  static StorageOptions patient(StorageOptions options) {
    if (options.timeout != StorageOptions{}.timeout) return options;
    options.timeout = options.deadline = test::kPatience;
    return options;
  }

  StorageOptions options;
  ManualClock clock;
  RedisClient client;
};

TEST_CASE("the master is asked for once, and its role too") {
  const FakeRedis master(server_of(kMaster, "+done\r\n"));
  const FakeRedis sentinel(sentinel_of(master));
  SentinelClient client(sentinel.address());
  for (int i = 0; i < 3; ++i) CHECK(client() == "done");
  CHECK(sentinel.commands() == Command{"SENTINEL get-master-addr-by-name main"});
  CHECK(master.commands() == Command{"ROLE", "INCRBY key", "INCRBY key", "INCRBY key"});
}

TEST_CASE("sentinels are asked in turn") {
  const test::ClosedPort closed;
  const FakeRedis master(server_of(kMaster, "-READONLY demoted\r\n"));
  const FakeRedis ignorant(
      test::ok_to_greeting([](const Command&) { return FakeReply{"*-1\r\n"}; }));
  const FakeRedis sentinel(sentinel_of(master));
  const std::string none = "127.0.0.1:" + std::to_string(closed.port());
  SentinelClient client(none + "," + ignorant.address() + "," + sentinel.address(),
                        {.max_retries = 0});
  const auto refused = client();
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error() ==
        Error{ErrorCode::unavailable,
              "the master " + master.address() +
                  ": has become a replica (READONLY), and the sentinels name no other master yet",
              "redis+sentinel://" + none + "," + ignorant.address() + "," + sentinel.address() +
                  "/main/0"});
  CHECK(ignorant.commands().size() == 1);
  CHECK(sentinel.commands().size() == 1);
}

TEST_CASE("no sentinel helps") {
  const test::ClosedPort closed;
  const std::string none = "127.0.0.1:" + std::to_string(closed.port());
  const FakeRedis ignorant(
      test::ok_to_greeting([](const Command&) { return FakeReply{"*-1\r\n"}; }));
  SUBCASE("for none is there") {
    const Error error = error_of(SentinelClient(none + "," + none, {.max_retries = 1})());
    const std::string why =
        "the sentinel " + none +
        ": cannot connect: Connection refused; is Redis running there, and does it listen on this "
        "address?";
    CHECK(error.code == ErrorCode::unavailable);
    CHECK(error.message == why + "; " + why + " (tried 2 times)");
  }
  SUBCASE("for none knows the master, which is told at once") {
    SentinelClient client(ignorant.address());
    const Error error = error_of(client());
    CHECK(error.code == ErrorCode::not_found);
    CHECK(error.message == "no sentinel knows a master named 'main'; see SENTINEL MASTERS there");
    CHECK(client.clock.monotonic() == std::chrono::nanoseconds{0});
  }
  SUBCASE("for it is none") {
    const FakeRedis server(
        test::ok_to_greeting([](const Command&) { return FakeReply{"+OK\r\n"}; }));
    const Error error = error_of(SentinelClient(server.address())());
    CHECK(error.code == ErrorCode::corrupt);
    CHECK(error.message ==
          "the sentinel " + server.address() + ": answers with no address; is it a sentinel?");
  }
  SUBCASE("for it is a plain server") {
    const FakeRedis server(test::ok_to_greeting([](const Command&) {
      return FakeReply{"-ERR unknown command 'SENTINEL', with args beginning with: \r\n"};
    }));
    const Error error = error_of(SentinelClient(server.address())());
    CHECK(error.message.starts_with("the sentinel " + server.address() + ": is it a sentinel? "));
  }
  SUBCASE("for it hangs, and gets its share of the time only") {
    const FakeRedis mute([](const Command&) { return FakeReply{}; });
    const FakeRedis master(server_of(kMaster, "+done\r\n"));
    const FakeRedis sentinel(sentinel_of(master));
    SentinelClient client(mute.address() + "," + sentinel.address(),
                          {.timeout = Millis{300}, .max_retries = 0});
    Result<std::string> answer;
    // On a slow machine the share of the other one may be too little, too.
    while (!(answer = client())) CHECK(answer.error().code == ErrorCode::timeout);
    CHECK(answer == "done");
  }
}

TEST_CASE("sentinels have a password of their own") {
  const FakeRedis master(server_of(kMaster, "+done\r\n"));
  std::atomic<bool> authenticated{false};
  std::string seen;
  const FakeRedis sentinel([&](const Command& command) {
    if (command[0] == "AUTH") {
      authenticated = true;
      for (const std::string& word : command) seen += word + " ";
    }
    if (!authenticated) return FakeReply{"-NOAUTH Authentication required.\r\n"};
    return FakeReply{command[0] == "SENTINEL" ? address_of(master) : "+OK\r\n"};
  });
  const std::string hosts = "u:of-the-master@" + sentinel.address();
  const Error error = error_of(SentinelClient(hosts)());
  CHECK(error.code == ErrorCode::auth);
  CHECK(error.message == "the sentinel " + sentinel.address() +
                             ": wants a password of its own (NOAUTH); put it into "
                             "sentinel_password_file");
  CHECK(SentinelClient(hosts, {.sentinel_password = "its-own"})() == "done");
  CHECK(SentinelClient(hosts, {.sentinel_user = "me", .sentinel_password = "its-own"})() == "done");
  CHECK(seen == "AUTH its-own AUTH me its-own ");
}

TEST_CASE("a replica that sentinels take for the master is not used") {
  const FakeRedis stale(server_of(kRoleOfReplica, "+stale\r\n"));
  const FakeRedis master(server_of(kMaster, "+done\r\n"));
  const FakeRedis behind(sentinel_of(stale));
  const FakeRedis sentinel(sentinel_of(master));
  SentinelClient client(behind.address() + "," + sentinel.address());
  CHECK(client(Repeat::must_not) == "done");
  CHECK(stale.commands() == Command{"ROLE"});

  SentinelClient without_retries(behind.address(), {.max_retries = 0});
  CHECK(error_of(without_retries()).message ==
        "the master " + stale.address() +
            ": is a replica, though the sentinels name it as the master; is a failover going on?");
}

TEST_CASE("a master that was demoted is asked for anew, and nothing is done twice") {
  const FakeRedis old(server_of(kMaster, "-READONLY You can't write against a replica.\r\n"));
  const FakeRedis fresh(server_of(kMaster, "+done\r\n"));
  std::atomic<int> asked{0};
  const FakeRedis sentinel(test::ok_to_greeting(
      [&](const Command&) { return FakeReply{address_of(asked++ == 0 ? old : fresh)}; }));
  SentinelClient client(sentinel.address());
  CHECK(client(Repeat::must_not) == "done");
  CHECK(old.commands() == Command{"ROLE", "INCRBY key"});
  CHECK(fresh.commands() == Command{"ROLE", "INCRBY key"});
}

TEST_CASE("a master that comes back after a failover, as a master, is not written to") {
  for (const bool seen : {false, true}) {
    CAPTURE(seen);
    // The connection dies behind the first answer, or in place of the second.
    std::atomic<int> count{0};
    const FakeRedis old(test::ok_to_greeting([&, seen](const Command& command) {
      if (command[0] == "ROLE") return FakeReply{kMaster};
      const bool second = ++count == 2;
      return FakeReply{second && !seen ? "" : "+old\r\n", false, second || seen};
    }));
    const FakeRedis fresh(server_of(kMaster, "+done\r\n"));
    std::atomic<bool> failed_over{false};
    const FakeRedis sentinel(test::ok_to_greeting(
        [&](const Command&) { return FakeReply{address_of(failed_over ? fresh : old)}; }));
    SentinelClient client(sentinel.address());
    CHECK(client() == "old");
    failed_over = true;
    CHECK(client() == "done");
    CHECK(old.connections() == 1);
  }
}

TEST_CASE("a write whose answer was lost in a failover is not repeated") {
  const FakeRedis old(test::ok_to_greeting([](const Command& command) {
    return command[0] == "ROLE" ? FakeReply{kMaster} : FakeReply{"", false, true};
  }));
  const FakeRedis fresh(server_of(kMaster, "+done\r\n"));
  std::atomic<int> asked{0};
  const FakeRedis sentinel(test::ok_to_greeting(
      [&](const Command&) { return FakeReply{address_of(asked++ % 2 == 0 ? old : fresh)}; }));
  SentinelClient client(sentinel.address());
  CHECK(error_of(client(Repeat::must_not))
            .message.ends_with("; what was asked for may have been done"));
  CHECK(fresh.commands().empty());
  CHECK(client(Repeat::must_not) == "done");
}

SentinelGroup& group() {
  static SentinelGroup shared(2, {.password = "hunter2"}, "sentinels");
  return shared;
}

StorageOptions group_options() {
  return {.url = group().url(),
          .timeout = test::kPatience,
          .max_retries = 100,
          .retry_delay = Millis{20},
          .deadline = test::kPatience,
          .sentinel_password = "sentinels"};
}

std::unique_ptr<Storage> open_group() { return ok(RedisStorage::from_config(group_options())); }

StorageBackend sentinel_backend() {
  REQUIRE(group().master().command({"FLUSHALL"}).text == "OK");
  return {.open = open_group,
          .advance = [](Millis time) { std::this_thread::sleep_for(time); },
          .exact_time = false};
}

RZ_TEST_STORAGE_CONTRACT("Redis behind a sentinel", sentinel_backend);

TEST_CASE("PING goes to the master") {
  CHECK(ok(redis_ping(group_options())).state == RedisPing::State::ready);
}

TEST_CASE("a failover on demand: every call succeeds, before and after") {
  const auto storage = open_group();
  REQUIRE(storage->remove("n"));
  REQUIRE(storage->increment("n"));
  RedisServer& before = group().master();
  std::atomic<int> sent{1};
  std::jthread writer([&](const std::stop_token& done) {
    while (!done.stop_requested()) {
      if (storage->set("key", std::to_string(sent))) ++sent;
    }
  });
  group().fail_over();
  CHECK(&group().master() != &before);
  // Until it knows, it takes plain writes that are lost; as it learns, it closes its connections.
  const auto is_replica = [&] {
    try {
      return before.command({"ROLE"}).elements.at(0).text == "slave";
    } catch (const std::runtime_error&) {
      return false;
    }
  };
  while (!is_replica()) std::this_thread::sleep_for(Millis{10});
  const int after = sent;
  while (sent < after + 2) std::this_thread::yield();
  CHECK(storage->increment("n"));
  writer.request_stop();
  writer.join();
  CHECK(ok(storage->get("key")) == std::to_string(sent - 1));
  CHECK(ok(storage->get("n")) == "2");
}

TEST_CASE("a master that is killed: a replica takes its place, and what it knew is there") {
  SentinelGroup own(1);
  StorageOptions options = group_options();
  options.url = own.url("127.0.0.1:1,");
  options.sentinel_password.clear();
  const auto storage = ok(RedisStorage::from_config(options));
  REQUIRE(storage->set("key", "value"));
  REQUIRE(storage->increment("n"));
  REQUIRE(own.master().command({"WAIT", "1", "10000"}).integer == 1);
  const int old = own.master().port();
  own.kill(own.server(0));
  // Reaches nobody, until the sentinel has made the replica the master.
  auto incremented = std::async(std::launch::async, [&] { return storage->increment("n"); });
  own.wait_for_other_master(old);
  CHECK(ok(incremented.get()) == 2);
  CHECK(ok(storage->get("key")) == "value");
  CHECK(own.master().port() == own.server(1).port());
}

}  // namespace
}  // namespace rz::storage
