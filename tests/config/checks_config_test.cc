#include <doctest/doctest.h>

#include "reading.h"
#include "rz/config/reader.h"
#include "rz/health/checks/component_check.h"
#include "rz/health/checks/disk_check.h"
#include "rz/health/checks/file_check.h"
#include "rz/health/checks/http_check.h"
#include "rz/health/checks/load_check.h"
#include "rz/health/checks/redis_check.h"

namespace rz::config {

using testing::good;
using testing::wrong;

namespace {

std::string wrong_check(const std::string& check) {
  return wrong("health: {checks: [" + check + "]}");
}

}  // namespace

TEST_CASE("each type of check gets its options, and the common ones") {
  const HealthOptions health = good(R"(
health:
  checks:
    - {type: redis, name: cache, url: "redis://cache:6379", timeout: 2s}
    - type: http
      name: api
      url: https://api.internal/health
      expected_status: 204
      timeout: 3s
      tags: [edge, fast]
      retries: 2
      retry_delay: 1s
      invert: true
      depends_on: [cache]
      severity: {unknown: degraded, unhealthy: degraded}
      counts: false
    - {type: disk, path: /data, warning: 70%, critical: 90.5%}
    - {type: component, component: worker, interval: 60s, grace: 30s}
)",
                                    {{"REDISCLI_AUTH", "pw"}})
                                   .health;
  REQUIRE(health.checks.size() == 4);
  const auto& redis = *health.checks[0].get_if<health::RedisCheckOptions>();
  CHECK(redis.name == "cache");
  CHECK(redis.timeout == Millis{2'000});
  CHECK(redis.server.url == "redis://cache:6379");
  CHECK(redis.server.password == "pw");
  const auto& http = *health.checks[1].get_if<health::HttpCheckOptions>();
  CHECK(http.url == "https://api.internal/health");
  CHECK(http.expected_status == 204);
  CHECK(http.tags == std::vector<std::string>{"edge", "fast"});
  CHECK(http.retries == 2);
  CHECK(http.retry_delay == Millis{1'000});
  CHECK(http.invert);
  CHECK(http.depends_on == std::vector<std::string>{"cache"});
  CHECK(http.severity ==
        std::map<HealthStatus, HealthStatus>{{HealthStatus::unknown, HealthStatus::degraded},
                                             {HealthStatus::unhealthy, HealthStatus::degraded}});
  CHECK(!http.counts);
  const auto& disk = *health.checks[2].get_if<health::DiskCheckOptions>();
  CHECK(disk.name == "disk");
  CHECK(disk.path == "/data");
  CHECK(disk.warning == 70);
  CHECK(disk.critical == 90.5);
  const auto& component = *health.checks[3].get_if<health::ComponentCheckOptions>();
  CHECK(component.component == "worker");
  CHECK(component.interval == Millis{60'000});
  CHECK(component.grace == Millis{30'000});
}

TEST_CASE("a check that checks nothing is refused") {
  CHECK(wrong_check("{}") == "rz.yaml:1:19: health.checks[0]: a check needs 'type'");
  CHECK(wrong_check("{name: x, url: y}") == "rz.yaml:1:19: health.checks[0]: a check needs 'type'");
  CHECK(wrong_check("{type: http}") == "rz.yaml:1:19: health.checks[0]: an http check needs 'url'");
  CHECK(wrong_check("{type: redis}") ==
        "rz.yaml:1:19: health.checks[0]: a redis check needs 'url'");
  CHECK(wrong_check("{type: component}") ==
        "rz.yaml:1:19: health.checks[0]: a component check needs 'component'");
  CHECK(wrong_check("{type: component, component: \"\"}") ==
        "rz.yaml:1:48: health.checks[0].component: is empty; name a component");
  CHECK(wrong_check("{type: disk, warning: 96%}") ==
        "rz.yaml:1:41: health.checks[0].warning: is above 'critical', so it would never apply");
  CHECK(wrong_check("{type: component, component: w, grace: 5s}") ==
        "rz.yaml:1:58: health.checks[0].grace: has no effect without 'interval'; give both or "
        "remove it");
}

TEST_CASE("limits that would never apply, or contradict each other, are refused") {
  constexpr std::pair<const char*, const char*> kWrong[] = {
      {"{type: disk, available_warning: 1GiB, available_critical: 2GiB}",
       "available_warning: is below 'available_critical', so it would never apply"},
      {"{type: disk, inodes_warning: 90%, inodes_critical: 80%}",
       "inodes_warning: is above 'inodes_critical', so it would never apply"},
      {"{type: memory, swap_warning: 90%, swap_critical: 80%}",
       "swap_warning: is above 'swap_critical', so it would never apply"},
      {"{type: load, load1_warning: 5, load1_critical: 2.5}",
       "load1_warning: is above 'load1_critical', so it would never apply"},
      {"{type: ntp, server: t, warning: 2s}",
       "warning: is above 'critical', so it would never apply"},
      {"{type: process, process: x, max: 0}", "max: is below 'min'"},
      {"{type: process, process: x, min: 0}", "min: of 0 without 'max' asks for nothing"},
      {"{type: file, path: /x, min_age: 2h, max_age: 1h}",
       "min_age: is above 'max_age', so no file could have it"},
      {"{type: file, path: /x, min_size: 2KiB, max_size: 1KiB}",
       "min_size: is above 'max_size', so no file could have it"},
      {"{type: file, path: /x, exists: false, mode: \"0600\"}",
       "mode: asks for something of a file that must not exist"},
      {"{type: group, checks: [x], min: 2, name: g}, {type: disk, name: x}",
       "min: is more than the group has checks, so it would always be unhealthy"},
      {"{type: group, checks: [x, x], name: g}, {type: disk, name: x}", "checks: names 'x' twice"},
      {"{type: postgres, url: \"postgresql://h\", expect: value > 1}",
       "expect: has no effect without 'query'; give both or remove it"},
  };
  for (const auto& wrong : kWrong) {
    const std::string message = wrong.second;
    const std::string told = wrong_check(wrong.first);
    CAPTURE(told);
    CHECK(told.ends_with("health.checks[0]." + message));
  }
}

TEST_CASE("values of the new types of field are read, and wrong ones told") {
  constexpr std::pair<const char*, const char*> kWrong[] = {
      {"{type: file, path: /x, mode: \"0989\"}",
       "mode: is not a mode; write it in octal, like \"0640\""},
      {"{type: file, path: /x, sha256: abc}",
       "sha256: is not a SHA-256; expected 64 hexadecimal digits"},
      {"{type: file, path: /x, min_size: 5x}",
       "min_size: '5x' is not a size; write it like 512, 10KiB, 1.5GiB or 10MB"},
      {"{type: file, path: /x, min_size: [5]}", "min_size: expected a size like 10MiB, got a list"},
      {"{type: load, load5_warning: x}",
       "load5_warning: expected a number from 0 to 100000, got the text 'x'"},
      {"{type: load, load5_warning: -1}",
       "load5_warning: expected a number from 0 to 100000, got -1"},
      {"{type: mysql, url: \"http://h\"}",
       "url: is not the URL of a server; write it like mysql://user@host:3306/db"},
      {"{type: postgres, url: \"mysql://h\"}",
       "url: is not the URL of a server; write it like postgresql://user@host:5432/db"},
      {"{type: systemd, unit: x.service, states: [activ]}",
       "states: 'activ' is not a state; did you mean 'active'?"},
      {"{type: systemd, unit: x.service, states: []}", "states: is empty; name a state"},
      {"{type: command, command: check_load -w 5}",
       "command: expected a list of the program and its arguments, got the text 'check_load -w "
       "5'; no shell takes it apart"},
      {"{type: group, checks: []}", "checks: is empty; name the checks"},
  };
  for (const auto& wrong : kWrong) {
    const std::string message = wrong.second;
    const std::string told = wrong_check(wrong.first);
    CAPTURE(told);
    CHECK(told.ends_with("health.checks[0]." + message));
  }
  CHECK(wrong_check("{type: process}") ==
        "rz.yaml:1:19: health.checks[0]: a process check needs 'process', 'match' or 'pid_file'");
  const auto health =
      testing::good(
          "health: {checks: [{type: file, path: /x, min_size: 10, max_size: 1.5KiB, mode: "
          "\"0640\"}, {type: load, load1_warning: 3}]}")
          .health;
  const auto& file = *health.checks[0].get_if<health::FileCheckOptions>();
  CHECK(file.min_size == std::uint64_t{10});
  CHECK(file.max_size == std::uint64_t{1536});
  CHECK(file.mode == mode_t{0640});
  CHECK(health.checks[1].get_if<health::LoadCheckOptions>()->load1_warning == 3.0);
}

TEST_CASE("checks that are combined must be there, and not depend on what combines them") {
  CHECK(wrong_check("{type: group, checks: [dsk]}, {type: disk}") ==
        "rz.yaml:1:42: no check is named 'dsk'; did you mean 'disk'?");
  CHECK(wrong_check("{type: condition, when: \"`dsk.status` == 'x'\"}, {type: disk}") ==
        "rz.yaml:1:43: no check is named 'dsk'; did you mean 'disk'?");
  CHECK(wrong_check("{type: group, checks: [disk]}, {type: disk, depends_on: [group]}")
            .ends_with("a check would wait for itself: group -> disk -> group"));
  CHECK(wrong_check("{type: condition, when: 1 > 0}")
            .find("names no result of a check; write it "
                  "like `disk.status`") != std::string::npos);
  CHECK(wrong_check("{type: condition, when: severity > 0}").find("unknown variable 'severity'") !=
        std::string::npos);
}

TEST_CASE("a check of a wrong kind is refused") {
  std::vector<std::string> types;
  for (const health::CheckType& type : health::check_types()) types.emplace_back(type.name);
  CHECK(wrong_check("{type: htpp, url: x}") == "rz.yaml:1:26: health.checks[0].type: expected " +
                                                   one_of(types) +
                                                   ", got the text 'htpp'; did you mean 'http'?");
  CHECK(wrong_check("{type: disk, url: x}") ==
        "rz.yaml:1:32: unknown key 'url' in health.checks[0]");
  CHECK(wrong_check("{type: disk, name: \"\"}") ==
        "rz.yaml:1:38: health.checks[0].name: is empty; give a name or remove the key");
  CHECK(wrong_check("{type: disk, name: \"a\\tb\"}") ==
        "rz.yaml:1:38: health.checks[0].name: holds characters that cannot be printed");
  CHECK(wrong_check("{type: redis, url: \"memory:\"}") ==
        "rz.yaml:1:38: health.checks[0].url: is not the URL of a Redis server; write it like "
        "redis://host:6379");
  CHECK(wrong_check("{type: disk, severity: {bad: healthy, unknown: degradd}}") ==
        "rz.yaml:1:43: health.checks[0].severity: 'bad' is not a status\n"
        "rz.yaml:1:66: health.checks[0].severity.unknown: expected healthy, degraded, unhealthy or "
        "unknown, got the text 'degradd'; did you mean 'degraded'?");
}

TEST_CASE("a URL for HTTP has a scheme, a host and no blanks") {
  for (const char* url : {"http://a", "HTTPS://user:pw@a:8080/x?y#z", "http://[::1]:80/"}) {
    INFO(url);
    CHECK(wrong_check(std::string("{type: http, url: \"") + url + "\"}") == "");
  }
  for (const char* url : {"a", "ftp://a", "http:/a", "http://", "http:///x", "http://:80",
                          "http://a b", "http://u@/x", "https//a", "http://[::1/", "http://[::1]x/",
                          "http://a:99999/", "http://a:0", "http://::1/", "http://a:/"}) {
    INFO(url);
    CHECK(wrong_check(std::string("{type: http, url: \"") + url + "\"}") ==
          "rz.yaml:1:37: health.checks[0].url: is not an HTTP URL; write it like "
          "https://host/health");
  }
}

}  // namespace rz::config
