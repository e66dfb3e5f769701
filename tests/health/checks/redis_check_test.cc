#include "rz/health/checks/redis_check.h"

#include <doctest/doctest.h>

#include <future>

#include "support/fake_redis.h"

namespace rz::health {
namespace {

CheckResult check_answer(const Result<storage::RedisPing>& answer) {
  RedisCheckOptions options;
  options.server.url = "redis://user:hunter2@cache:6379/1";
  options.timeout = Millis{1234};
  return make_redis_check(options,
                          [&](const StorageOptions& server) {
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

}  // namespace
}  // namespace rz::health
