// The limits of each measurement stand beside it, in the metadata, in the unit of the number:
// perfdata and Checkmk's metrics are made of them. Each type of check has its row here, and in the
// manual.

#include "rz/health/checks/limits.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "rz/base/json.h"
#include "rz/base/text.h"
#include "rz/health/check_type.h"
#include "rz/health/checks/disk_check.h"
#include "rz/health/checks/file_check.h"
#include "rz/health/checks/grpc_check.h"
#include "rz/health/checks/http_check.h"
#include "rz/health/checks/load_check.h"
#include "rz/health/checks/memory_check.h"
#include "rz/health/checks/ntp_check.h"
#include "rz/health/checks/ping_check.h"
#include "rz/health/checks/pressure_check.h"
#include "rz/health/checks/process_check.h"
#include "rz/health/checks/redis_check.h"
#include "rz/health/checks/sql_check.h"
#include "rz/health/checks/tcp_check.h"
#include "rz/health/checks/tls_check.h"
#include "support/paths.h"
#include "support/patience.h"
#include "support/scripted_server.h"

namespace rz::health {
namespace {

// By which a source says a limit.
constexpr std::string_view kLimitWords[] = {
    "set_most(",        "set_least(", "set_range(", "judge_phases(", "describe_certificate(",
    "describe_session("};

/// Answers at once what it was made with.
class LimitsHttpClient final : public net::HttpClient {
 public:
  explicit LimitsHttpClient(net::HttpResponse response) : response_(std::move(response)) {}
  Result<net::HttpResponse> send(const net::HttpRequest&) override { return response_; }

 private:
  net::HttpResponse response_;
};

HttpClientFactory answering(net::HttpResponse response) {
  return [response]() -> Result<std::unique_ptr<net::HttpClient>> {
    return std::make_unique<LimitsHttpClient>(response);
  };
}

class LimitsSqlClient final : public SqlClient {
 public:
  Result<SqlAnswer> ask(const SqlQuestion&) override {
    SqlAnswer answer;
    answer.replica = true;
    answer.lag_seconds = 1;
    return answer;
  }
};

class LimitsEchoSocket final : public net::EchoSocket {
 public:
  std::string_view way() const override { return "fake"; }
  Result<void> send(std::uint16_t sequence) override {
    sequence_ = sequence;
    return {};
  }
  Result<net::EchoReply> receive(Deadline) override {
    return net::EchoReply{sequence_, Micros{1'000}};
  }

 private:
  std::uint16_t sequence_ = 0;
};

PhaseLimits phases() {
  PhaseLimits limits;
  limits.dns.warning = Millis{10};
  limits.connect.critical = Millis{20};
  limits.tls.warning = Millis{30'000};
  limits.first_byte = {.warning = Millis{40}, .critical = Millis{50'000}};
  return limits;
}

const char* const kPhases =
    R"("dns_ms":{"warning":10.0},"connect_ms":{"critical":20.0},"tls_ms":{"warning":30000.0})";
const char* const kFirstByte = R"(,"first_byte_ms":{"warning":40.0,"critical":50000.0})";

net::HttpResponse healthy_answer() {
  net::HttpResponse response;
  response.status = 200;
  response.headers = {{"grpc-status", "0"}};
  response.body = std::string("\0\0\0\0\2\x08\1", 7);
  net::PeerCertificate certificate;
  certificate.not_after = SystemClock::instance().now() + std::chrono::hours{24 * 365};
  response.certificates = {certificate};
  return response;
}

std::map<std::string, CheckResult> results_with_limits() {
  std::map<std::string, CheckResult> found;
  DiskCheckOptions disk;
  disk.available_critical = 1024;
  disk.inodes_warning = 90;
  found["disk"] = make_disk_check(disk, [](const std::string&) {
                    return Result<DiskUsage>(DiskUsage{});
                  })->check();
  MemoryCheckOptions memory;
  memory.available_warning = 2048;
  memory.swap_critical = 50;
  found["memory"] = make_memory_check(memory, [] {
                      return Result<MemoryUsage>(MemoryUsage{.swap_total_bytes = 1});
                    })->check();
  LoadCheckOptions load;
  load.load1_warning = 3;
  found["load"] =
      make_load_check(load, [] { return Result<LoadAverages>(LoadAverages{}); })->check();
  PressureCheckOptions pressure;
  pressure.io_full_critical = 70;
  found["pressure"] = make_pressure_check(pressure, [](std::string_view) {
                        return Result<Pressure>(Pressure{.some = {}, .full = StalledShares{}});
                      })->check();
  ProcessCheckOptions process;
  process.pid_file = "";
  process.process = "health_tests";
  process.max = 1'000'000;
  found["process"] = make_process_check(process)->check();
  FileCheckOptions file;
  file.path = "/etc/hosts";
  file.min_size = 1;
  file.max_age = std::chrono::hours{24 * 36'500};
  found["file"] = make_file_check(file)->check();
  return found;
}

void add_network(std::map<std::string, CheckResult>& found) {
  HttpCheckOptions http;
  http.url = "https://a/";
  http.phases = phases();
  http.certificate_days = {.warning = 21, .critical = 7};
  found["http"] = make_http_check(http, answering(healthy_answer()))->check();
  GrpcCheckOptions grpc;
  grpc.address = "a:1";
  grpc.tls = true;
  grpc.phases = phases();
  grpc.certificate_days = {.warning = 21, .critical = 7};
  found["grpc"] = make_grpc_check(grpc, answering(healthy_answer()))->check();

  static test::Certificates authority;
  const auto files = authority.issue("server", "IP:127.0.0.1", -1, 90);
  const test::ScriptedServer server({test::begin_tls(), test::say("x")}, files);
  TlsCheckOptions tls;
  tls.address = server.address();
  tls.timeout = test::kPatience;
  tls.tls.ca = authority.ca();
  tls.phases = phases();
  tls.phases.first_byte = {};  // It has no such key.
  found["tls"] = make_tls_check(tls)->check();
  TcpCheckOptions tcp;
  tcp.address = server.address();
  tcp.timeout = test::kPatience;
  tcp.tls = true;
  tcp.tls_options.ca = authority.ca();
  tcp.expect = "x";
  tcp.latency_warning = Millis{60'000};
  tcp.certificate_days.warning = 3;
  tcp.phases = phases();
  found["tcp"] = make_tcp_check(tcp)->check();

  PingCheckOptions ping;
  ping.host = "127.0.0.1";
  ping.count = 1;
  ping.rtt_critical = Millis{500};
  found["ping"] =
      make_ping_check(ping, [](const net::SocketAddress&) {
        return Result<std::unique_ptr<net::EchoSocket>>(std::make_unique<LimitsEchoSocket>());
      })->check();
}

void add_stores(std::map<std::string, CheckResult>& found) {
  RedisCheckOptions redis;
  redis.server.url = "redis://a";
  redis.expect.replication_lag.warning = Millis{10'000};
  redis.expect.memory = {.warning = 80, .critical = 95};
  redis.expect.evictions_critical = 5;
  found["redis"] = make_redis_check(redis, [](const StorageOptions&, storage::RedisQuestions) {
                     storage::RedisPing ping;
                     ping.info =
                         "role:slave\r\nmaster_link_status:up\r\nmaster_last_io_seconds_ago:1\r\n"
                         "used_memory:1\r\nmaxmemory:100\r\nevicted_keys:0\r\n";
                     return Result<storage::RedisPing>(ping);
                   })->check();
  SqlCheckOptions sql;
  sql.lag_warning = Millis{1'500};
  for (const char* type : {"postgres", "mysql"}) {
    sql.url = std::string(type) + "://a/b";
    found[type] = make_sql_check(type, sql, [] {
                    return Result<std::unique_ptr<SqlClient>>(std::make_unique<LimitsSqlClient>());
                  })->check();
  }
}

/// What `limits` are by type, but for those of ntp, whose test has them.
const std::map<std::string, std::string>& expected_limits() {
  static const std::map<std::string, std::string> kExpected = {
      {"disk",
       R"({"usage_percent":{"warning":80.0,"critical":95.0},"available_bytes":{"critical":"1024:"},)"
       R"("inodes_percent":{"warning":90.0,"critical":95.0}})"},
      {"memory",
       R"({"used_percent":{"warning":80.0,"critical":95.0},"available_bytes":{"warning":"2048:"},)"
       R"("swap_used_percent":{"critical":50.0}})"},
      {"load", R"({"load1":{"warning":3.0},"load5":{"warning":2.0,"critical":10.0}})"},
      {"pressure", R"({"cpu_some_percent":{"warning":80.0},"memory_some_percent":{"warning":20.0},)"
                   R"("memory_full_percent":{"critical":60.0},"io_some_percent":{"warning":80.0},)"
                   R"("io_full_percent":{"critical":70.0}})"},
      {"process", R"({"count":{"warning":1000000.0,"critical":"1:"}})"},
      {"file", R"({"size_bytes":{"critical":"1:"},"age_seconds":{"critical":3153600000.0}})"},
      {"http", std::string("{\"certificate_days\":{\"warning\":\"21:\",\"critical\":\"7:\"},") +
                   kPhases + kFirstByte + "}"},
      {"grpc", std::string("{\"certificate_days\":{\"warning\":\"21:\",\"critical\":\"7:\"},") +
                   kPhases + kFirstByte + "}"},
      {"tls", std::string("{\"certificate_days\":{\"warning\":\"21:\",\"critical\":\"7:\"},") +
                  kPhases + "}"},
      {"tcp", std::string("{\"duration_ms\":{\"warning\":60000.0},") +
                  "\"certificate_days\":{\"warning\":\"3:\"}," + kPhases + kFirstByte + "}"},
      {"ping",
       R"({"loss_percent":{"warning":20.0,"critical":60.0},"rtt_avg_ms":{"critical":500.0}})"},
      {"redis",
       R"({"replication_lag_s":{"warning":10.0},"memory_percent":{"warning":80.0,"critical":95.0}})"},
      {"postgres", R"({"lag_seconds":{"warning":1.5}})"},
      {"mysql", R"({"lag_seconds":{"warning":1.5}})"},
  };
  return kExpected;
}

std::string limits_page() {
  std::ifstream in(test::source_dir() + "/man/rz.yaml.5");
  const std::string page(std::istreambuf_iterator<char>(in), {});
  const std::size_t begin = page.find(".SS health.checks[]: limits in reports\n");
  REQUIRE(begin != std::string::npos);
  return page.substr(begin, page.find("\n.SS ", begin + 1) - begin);
}

TEST_CASE("each type of check tells the limits of what it measures") {
  std::map<std::string, CheckResult> found = results_with_limits();
  add_network(found);
  add_stores(found);
  for (const auto& expected : expected_limits()) {
    const std::string& type = expected.first;
    CAPTURE(type);
    const CheckResult& result = found.at(type);
    CAPTURE(result.message);
    const Value* limits = result.metadata.find("limits");
    REQUIRE(limits != nullptr);
    CHECK(to_json(*limits) == expected.second);
    // A limit of what was not measured would be beside no number.
    for (const auto& limit : *limits->as_object()) {
      const std::string& measure = limit.first;
      if (measure == "first_byte_ms" || result.metadata.find(measure) != nullptr) continue;
      MESSAGE(type << " has limits of " << measure << ", which it does not measure");
      CHECK(result.metadata.find(measure) != nullptr);
    }
  }
}

TEST_CASE("the manual has a row for each type with limits, with every measurement") {
  const std::string page = limits_page();
  std::map<std::string, std::string> rows;
  for (std::size_t at = 0; (at = page.find("\n.TP\n.B ", at)) != std::string::npos; ++at) {
    const std::size_t name = at + std::string("\n.TP\n.B ").size();
    const std::size_t end = page.find('\n', name);
    rows[page.substr(name, end - name)] = page.substr(end, page.find("\n.TP\n", end) - end);
  }
  std::set<std::string> types = {"ntp", "command", "latency"};
  CHECK(rows["ntp"].find("offset_seconds") != std::string::npos);
  for (const auto& limits : expected_limits()) {
    const std::string& type = limits.first;
    types.insert(type);
    CAPTURE(type);
    REQUIRE(rows.contains(type));
    const auto document = parse_json(limits.second);
    for (const auto& limit : *document->as_object()) {
      const std::string& measure = limit.first;
      CAPTURE(measure);
      CHECK(rows[type].find(measure) != std::string::npos);
    }
  }
  for (const auto& row : rows) CHECK_MESSAGE(types.contains(row.first), row.first);
}

// A type that gets limits must get its row.
TEST_CASE("no source of a check says limits of which nothing is known here") {
  std::set<std::string> known = {"ntp", "sql"};
  for (const auto& [type, limits] : expected_limits()) known.insert(type);
  const std::string folder = test::source_dir() + "/lib/rz/health/checks";
  std::size_t sources = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (!name.ends_with("_check.cc")) continue;
    ++sources;
    std::ifstream in(entry.path());
    const std::string source(std::istreambuf_iterator<char>(in), {});
    const bool has_limits =
        std::any_of(std::begin(kLimitWords), std::end(kLimitWords),
                    [&](std::string_view word) { return source.find(word) != std::string::npos; });
    if (has_limits) CHECK_MESSAGE(known.contains(name.substr(0, name.find("_check"))), name);
  }
  CHECK(sources >= check_types().size() / 2);
}

}  // namespace
}  // namespace rz::health
