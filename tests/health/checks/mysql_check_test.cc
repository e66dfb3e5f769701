#include "rz/health/checks/mysql_check.h"

#include <doctest/doctest.h>
#include <sys/socket.h>

#include <fstream>
#include <memory>

#include "rz/base/file.h"
#include "support/http_server.h"
#include "support/patience.h"
#include "support/server_process.h"

namespace rz::health {
namespace {

/// A real MariaDB with its data in a fresh folder. `rz` with the password `hunter2` may read and
/// see the replication, and `guest` without one may read.
class MariadbServer {
 public:
  explicit MariadbServer(int id) : id_(id), port_(test::unused_port(SOCK_STREAM)) {
    test::give_to(user_, folder_.path());
    test::run_as(user_,
                 {"mariadb-install-db", "--no-defaults", "--datadir=" + (folder_ / "data"),
                  "--tmpdir=" + folder_.path(), "--auth-root-authentication-method=normal",
                  "--skip-test-db", "--innodb-log-file-size=4M"},
                 log());
    std::ofstream(folder_ / "init.sql")
        << "CREATE USER IF NOT EXISTS rz@'%' IDENTIFIED BY 'hunter2';\n"
        << "GRANT SELECT, INSERT, CREATE, REPLICATION SLAVE, REPLICA MONITOR, REPLICATION SLAVE "
           "ADMIN ON *.* TO rz@'%';\n"
        << "CREATE USER IF NOT EXISTS guest@'%';\n";
    start();
  }

  void start() {
    process_ = std::make_unique<test::ServerProcess>(
        std::vector<std::string>{
            "/usr/sbin/mariadbd", "--no-defaults", "--datadir=" + (folder_ / "data"),
            "--tmpdir=" + folder_.path(), "--socket=" + socket(), "--bind-address=127.0.0.1",
            "--port=" + std::to_string(port_), "--server-id=" + std::to_string(id_),
            "--log-bin=binlog", "--innodb-buffer-pool-size=8M", "--innodb-log-file-size=4M",
            "--skip-name-resolve", "--slave-net-timeout=2",
            "--init-file=" + (folder_ / "init.sql")},
        log(), user_);
    process_->wait_until([this] { return check().status == HealthStatus::healthy; });
  }
  void stop() { process_->stop(); }
  int port() const { return port_; }
  std::string socket() const { return folder_ / "sock"; }

  std::string url(const std::string& user = "rz:hunter2") const {
    return "mysql://" + user + "@127.0.0.1:" + std::to_string(port_);
  }
  std::string shown_url() const { return "mysql://127.0.0.1:" + std::to_string(port_); }

  CheckResult check(MysqlCheckOptions options = {}) const {
    if (options.url.empty()) options.url = url();
    if (options.timeout == MysqlCheckOptions().timeout) options.timeout = test::kPatience;
    return make_health_check(options, CheckDependencies{})->check();
  }
  CheckResult query(const std::string& query, const std::string& expect) const {
    MysqlCheckOptions options;
    options.query = query;
    options.expect = expect;
    return check(options);
  }
  /// Runs SQL as an administrator.
  void execute(const std::string& sql) const {
    test::run_as(user_,
                 {"mariadb", "--no-defaults", "--socket=" + socket(), "-u", "root", "-e", sql},
                 log());
  }

 private:
  std::string log() const { return folder_ / "log"; }

  uid_t user_ = test::unprivileged_user();
  TempFolder folder_{};
  int id_;
  int port_;
  std::unique_ptr<test::ServerProcess> process_;
};

TEST_CASE("a real MariaDB: what it returns, how it refuses, and its replica") {
  MariadbServer server(1);
  auto result = server.check();
  CHECK(result.status == HealthStatus::healthy);
  CHECK(result.message.starts_with(server.shown_url() + ": version "));
  CHECK(result.message.ends_with(", primary"));

  CHECK(server.query("SELECT 41 + 1", "value == 42").status == HealthStatus::healthy);
  CHECK(server.query("SELECT 1.5", "value > 1.4 and rows == 1").status == HealthStatus::healthy);
  CHECK(server.query("SELECT 'ok'", "value == \"ok\"").status == HealthStatus::healthy);
  CHECK(server.query("SELECT 1 FROM DUAL WHERE FALSE", "rows == 0").status ==
        HealthStatus::healthy);
  CHECK(server.query("SELECT 43", "value == 42")
            .message.find(": got 43 in 1 row, expected value == 42 (") != std::string::npos);
  result = server.query("SELECT nothing", "");
  CHECK(result.status == HealthStatus::unknown);
  CHECK(result.message.find("the query failed: Unknown column 'nothing'") != std::string::npos);
  result = server.query("CREATE DATABASE other", "");
  CAPTURE(result.message);
  CHECK(result.status == HealthStatus::unknown);

  MysqlCheckOptions options;
  options.url = server.url("rz:wrong");
  result = server.check(options);
  CHECK(result.status == HealthStatus::unhealthy);
  CHECK(result.message.starts_with(server.shown_url() + ": Access denied for user 'rz'"));
  options.url = "mysql://rz@/?socket=" + server.socket();
  options.password = "hunter2";
  CHECK(server.check(options).status == HealthStatus::healthy);

  // One who may not see the replication is told so only if it was asked for.
  options = {};
  options.url = server.url("guest");
  CHECK(server.check(options).status == HealthStatus::healthy);
  options.role = DatabaseRole::primary;
  CHECK(server.check(options).status == HealthStatus::unknown);

  MariadbServer replica(2);
  replica.execute(
      "CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_PORT=" + std::to_string(server.port()) +
      ", MASTER_USER='rz', MASTER_PASSWORD='hunter2', MASTER_CONNECT_RETRY=1; "
      "START SLAVE");
  options = {};
  options.role = DatabaseRole::replica;
  options.lag_critical = std::chrono::hours{24};
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
  CHECK(server.check(options).message.find(": is a primary, expected a replica (") !=
        std::string::npos);

  server.stop();
  result = server.check();
  CHECK(result.status == HealthStatus::unhealthy);
  CHECK(result.message ==
        server.shown_url() +
            ": cannot connect; does MariaDB or MySQL run there, and listen on this address?");
  wait_for(HealthStatus::unhealthy);
  CHECK(result.message.find("it does not receive from its primary (IO thread: Connecting)") !=
        std::string::npos);
}

TEST_CASE("a port that refuses, or is silent, is unhealthy; a URL that is none unknown") {
  MysqlCheckOptions options;
  const auto check = [&](const std::string& url, Millis timeout = test::kPatience) {
    options.url = url;
    options.timeout = timeout;
    return make_health_check(options, CheckDependencies{})->check();
  };
  const test::ClosedPort closed;
  auto result = check("mysql://127.0.0.1:" + std::to_string(closed.port()));
  CHECK(result.status == HealthStatus::unhealthy);
  const test::HttpServer silent(test::HttpServerReply{.delay = test::HttpServerReply::kForever});
  const std::string url = "mysql://127.0.0.1:" + std::to_string(silent.port());
  result = check(url, Millis{100});
  CHECK(result.status == HealthStatus::unhealthy);
  CHECK(result.message == url + ": no answer within 100ms");
  result = check("mysql://nothing");
  CAPTURE(result.message);
  CHECK((result.status == HealthStatus::unknown || result.status == HealthStatus::unhealthy));
  CHECK(check("mysql://h:x").status == HealthStatus::unknown);
}

}  // namespace
}  // namespace rz::health
