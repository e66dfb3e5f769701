#include <doctest/doctest.h>

#include "reading.h"
#include "rz/base/text.h"
#include "rz/config/reader.h"
#include "rz/health/checks/component_check.h"
#include "rz/health/checks/disk_check.h"
#include "rz/health/checks/file_check.h"
#include "rz/health/checks/http_check.h"
#include "rz/health/checks/load_check.h"
#include "rz/health/checks/redis_check.h"
#include "rz/health/checks/tcp_check.h"

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

TEST_CASE("a tcp check has limits for each part of the time") {
  const HealthOptions health = good(R"(
health:
  checks:
    - type: tcp
      address: mail:25
      phases: {connect: {warning: 50ms}, tls: {critical: 1s}, first_byte: {warning: 1s, critical: 5s}}
)")
                                   .health;
  const auto& tcp = *health.checks.at(0).get_if<health::TcpCheckOptions>();
  CHECK(tcp.phases.connect.warning == Millis{50});
  CHECK(tcp.phases.tls.critical == Millis{1'000});
  CHECK(tcp.phases.first_byte.critical == Millis{5'000});
  CHECK(wrong_check("{type: tcp, address: \"a:1\", phases: {dns: {warning: 2s, critical: 1s}}}")
            .ends_with("phases.dns.warning: is longer than critical, which would hide it"));
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
  // A redirect may lead to TLS.
  CHECK(wrong_http("ca: ca.pem, follow_redirects: true") == "");
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

TEST_CASE("a history or a duration that cannot be right is refused") {
  CHECK(wrong_check("{type: disk, fail_within: 6 of 5}") ==
        "rz.yaml:1:45: health.checks[0].fail_within: expected a text like '3 of 5', with numbers "
        "from 1 to 50");
  CHECK(wrong_check("{type: disk, fail_after: 3, fail_within: 3 of 5}") ==
        "rz.yaml:1:44: health.checks[0].fail_after: is another way to say it than 'fail_within'; "
        "give one of them");
  CHECK(
      wrong_check("{type: component, component: w, max_duration: 1s, min_duration: 2s}") ==
      "rz.yaml:1:83: health.checks[0].min_duration: is longer than 'max_duration', so that no run "
      "is right");
}

TEST_CASE("a list does not show what was filled into it, nor is a body expected of HEAD") {
  for (const char* check : {"{type: dns, domain: a.test, expected: [\"${FILLED}\"]}",
                            "{type: systemd, unit: x.service, states: [active, \"${FILLED}\"]}"}) {
    const std::string told =
        wrong("health: {checks: [" + std::string(check) + "]}", {{"FILLED", "zqsecret"}});
    CAPTURE(told);
    CHECK(told.find("the text that was filled in") != std::string::npos);
    CHECK(told.find("zqsecret") == std::string::npos);
  }
  CHECK(wrong_check("{type: http, url: \"http://h/\", method: HEAD, expect: {not_contains: [x]}}")
            .ends_with("expect: expects something of the body, and the answer to HEAD has none"));
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
      {"{type: postgres, url: \"postgresql://h/d?sslpassword=x\"}",
       "url: has a password among its parameters; put it into 'password_file'"},
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
                                                   join_or(types) +
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

TEST_CASE("a tcp check has steps, and one way to TLS") {
  const HealthOptions health = good(R"(
health:
  checks:
    - type: tcp
      address: mail:25
      starttls: smtp
      certificate_days: {warning: 21, critical: 7}
      dialogue: [{send: "QUIT\r\n"}, {expect_regex: "^221"}]
)")
                                   .health;
  const auto& tcp = *health.checks.at(0).get_if<health::TcpCheckOptions>();
  CHECK(tcp.starttls == net::StartTls::smtp);
  CHECK(tcp.certificate_days.warning == 21);
  CHECK(tcp.certificate_days.critical == 7);
  REQUIRE(tcp.dialogue.size() == 2);
  CHECK(tcp.dialogue[0].kind == health::TcpStep::Kind::send);
  CHECK(tcp.dialogue[0].text == "QUIT\r\n");
  CHECK(tcp.dialogue[1].kind == health::TcpStep::Kind::expect_regex);

  const auto wrong_tcp = [](const std::string& keys) {
    return wrong_check("{type: tcp, address: \"a:1\", " + keys + "}");
  };
  CHECK(wrong_tcp("dialogue: [{}]") ==
        "rz.yaml:1:58: health.checks[0].dialogue[0]: is empty; a step has one of send, expect, "
        "expect_regex and starttls");
  CHECK(wrong_tcp("dialogue: [{send: a, expect: b}]") ==
        "rz.yaml:1:76: health.checks[0].dialogue[0].expect: a step does one thing; make a step of "
        "its own of it");
  CHECK(wrong_tcp("dialogue: [{expect_regex: \"a(\"}]") ==
        "rz.yaml:1:73: health.checks[0].dialogue[0].expect_regex: is not a regular expression: "
        "missing ): a(");
  // As `rz config show` prints a step.
  CHECK(wrong_tcp("dialogue: [{send: a, expect: \"\", expect_regex: \"\", starttls: false}]") ==
        "");
  const std::string once =
      "rz.yaml:1:19: health.checks[0]: TLS begins once; keep one of tls, starttls and the step "
      "starttls";
  CHECK(wrong_tcp("tls: true, starttls: smtp") == once);
  CHECK(wrong_tcp("dialogue: [{starttls: true}, {send: a}, {starttls: true}]") == once);
  CHECK(wrong_tcp("ca: ca.pem") ==
        "rz.yaml:1:19: health.checks[0]: has keys of TLS, but no TLS; add 'tls: true' or "
        "'starttls'");
  CHECK(wrong_tcp("tls: true, certificate_days: {warning: 3, critical: 7}") ==
        "rz.yaml:1:86: health.checks[0].certificate_days.warning: is below 'critical', so it would "
        "never apply");
}

TEST_CASE("each check says when it does not count, and from where on it is bad") {
  const HealthOptions health = good(R"(
health:
  checks:
    - type: disk
      fail_on: unhealthy
      maintenance:
        - {start: "23:30", duration: 90m, every: [sat, Sunday], timezone: UTC}
        - {start: "2026-12-01T02:00:00+01:00", duration: 2h}
      start_period: 5m
      run_if: hostname == 'web-1' and `memory.status` != 'unhealthy'
      canary: true
    - {type: memory}
)")
                                   .health;
  const CheckOptions& disk = health.checks[0].options();
  CHECK(disk.fail_on == HealthStatus::unhealthy);
  REQUIRE(disk.maintenance.size() == 2);
  CHECK(disk.maintenance[0].start == std::chrono::minutes{23 * 60 + 30});
  CHECK(disk.maintenance[0].duration == std::chrono::minutes{90});
  CHECK(disk.maintenance[0].days == std::vector<int>{6, 0});
  CHECK(!disk.maintenance[0].once);
  CHECK(disk.maintenance[1].once ==
        TimePoint{std::chrono::sys_days{std::chrono::year{2026} / 12 / 1} + std::chrono::hours{1}});
  CHECK(disk.start_period == std::chrono::minutes{5});
  CHECK(disk.awaits == std::vector<std::string>{"memory"});
  CHECK(disk.canary);
  const CheckOptions& memory = health.checks[1].options();
  CHECK(!memory.fail_on);
  CHECK(memory.maintenance.empty());
  CHECK(!memory.canary);
}

TEST_CASE("windows and conditions that cannot be meant are refused, each at its place") {
  const auto window = [](const std::string& keys) {
    return wrong_check("{type: disk, maintenance: [{" + keys + "}]}");
  };
  const std::string at = "health.checks[0].maintenance[0]";
  const std::pair<std::string, std::string> cases[] = {
      {"duration: 1h", ": a maintenance window needs 'start'"},
      {"start: \"02:00\"", ": a maintenance window needs 'duration'"},
      {"start: \"2:00\", duration: 1h",
       ".start: '2:00' is not a time; write it like \"02:00\" or 2026-12-01T02:00:00Z"},
      {"start: \"24:00\", duration: 1h",
       ".start: '24:00' is not a time; write it like \"02:00\" or 2026-12-01T02:00:00Z"},
      {"start: 2026-12-01, duration: 1h",
       ".start: '2026-12-01' is not a time; write it like \"02:00\" or 2026-12-01T02:00:00Z"},
      {"start: \"02:00\", duration: 1d", ".duration: is so long that the window never closes"},
      {"start: \"02:00\", duration: 5d, every: [mon, sat]",
       ".duration: is so long that the window never closes"},
      {"start: \"02:00\", duration: 1h, every: [mony]",
       ".every: 'mony' is not a day of the week; did you mean 'mon'?"},
      {"start: \"02:00\", duration: 1h, every: []",
       ".every: is empty; name days, or leave it out for a daily one"},
      {"start: \"02:00\", duration: 1h, timezone: \"../x\"",
       ".timezone: '../x' is not a time zone; use a name of the tz database, as Europe/Berlin"},
      {"start: \"02:00\", duration: 1h, timezone: \"\"",
       ".timezone: is empty; name a zone or remove the key"},
      {"start: \"2026-12-01T02:00:00\", duration: 1h",
       ".start: '2026-12-01T02:00:00' has no time zone; end it with Z for UTC, or with an offset: "
       "2026-12-01T02:00:00+01:00"},
      {"start: \"2026-12-01T02:00:00Z\", duration: 1h, every: [mon]",
       ".every: belongs to windows that recur, and 'start' is a timestamp; remove it"}};
  for (const auto& [keys, message] : cases) {
    const std::string told = window(keys);
    CAPTURE(told);
    CHECK(told.find(at + message) != std::string::npos);
  }
  // One message for one mistake.
  CHECK(window("start: \"02:00\", duration: 1h, timezone: \"\"").find('\n') == std::string::npos);
  CHECK(wrong("health: {checks: [{type: disk, maintenance: [{start: \"2026-12-01T02:00:00-01:00\", "
              "duration: 1h}]}]}")
            .empty());
  CHECK(
      wrong("health: {checks: [{type: disk, maintenance: [{start: \"02:00\", duration: 4d, every: "
            "[mon, sat]}]}]}")
          .empty());
  CHECK(wrong_check("{type: disk, run_if: \"weather == 'fine'\"}").find("weather") !=
        std::string::npos);
  CHECK(wrong_check("{type: disk, run_if: \"`memroy.status` == 'healthy'\"}, {type: memory}")
            .find("no check is named 'memroy'; did you mean 'memory'?") != std::string::npos);
  CHECK(wrong_check("{type: disk, run_if: \"`disk.status` == 'healthy'\"}")
            .find("a check would wait for itself: disk -> disk") != std::string::npos);
  CHECK(wrong_check("{type: disk, fail_on: healthy}").find("fail_on") != std::string::npos);
}

}  // namespace rz::config
