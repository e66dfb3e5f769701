#include "rz/health/judging/redis_judge.h"

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <utility>

namespace rz::health {
namespace {

using enum HealthStatus;

using Judged = std::pair<HealthStatus, std::string>;

/// What a server is found to be that says `info`, and that it has these save points.
Judged judged(const std::string& info, const RedisExpectation& expectation,
              std::optional<std::string> save = "3600 1") {
  storage::RedisPing told;
  told.info = info;
  told.save = std::move(save);
  Findings findings;
  Value metadata = Value::object();
  judge_redis(told, expectation, findings, metadata);
  return {findings.status(), findings.text()};
}

const LatencyLimits kLag{.warning = Millis{10'000}, .critical = Millis{60'000}};

TEST_CASE("the lag is that of a replica, or of the master's slowest one") {
  const RedisExpectation expect{.replication_lag = kLag};
  const auto replica = [](const std::string& ago) {
    return "role:slave\r\nmaster_link_status:up\r\nmaster_last_io_seconds_ago:" + ago + "\r\n";
  };
  CHECK(judged(replica("1"), expect) == Judged{healthy, ""});
  CHECK(judged(replica("10"), expect) == Judged{degraded, "it is 10s behind (warning from 10s)"});
  CHECK(judged(replica("75"), expect) ==
        Judged{unhealthy, "it is 1m 15s behind (critical from 1m)"});
  CHECK(judged("role:slave\r\nmaster_link_status:up\r\n", expect) ==
        Judged{unknown, "it does not tell how far it is behind"});
  const std::string master = "role:master\r\nconnected_slaves:";
  CHECK(judged(master + "0\r\n", expect) == Judged{healthy, ""});
  CHECK(judged(master + "2\r\nslave0:ip=::1,port=1,state=online,offset=5,lag=0\r\n"
                        "slave1:ip=::1,port=2,state=online,offset=5,lag=11\r\n",
               expect) == Judged{degraded, "a replica is 11s behind (warning from 10s)"});
}

TEST_CASE("a replica without its master is degraded whatever the limits are") {
  const std::string info =
      "role:slave\r\nmaster_link_status:down\r\nmaster_link_down_since_seconds:";
  CHECK(judged(info + "30\r\n", {}) == Judged{degraded, "it has lost its master, 30s ago"});
  CHECK(judged(info + "-1\r\n", {}) == Judged{degraded, "it has no link to its master"});
  const std::string master =
      "\r\nmaster_host:db\x1b"
      "1\r\nmaster_port:6379\r\n";
  CHECK(judged(info + "-1" + master, {}) ==
        Judged{degraded, "it has no link to its master db\\x1b1:6379"});
  CHECK(judged(info + "3" + master + "master_sync_in_progress:1\r\n", {}) ==
        Judged{degraded, "it is still being synchronized from its master db\\x1b1:6379"});
  CHECK(judged(info + "90\r\n", {.replication_lag = kLag}) ==
        Judged{unhealthy,
               "it has lost its master, 1m 30s ago; it is 1m 30s behind (critical from 1m)"});
}

TEST_CASE("a share of the memory needs a limit") {
  const auto share = [](const std::string& used, const std::string& limit) {
    return judged("role:master\r\nused_memory:" + used + "\r\nmaxmemory:" + limit + "\r\n",
                  {.memory = ShareLimits{.warning = 80, .critical = 95}});
  };
  CHECK(share("79", "100") == Judged{healthy, ""});
  CHECK(share("80", "100") ==
        Judged{degraded, "it uses 80% of its memory, 100 B (warning from 80%)"});
  CHECK(share("1996", "2000") ==
        Judged{unhealthy, "it uses 99.8% of its memory, 2.0 KiB (critical from 95%)"});
  CHECK(share("5", "0").first == unknown);
  CHECK(judged("", {.memory = ShareLimits{.warning = 80, .critical = 95}}).first == unknown);
}

TEST_CASE("saves that have failed are degraded, and silence about them is unknown") {
  const RedisExpectation expect{.persistence = true};
  CHECK(judged("rdb_last_bgsave_status:ok\r\naof_last_write_status:ok\r\n", expect) ==
        Judged{healthy, ""});
  CHECK(judged("rdb_last_bgsave_status:err\r\n", expect) ==
        Judged{degraded, "its last save has failed; look into its log"});
  CHECK(judged("rdb_last_bgsave_status:ok\r\naof_last_write_status:err\r\n", expect) ==
        Judged{degraded, "the last write of its log has failed; look into its log"});
  CHECK(judged("role:master\r\n", expect).first == unknown);
}

TEST_CASE("a server with another policy for a full memory is degraded, and says what it evicted") {
  const RedisExpectation expect{.maxmemory_policy = "noeviction"};
  CHECK(judged("maxmemory_policy:noeviction\r\n", expect) == Judged{healthy, ""});
  CHECK(judged("maxmemory_policy:allkeys-lru\r\nevicted_keys:0\r\n", expect) ==
        Judged{degraded, "its maxmemory-policy is allkeys-lru, expected noeviction"});
  CHECK(judged("maxmemory_policy:allkeys-lru\r\nevicted_keys:7\r\n", expect) ==
        Judged{degraded,
               "its maxmemory-policy is allkeys-lru, expected noeviction, and it has evicted 7 "
               "keys"});
  CHECK(judged("role:master\r\n", expect).first == unknown);
}

TEST_CASE("a server that must keep its data, and keeps none, is degraded") {
  const RedisExpectation expect{.persistence = true};
  const std::string info = "rdb_last_bgsave_status:ok\r\naof_enabled:";
  const Judged nothing{degraded,
                       "it keeps nothing on disk (appendonly no, and no save points), so that a "
                       "restart forgets everything"};
  CHECK(judged(info + "0\r\n", expect, "") == nothing);
  CHECK(judged(info + "0\r\n", expect, " ") == nothing);
  CHECK(judged(info + "1\r\n", expect, "") == Judged{healthy, ""});
  CHECK(judged(info + "0\r\n", expect, "3600 1") == Judged{healthy, ""});
  CHECK(judged(info + "0\r\n", expect, std::nullopt) ==
        Judged{unknown, "it does not tell whether it keeps anything on disk (CONFIG GET save)"});
  CHECK(judged(info + "1\r\n", expect, std::nullopt) == Judged{healthy, ""});
  CHECK(judged(info + "0\r\n", {}, "") == Judged{healthy, ""});
}

TEST_CASE("a role is one of two words, and hostile ones are made harmless") {
  CHECK(judged("role:slave\r\nmaster_link_status:up\r\n", {.role = RedisRole::master}) ==
        Judged{degraded, "it is a replica, expected a master"});
  CHECK(judged("", {.role = RedisRole::master}) == Judged{unknown, "it does not tell its role"});
  CHECK(judged("role:\x1b[31mred\r\n", {.role = RedisRole::master}).second.find('\x1b') ==
        std::string::npos);
}

TEST_CASE("the keys that were evicted are counted only where they are to be judged") {
  storage::RedisPing told;
  told.info = "run_id:abc\r\nuptime_in_seconds:60\r\nevicted_keys:7\r\n";
  Findings findings;
  CHECK(!evictions_of(told, {}, findings));
  const RedisExpectation expect{.evictions_warning = 1};
  CHECK(expect.asks());
  const auto count = evictions_of(told, expect, findings);
  REQUIRE(count);
  CHECK(count->total == 7);
  CHECK(count->counter == "abc");
  CHECK(count->age == std::chrono::seconds{60});
  CHECK(count->warning == 1);
  CHECK(!count->critical);
  CHECK(findings.empty());
  told.info = "run_id:abc\r\n";
  CHECK(!evictions_of(told, expect, findings));
  CHECK(findings.status() == unknown);
  CHECK(findings.text() == "it does not tell how many keys it has evicted");
}

TEST_CASE("the share of the memory has its limits beside it") {
  storage::RedisPing told;
  told.info = "used_memory:50\r\nmaxmemory:100\r\n";
  Findings findings;
  Value metadata = Value::object();
  judge_redis(told, {.memory = {.warning = 0, .critical = 95}}, findings, metadata);
  const Value& limits = *metadata.find("limits")->find("memory_percent");
  CHECK(limits.find("warning") == nullptr);
  CHECK(*limits.find("critical") == Value(95.0));
}

}  // namespace
}  // namespace rz::health
