#include "rz/health/checks/sql_check.h"

#include <doctest/doctest.h>

#include "support/print.h"

namespace rz::health {
namespace {

/// A server that answers what a test wants.
class FakeSqlClient final : public SqlClient {
 public:
  explicit FakeSqlClient(Result<SqlAnswer> answer) : answer_(std::move(answer)) {}
  Result<SqlAnswer> ask(const SqlQuestion&) override { return answer_; }

 private:
  Result<SqlAnswer> answer_;
};

CheckResult check_sql(SqlCheckOptions options, Result<SqlAnswer> answer) {
  options.url = "postgresql://rz:hunter2@db:5432/app";
  if (answer) answer->version = "15.1";
  return make_sql_check("postgres", options,
                        [&]() -> Result<std::unique_ptr<SqlClient>> {
                          return std::make_unique<FakeSqlClient>(answer);
                        })
      ->check();
}

SqlAnswer replica_with(std::optional<double> lag, std::string problem = "") {
  SqlAnswer answer;
  answer.replica = true;
  answer.lag_seconds = lag;
  answer.replication_problem = std::move(problem);
  return answer;
}

TEST_CASE("a server that answers is healthy, and its password is not shown") {
  const auto result = check_sql({}, SqlAnswer{});
  CHECK(result.status == HealthStatus::healthy);
  CHECK(result.message == "postgresql://db:5432/app: version 15.1, primary");
  CHECK(*result.metadata.find("url") == Value("postgresql://db:5432/app"));
}

TEST_CASE("the role is held against what is expected") {
  SqlCheckOptions options;
  options.role = DatabaseRole::primary;
  CHECK(check_sql(options, SqlAnswer{}).status == HealthStatus::healthy);
  auto result = check_sql(options, replica_with(0));
  CHECK(result.status == HealthStatus::unhealthy);
  CHECK(result.message ==
        "postgresql://db:5432/app: is a replica, expected a primary (version 15.1, replica, 0.0 s "
        "behind)");
  options.role = DatabaseRole::replica;
  CHECK(check_sql(options, replica_with(0)).status == HealthStatus::healthy);
  CHECK(check_sql(options, SqlAnswer{})
            .message.ends_with(": is a primary, expected a replica (version 15.1, primary)"));
}

TEST_CASE("a replica that is behind, or does not follow, is told") {
  SqlCheckOptions options;
  options.lag_warning = std::chrono::seconds{30};
  options.lag_critical = std::chrono::minutes{5};
  CHECK(check_sql(options, replica_with(29.9)).status == HealthStatus::healthy);
  CHECK(check_sql(options, replica_with(30)).status == HealthStatus::degraded);
  CHECK(check_sql(options, replica_with(300)).status == HealthStatus::unhealthy);
  CHECK(check_sql(options, replica_with(300))
            .message.find(": 300.0 s behind, critical from 5m (version ") != std::string::npos);
  CHECK(check_sql(options, replica_with(std::nullopt)).status == HealthStatus::unknown);
  CHECK(check_sql({}, replica_with(std::nullopt)).status == HealthStatus::healthy);
  CHECK(check_sql({}, replica_with(0, "it is not connected")).status == HealthStatus::unhealthy);
  CHECK(check_sql(options, SqlAnswer{}).status == HealthStatus::healthy);
}

TEST_CASE("a server that does not tell its role is unknown only if that was asked") {
  SqlAnswer answer;
  answer.replication_known = false;
  answer.replication_problem = "denied";
  CHECK(check_sql({}, answer).status == HealthStatus::healthy);
  SqlCheckOptions options;
  options.role = DatabaseRole::primary;
  const auto result = check_sql(options, answer);
  CHECK(result.status == HealthStatus::unknown);
  CHECK(result.message ==
        "postgresql://db:5432/app: does not tell its role: denied (version 15.1)");
}

TEST_CASE("what a query returns is compared, whatever its type") {
  SqlCheckOptions options;
  options.query = "SELECT 1";
  const auto check = [&](const std::string& expect, Value value, std::int64_t rows = 1) {
    options.expect = expect;
    SqlAnswer answer;
    answer.value = std::move(value);
    answer.rows = rows;
    return check_sql(options, answer);
  };
  CHECK(check("value < 100", 99).status == HealthStatus::healthy);
  CHECK(check("value < 100", 100.5).status == HealthStatus::unhealthy);
  CHECK(
      check("value < 100", 100.5).message.find("app: got 100.5 in 1 row, expected value < 100 (") !=
      std::string::npos);
  CHECK(check("value == \"ok\"", "ok").status == HealthStatus::healthy);
  CHECK(check("value == \"ok\"", "bad")
            .message.find("app: got \"bad\" in 1 row, expected value == \"ok\" (") !=
        std::string::npos);
  CHECK(check("value", true).status == HealthStatus::healthy);
  CHECK(check("rows == 0", Value(), 0).status == HealthStatus::healthy);
  // No row has no value, and a text is no number.
  CHECK(check("value < 100", Value(), 0).status == HealthStatus::unknown);
  CHECK(check("value < 100", "x").status == HealthStatus::unknown);
  options.expect.clear();
  CHECK(check("", Value(), 0).status == HealthStatus::healthy);
}

TEST_CASE(
    "a server that takes nobody in is degraded, and one that fails is told apart from a question "
    "that is wrong") {
  SqlAnswer starting;
  starting.rejects = "the database system is starting up";
  auto result = check_sql({}, starting);
  CHECK(result.status == HealthStatus::degraded);
  CHECK(result.message ==
        "postgresql://db:5432/app: takes nobody in: the database system is starting up");
  result = check_sql({}, fail(ErrorCode::auth, "password authentication failed"));
  CHECK(result.status == HealthStatus::unhealthy);
  CHECK(result.message == "postgresql://db:5432/app: password authentication failed");
  result = check_sql({}, fail(ErrorCode::timeout, "no answer in time"));
  CHECK(result.status == HealthStatus::unhealthy);
  CHECK(result.message == "postgresql://db:5432/app: no answer within 5s");
  CHECK(check_sql({}, fail(ErrorCode::invalid_argument, "the query failed")).status ==
        HealthStatus::unknown);
  SqlCheckOptions options;
  options.url = "postgresql://db";
  const auto none = make_sql_check("postgres", options, []() -> Result<std::unique_ptr<SqlClient>> {
                      return fail(ErrorCode::unavailable, "cannot load; install libpq5");
                    })->check();
  CHECK(none.status == HealthStatus::unknown);
  CHECK(none.message == "cannot load; install libpq5");
}

}  // namespace
}  // namespace rz::health
