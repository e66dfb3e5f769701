#include "rz/health/judging/check_failure.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "health/fake_check.h"
#include "rz/health/check_runner.h"
#include "rz/health/checks/component_check.h"
#include "rz/health/checks/disk_check.h"
#include "rz/health/checks/http_check.h"
#include "rz/health/checks/redis_check.h"
#include "rz/health/checks/store_check.h"
#include "rz/storage/unreachable_storage.h"

namespace rz::health {
namespace {

using enum HealthStatus;

/// Every code, and what a check says of its target, and the store check of the store, when that is
/// the error. What is of this side is unknown for both.
struct Row {
  ErrorCode code;
  HealthStatus target;
  HealthStatus store;
};

constexpr Row kRows[] = {
    {ErrorCode::invalid_argument, unknown, unknown}, {ErrorCode::parse, unknown, unknown},
    {ErrorCode::config, unknown, unknown},           {ErrorCode::not_found, unknown, unhealthy},
    {ErrorCode::unavailable, unhealthy, unhealthy},  {ErrorCode::timeout, unhealthy, unhealthy},
    {ErrorCode::unsupported, unhealthy, unhealthy},  {ErrorCode::auth, unhealthy, unhealthy},
    {ErrorCode::conflict, unknown, unhealthy},       {ErrorCode::corrupt, unhealthy, unhealthy},
    {ErrorCode::internal, unknown, unhealthy}};

class FailingClient final : public net::HttpClient {
 public:
  explicit FailingClient(Error error) : error_(std::move(error)) {}
  Result<net::HttpResponse> send(const net::HttpRequest&) override { return fail(error_); }

 private:
  Error error_;
};

/// A check of each type, whose question ends with `error`.
std::vector<std::shared_ptr<HealthCheck>> failing_checks(const Error& error, Storage& store) {
  static ManualClock clock;
  const StorageSource asked = [&store]() -> Result<Storage*> { return &store; };
  const StorageSource not_opened = [error]() -> Result<Storage*> { return fail(error); };
  HttpCheckOptions http;
  http.url = "http://h/";
  const HttpClientFactory client = [error]() -> Result<std::unique_ptr<net::HttpClient>> {
    return std::make_unique<FailingClient>(error);
  };
  ComponentCheckOptions component;
  component.component = std::string("worker");
  return {make_http_check(http, client),
          make_redis_check(
              {}, [error](const StorageOptions&, storage::RedisQuestions) { return fail(error); }),
          make_disk_check({}, [error](const std::string&) { return fail(error); }),
          make_store_check({}, asked),
          make_store_check({}, not_opened),
          make_component_check(component, asked, clock),
          make_component_check(component, not_opened, clock)};
}

HealthStatus expected(const HealthCheck& check, const Row& row, bool own_side) {
  if (own_side || check.type() == "component") return unknown;
  return check.type() == "store" ? row.store : row.target;
}

TEST_CASE("every type of check, every error") {
  for (const Row& row : kRows) {
    for (const bool own_side : {false, true}) {
      const Error error{row.code, "it went wrong", "there", own_side};
      storage::UnreachableStorage store(error, "redis://h:1/0");
      for (const auto& check : failing_checks(error, store)) {
        CAPTURE(check->type());
        CAPTURE(to_string(row.code));
        CAPTURE(own_side);
        const CheckResult result = check->check();
        CHECK(result.status == expected(*check, row, own_side));
        CHECK(result.message == "there: it went wrong");
        CHECK(status_of_failure(check->asks(), error) == result.status);
        const bool store_away = check->asks() != AskedParty::target && is_outage(error);
        CHECK(result.store_outage.has_value() == store_away);
      }
    }
  }
}

TEST_CASE("of all errors only a refusal is the word of the subject, which may be inverted") {
  CheckOptions inverted;
  inverted.invert = true;
  for (const Row& row : kRows) {
    CAPTURE(to_string(row.code));
    const bool answered = row.code == ErrorCode::auth || row.code == ErrorCode::unsupported;
    const auto fails = [&] {
      CheckResult result = found(row.target);
      result.failure = Error{row.code, "it went wrong", {}};
      return result;
    };
    const auto report =
        run_checks_once({registered("a", fails, inverted)}, {}, SystemClock::instance());
    CHECK(report.results[0].status == (answered ? healthy : unknown));
  }
}

TEST_CASE("an http check whose client cannot be made has asked nobody") {
  for (const Row& row : kRows) {
    const auto check = make_http_check({}, [&]() -> Result<std::unique_ptr<net::HttpClient>> {
      return fail(row.code, "no libcurl");
    });
    CHECK(check->check().status == unknown);
  }
}

/// A check that never returns, and asks whom the test says.
class StuckCheck final : public HealthCheck {
 public:
  StuckCheck(std::shared_ptr<HealthCheck> stuck, AskedParty asks)
      : stuck_(std::move(stuck)), asks_(asks) {}
  const std::string& name() const override { return stuck_->name(); }
  std::string_view type() const override { return "stuck"; }
  AskedParty asks() const override { return asks_; }
  Millis timeout() const override { return stuck_->timeout(); }
  CheckResult check() override { return stuck_->check(); }

 private:
  std::shared_ptr<HealthCheck> stuck_;
  AskedParty asks_;
};

RegisteredCheck stuck(Gate& gate, const std::string& name, AskedParty asks) {
  return {std::make_shared<StuckCheck>(gate.stuck(name, Millis{1}).check, asks), {}};
}

TEST_CASE("a silent target is unhealthy, a silent messenger says nothing") {
  Gate gate;
  const auto report = run_checks_once(
      {stuck(gate, "target", AskedParty::target), stuck(gate, "store", AskedParty::own_store),
       stuck(gate, "messenger", AskedParty::messenger)},
      {}, SystemClock::instance());
  CHECK(report.results[0].status == unhealthy);
  CHECK(report.results[1].status == unhealthy);
  CHECK(report.results[2].status == unknown);
  for (const CheckResult& result : report.results) {
    CHECK(result.message == "no answer within 1ms");
  }
  REQUIRE(report.store_outage);
  CHECK(report.store_outage->message == "no answer within 1ms");
}

TEST_CASE("what waits behind a silent store is told at once, and what asks others runs") {
  Gate gate;
  std::vector<RegisteredCheck> checks = {stuck(gate, "first", AskedParty::messenger)};
  for (int i = 0; i < 100; ++i) {
    checks.push_back(stuck(gate, std::to_string(i), AskedParty::messenger));
  }
  checks.push_back(registered("other", healthy));
  const auto report = run_checks_once(checks, {.timeout = Millis{60'000}, .concurrency = 1},
                                      SystemClock::instance());
  CHECK(report.abandoned == 1);
  for (int i = 0; i <= 100; ++i) CHECK(report.results[i].status == unknown);
  CHECK(report.results[101].status == healthy);
}

TEST_CASE("severity says of every unknown what is to be reported") {
  CheckOptions strict;
  strict.severity = {{unknown, degraded}};
  Gate gate;
  RegisteredCheck silent = stuck(gate, "a", AskedParty::messenger);
  silent.options = strict;
  CHECK(run_checks_once({silent}, {}, SystemClock::instance()).results[0].status == degraded);
  // But what was skipped was not looked at.
  strict.depends_on = {"db"};
  const auto report = run_checks_once(
      {registered("db", unhealthy), registered("b", healthy, strict)}, {}, SystemClock::instance());
  CHECK(report.results[1].status == unknown);
}

}  // namespace
}  // namespace rz::health
