#include "rz/health/checks/postgres_check.h"

#include <doctest/doctest.h>
#include <sys/socket.h>

#include <filesystem>
#include <fstream>
#include <memory>

#include "support/http_server.h"
#include "support/patience.h"
#include "support/scripted_server.h"
#include "support/server_process.h"

namespace rz::health {
namespace {

// Where Debian has it, in the folder of its version.
std::string postgres_program(const std::string& name) {
  for (const auto& version : std::filesystem::directory_iterator("/usr/lib/postgresql")) {
    const std::string path = version.path().string() + "/bin/" + name;
    if (std::filesystem::exists(path)) return path;
  }
  throw std::runtime_error("no " + name + "; install postgresql-15");
}

/// A real server with its data in a fresh folder; the user is `rz`, with the password `hunter2`.
class PostgresServer {
 public:
  PostgresServer() : port_(test::unused_port(SOCK_STREAM)) {
    test::give_to(user_, folder_.path());
    const std::string password = folder_ / "password";
    std::ofstream(password) << "hunter2\n";
    test::give_to(user_, password);
    test::run_as(user_,
                 {postgres_program("initdb"), "-D", data(), "-U", "rz", "--pwfile", password,
                  "--auth", "scram-sha-256", "--no-locale", "--no-sync", "-E", "UTF8"},
                 log());
    std::ofstream(data() + "/postgresql.conf", std::ios::app)
        << "fsync = off\nwal_level = replica\nmax_wal_senders = 4\nshared_buffers = 1MB\n";
    start();
  }
  /// A replica of `primary`.
  explicit PostgresServer(const PostgresServer& primary) : port_(test::unused_port(SOCK_STREAM)) {
    test::give_to(user_, folder_.path());
    test::run_as(user_,
                 {postgres_program("pg_basebackup"), "-D", data(), "-d", primary.url(), "-R",
                  "--checkpoint=fast", "--no-sync"},
                 log());
    start();
  }

  void start() {
    process_ = std::make_unique<test::ServerProcess>(
        std::vector<std::string>{postgres_program("postgres"), "-D", data(), "-h", "127.0.0.1",
                                 "-p", std::to_string(port_), "-k", folder_.path()},
        log(), user_);
    process_->wait_until([this] { return check().status == HealthStatus::healthy; });
  }
  void stop() { process_->stop(SIGINT); }
  test::ServerProcess& process() { return *process_; }

  std::string url(const std::string& user = "rz:hunter2") const {
    return "postgresql://" + user + "@127.0.0.1:" + std::to_string(port_) + "/postgres";
  }
  std::string shown_url() const {
    return "postgresql://127.0.0.1:" + std::to_string(port_) + "/postgres";
  }

  CheckResult check(PostgresCheckOptions options = {}) const {
    if (options.url.empty()) options.url = url();
    if (options.timeout == PostgresCheckOptions().timeout) options.timeout = test::kPatience;
    return make_health_check(options, CheckDependencies{})->check();
  }
  CheckResult query(const std::string& query, const std::string& expect) const {
    PostgresCheckOptions options;
    options.query = query;
    options.expect = expect;
    return check(options);
  }

 private:
  std::string data() const { return folder_ / "data"; }
  std::string log() const { return folder_ / "log"; }

  uid_t user_ = test::unprivileged_user();
  TempFolder folder_{};
  int port_;
  std::unique_ptr<test::ServerProcess> process_;
};

TEST_CASE("a real PostgreSQL: what it returns, and how it refuses") {
  PostgresServer server;
  auto result = server.check();
  CHECK(result.status == HealthStatus::healthy);
  CHECK(result.message.starts_with(server.shown_url() + ": version "));
  CHECK(result.message.ends_with(", primary"));

  CHECK(server.query("SELECT 41 + 1", "value == 42").status == HealthStatus::healthy);
  CHECK(server.query("SELECT 1.5::numeric", "value > 1.4 and rows == 1").status ==
        HealthStatus::healthy);
  CHECK(server.query("SELECT 'ok'", "value == \"ok\"").status == HealthStatus::healthy);
  CHECK(server.query("SELECT true", "value").status == HealthStatus::healthy);
  CHECK(server.query("SELECT 1 WHERE false", "rows == 0").status == HealthStatus::healthy);
  result = server.query("SELECT 43", "value == 42");
  CHECK(result.status == HealthStatus::unhealthy);
  CHECK(
      result.message.starts_with(server.shown_url() + ": got 43 in 1 row, expected value == 42 ("));

  result = server.query("SELECT nothing", "");
  CHECK(result.status == HealthStatus::unknown);
  CHECK(result.message ==
        server.shown_url() + ": the query failed: column \"nothing\" does not exist");
  result = server.query("SELECT 1 / 0", "");
  CHECK(result.status == HealthStatus::unhealthy);
  CHECK(result.message.ends_with(": the query failed: division by zero"));
  // It only reads.
  result = server.query("CREATE TABLE t ()", "");
  CHECK(result.status == HealthStatus::unknown);
  CHECK(result.message.find("read-only transaction") != std::string::npos);

  PostgresCheckOptions options;
  options.url = server.url("rz:wrong");
  result = server.check(options);
  CHECK(result.status == HealthStatus::unhealthy);
  CHECK(result.message == server.shown_url() + ": password authentication failed for user \"rz\"");
  options.url = server.url("rz");
  options.password = "hunter2";
  CHECK(server.check(options).status == HealthStatus::healthy);

  options = {};
  options.query = "SELECT pg_sleep(3600)";
  options.timeout = Millis{300};
  result = server.check(options);
  CHECK(result.status == HealthStatus::unhealthy);
  CHECK(result.message == server.shown_url() + ": no answer within 300ms");

  server.stop();
  result = server.check();
  CHECK(result.status == HealthStatus::unhealthy);
  CHECK(result.message == server.shown_url() + ": Connection refused");
}

TEST_CASE("a real replica: it follows its primary, and tells when it has lost it") {
  PostgresServer primary;
  const PostgresServer replica(primary);
  PostgresCheckOptions options;
  options.role = DatabaseRole::replica;
  CheckResult result;
  const auto until = std::chrono::steady_clock::now() + test::kPatience;
  const auto wait_for = [&](HealthStatus status) {
    do {
      result = replica.check(options);
    } while (result.status != status && std::chrono::steady_clock::now() < until);
    CAPTURE(result.message);
    CHECK(result.status == status);
  };
  wait_for(HealthStatus::healthy);
  CHECK(*result.metadata.find("role") == Value("replica"));
  options.lag_critical = std::chrono::hours{1};
  wait_for(HealthStatus::healthy);
  CHECK(primary.check(options).message.find(": is a primary, expected a replica (") !=
        std::string::npos);
  options.role = DatabaseRole::primary;
  CHECK(replica.check(options).message.find(": is a replica, expected a primary (") !=
        std::string::npos);

  options.role = DatabaseRole::any;
  primary.stop();
  wait_for(HealthStatus::unhealthy);
  CHECK(result.message.find("it is not connected to its primary") != std::string::npos);
}

TEST_CASE("a port that is no PostgreSQL, or silent, is unhealthy; a URL that is none unknown") {
  PostgresCheckOptions options;
  const auto check = [&](const std::string& url, Millis timeout) {
    options.url = url;
    options.timeout = timeout;
    return make_health_check(options, CheckDependencies{})->check();
  };
  const test::HttpServer http;
  auto result = check("postgresql://127.0.0.1:" + std::to_string(http.port()), test::kPatience);
  CAPTURE(result.message);
  CHECK(result.status == HealthStatus::unhealthy);
  const test::HttpServer silent(test::HttpServerReply{.delay = test::HttpServerReply::kForever});
  result = check("postgresql://127.0.0.1:" + std::to_string(silent.port()), Millis{100});
  CHECK(result.status == HealthStatus::unhealthy);
  result = check("postgresql://127.0.0.1?nonsense=1", test::kPatience);
  CAPTURE(result.message);
  CHECK(result.status == HealthStatus::unknown);
}

TEST_CASE("a server of something else is asked whether it is a PostgreSQL server") {
  const test::ScriptedServer server({test::say("HTTP/1.1 400 Bad Request\r\n\r\n")});
  PostgresCheckOptions options;
  options.url = "postgresql://rz@" + server.address() + "/app";
  options.timeout = test::kPatience;
  const auto result = make_health_check(options, CheckDependencies{})->check();
  CHECK(result.status == HealthStatus::unhealthy);
  CHECK(result.message.ends_with("; is this a PostgreSQL server?"));
}

}  // namespace
}  // namespace rz::health
