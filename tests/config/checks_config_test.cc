#include <doctest/doctest.h>

#include "reading.h"
#include "rz/config/reader.h"
#include "rz/health/checks/component_check.h"
#include "rz/health/checks/disk_check.h"
#include "rz/health/checks/http_check.h"
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
  CHECK(http.expect.status == std::vector<health::StatusRange>{{204, 204}});
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

TEST_CASE("an http check gets what it sends and what it expects") {
  const testing::Files folder;
  const std::string token = folder.write("token", "hunter2\n");
  const HealthOptions health = good(R"(
health:
  checks:
    - type: http
      url: https://api.internal/health
      method: POST
      headers: ["Accept: text/plain", "X-Key: ${KEY}"]
      body: x
      bearer_token_file: )" + token + R"(
      expect:
        status: [204, 300-399]
        contains: [ready]
        not_matches: ["(?i)fatal"]
        json: [{pointer: /queue/depth, when: "value < 100"}, {pointer: /state, when: 'value == "up"'}]
      follow_redirects: true
      ip: ipv6
      http_version: http2
      ca: /etc/ca.pem
      server_name: api
      certificate_days: {warning: 21, critical: 7}
      latency: {warning: 200ms, critical: 1s}
      phases: {dns: {warning: 50ms}, first_byte: {critical: 500ms}}
)",
                                    {{"KEY", "hunter3"}})
                                   .health;
  REQUIRE(health.checks.size() == 1);
  const auto& http = *health.checks[0].get_if<health::HttpCheckOptions>();
  CHECK(http.method == "POST");
  REQUIRE(http.headers.size() == 2);
  CHECK(http.headers[1] == std::pair<std::string, std::string>{"X-Key", "hunter3"});
  CHECK(http.body == "x");
  CHECK(http.bearer_token == "hunter2");
  CHECK(http.expect.status == std::vector<health::StatusRange>{{204, 204}, {300, 399}});
  CHECK(http.expect.contains == std::vector<std::string>{"ready"});
  REQUIRE(http.expect.json.size() == 2);
  CHECK(http.expect.json[0].pointer == "/queue/depth");
  CHECK(http.expect.json[0].when.number.has_value());
  CHECK(http.expect.json[1].when.text.has_value());
  CHECK(http.follow_redirects);
  CHECK(http.ip == net::IpVersion::v6);
  CHECK(http.http_version == net::HttpVersion::http2);
  CHECK(http.tls.ca == "/etc/ca.pem");
  CHECK(http.tls.server_name == "api");
  CHECK(http.certificate_days.warning == 21);
  CHECK(http.latency == LatencyLimits{Millis{200}, Millis{1'000}});
  CHECK(http.phases.dns.warning == Millis{50});
  CHECK(http.phases.first_byte.critical == Millis{500});
}

TEST_CASE("an http check that asserts nothing, or what cannot be, is refused") {
  const auto wrong_http = [](const std::string& keys) {
    return wrong_check("{type: http, url: \"http://a/\", " + keys + "}");
  };
  const auto says = [](const std::string& problem, const std::string& part) {
    CAPTURE(problem);
    CHECK(problem.find(part) != std::string::npos);
  };
  says(wrong_http("expect: {}"), "health.checks[0].expect: is empty, which asserts nothing");
  says(wrong_http("expect: {status: []}"), "expect: is empty, which asserts nothing");
  says(wrong_http("expect: {contains: []}"), "expect: is empty, which asserts nothing");
  says(wrong_http("expect: {contains: [\"\"]}"),
       "contains: an entry is empty, which asserts nothing");
  says(wrong_http("expect: {json: []}"), "expect: is empty, which asserts nothing");
  says(wrong_http("expect: {status: [2xx]}"), "an entry is not a status like 200 or 300-399");
  says(wrong_http("expect: {matches: [\"a(b\"]}"),
       "matches: [0] is not a regular expression of RE2");
  says(wrong_http("expect: {json: [{pointer: a, when: value > 1}]}"), "is not a JSON pointer");
  says(wrong_http("expect: {json: [{pointer: /a, when: value >}]}"), "json[0].when: ");
  says(wrong_http("expect: {json: [{pointer: /a, when: other > 1}]}"), "unknown variable");
  says(wrong_http("expect: {json: [{pointer: /a, when: 1 < 2}]}"), "asserts nothing of it");
  says(wrong_http("method: get"), "is not a method of HTTP; write it like GET, in capitals");
  says(wrong_http("headers: [Accept]"), "an entry is not a header");
  says(wrong_http("headers: [\"A: b\\r\\nC: d\"]"), "an entry is not a header");
  says(wrong_http("ca: ca.pem"), "begin it with https");
  says(wrong_http("certificate_days: {warning: 1}"), "begin it with https");
  says(wrong_http("latency: {warning: 2s, critical: 1s}"), "is longer than critical");
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
