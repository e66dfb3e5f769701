#include "rz/health/checks/redis_check.h"

#include <doctest/doctest.h>

#include <chrono>
#include <future>
#include <string>
#include <thread>

#include "support/fake_redis.h"
#include "support/patience.h"
#include "support/redis_server.h"

namespace rz::health {
namespace {

CheckResult check_answer(const Result<storage::RedisPing>& answer) {
  RedisCheckOptions options;
  options.server.url = "redis://user:hunter2@cache:6379/1";
  options.timeout = Millis{1234};
  return make_redis_check(options,
                          [&](const StorageOptions& server, storage::RedisQuestions) {
                            CHECK(server.timeout == Millis{1234});
                            return answer;
                          })
      ->check();
}

TEST_CASE("a server that does not answer in time: the message names the time of the check") {
  std::promise<void> ended;
  const test::FakeRedis server([opened = ended.get_future().share()](const auto&) {
    opened.wait();
    return test::FakeReply{};
  });
  RedisCheckOptions options;
  options.server.url = server.url();
  options.timeout = Millis{20};
  const CheckResult result = make_redis_check(options)->check();
  ended.set_value();
  CHECK(result.message.ends_with("within 20ms; is the server reachable? see the check's timeout"));
}

TEST_CASE("each answer of a server has its status") {
  using State = storage::RedisPing::State;
  CHECK(check_answer(storage::RedisPing{State::ready, ""}).status == HealthStatus::healthy);
  CHECK(check_answer(storage::RedisPing{State::ready, ""}).message == "PONG");
  for (const State state : {State::loading, State::master_down, State::busy}) {
    const auto result = check_answer(storage::RedisPing{state, "its words"});
    CHECK(result.status == HealthStatus::degraded);
    CHECK(result.message == "its words");
  }
}

TEST_CASE("no answer is unhealthy, no question is unknown") {
  for (const ErrorCode code : {ErrorCode::unavailable, ErrorCode::timeout, ErrorCode::auth}) {
    CHECK(check_answer(fail(code, "no")).status == HealthStatus::unhealthy);
  }
  CHECK(check_answer(fail(ErrorCode::invalid_argument, "no")).status == HealthStatus::unknown);
}

TEST_CASE("the URL is told without its password") {
  const auto result = check_answer(storage::RedisPing{});
  CHECK(*result.metadata.find("url")->as_string() == "redis://user@cache:6379/1");
}

TEST_CASE("a real master and its replica say what they are") {
  const test::RedisServer master(
      {.config = {"maxmemory 100mb", "repl-diskless-sync-delay 0", "save 3600 1"}});
  const test::RedisServer replica(
      {.config = {"replicaof 127.0.0.1 " + std::to_string(master.port())}});
  const auto check = [](const test::RedisServer& server, RedisExpectation expect, bool write) {
    RedisCheckOptions options;
    options.server.url = server.url();
    options.timeout = test::kPatience;
    options.expect = expect;
    options.write = write;
    return make_redis_check(options)->check();
  };
  const auto until = std::chrono::steady_clock::now() + test::kPatience;
  while (check(replica, {.role = RedisRole::replica}, false).status != HealthStatus::healthy) {
    REQUIRE(std::chrono::steady_clock::now() < until);
    std::this_thread::sleep_for(Millis{5});
  }
  const auto well = check(master,
                          {.role = RedisRole::master,
                           .memory = ShareLimits{.warning = 80, .critical = 95},
                           .persistence = true},
                          true);
  CHECK(well.status == HealthStatus::healthy);
  CHECK(well.message == "PONG");
  CHECK(*well.metadata.find("role")->as_string() == "master");
  CHECK(*well.metadata.find("maxmemory")->as_int() == 100 * 1024 * 1024);
  const auto wrong = check(replica, {.role = RedisRole::master}, false);
  CHECK(wrong.status == HealthStatus::degraded);
  CHECK(wrong.message == "it is a replica, expected a master");
  const auto read_only = check(replica, {}, true);
  CHECK(read_only.status == HealthStatus::unhealthy);
  CHECK(read_only.message.find("READONLY") != std::string::npos);
  // The test's servers save nothing unless they are told to.
  const auto forgetful = check(replica, {.persistence = true}, false);
  CHECK(forgetful.status == HealthStatus::degraded);
  CHECK(forgetful.message.starts_with("it keeps nothing on disk"));
  CHECK(check(master, {.memory = ShareLimits{.warning = 0.1, .critical = 95}}, false).status ==
        HealthStatus::degraded);
  CHECK(check(replica, {.memory = ShareLimits{.warning = 80, .critical = 95}}, false).status ==
        HealthStatus::unknown);
}

TEST_CASE("a real server that is full tells how many keys it has evicted") {
  const test::RedisServer server({.config = {"maxmemory 3mb", "maxmemory-policy allkeys-random"}});
  RedisCheckOptions options;
  options.server.url = server.url();
  options.timeout = test::kPatience;
  options.expect.evictions_warning = 1;
  const auto before = make_redis_check(options)->check();
  REQUIRE(before.growing);
  CHECK(before.growing->total == 0);
  server.command(
      {"EVAL", "for i = 1, 200 do redis.call('set', i, string.rep('x', 50000)) end return 1", "0"});
  const auto after = make_redis_check(options)->check();
  REQUIRE(after.growing);
  CHECK(after.growing->total > 100);
  CHECK(after.growing->counter == before.growing->counter);
  CHECK(after.growing->counter.size() == 40);
  CHECK(after.growing->age);
}

}  // namespace
}  // namespace rz::health
