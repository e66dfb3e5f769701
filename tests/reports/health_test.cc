#include <doctest/doctest.h>

#include <memory>
#include <string>

#include "rz/base/json.h"
#include "rz/base/timestamp.h"
#include "rz/reports/formats.h"
#include "rz/reports/health_report.h"
#include "written.h"

namespace rz::reports {
namespace {

using testing::kNow;
using testing::written;

CheckResult result(std::string name, HealthStatus status, std::string message) {
  CheckResult result;
  result.name = std::move(name);
  result.type = "http";
  result.status = status;
  result.message = std::move(message);
  result.latency_ms = 1.5;
  result.timestamp = kNow;
  return result;
}

HealthReport two_checks() {
  HealthReport report;
  report.run.results = {result("web", HealthStatus::healthy, "200"),
                        result("api", HealthStatus::unhealthy, "no\x1b\nanswer")};
  report.run.timestamp = kNow;
  report.run.duration_ms = 2.5;
  report.now = kNow;
  return report;
}

health::Unchecked one_of_each() {
  health::Unchecked unchecked;
  ComponentHealth component;
  component.name = "worker";
  component.status = "failed";
  component.last_updated = kNow - std::chrono::minutes{5};
  unchecked.components.push_back(component);
  BreakerState breaker;
  breaker.name = "pay";
  breaker.phase = BreakerState::Phase::open;
  breaker.consecutive_failures = 3;
  breaker.trips_total = 1;
  breaker.changed = kNow - std::chrono::seconds{2};
  unchecked.breakers.push_back(breaker);
  return unchecked;
}

}  // namespace

TEST_CASE(
    "a run of checks as text: a row each, the worst first, and how many there are of each status") {
  CHECK(written(two_checks(), "text") ==
        "STATUS     CHECK  LATENCY  MESSAGE\n"
        "unhealthy  api        1ms  no\\x1b\\nanswer\n"
        "healthy    web        1ms  200\n"
        "\n"
        "unhealthy: 1 unhealthy, 1 healthy\n");
}

TEST_CASE("what counts without a check stands below, where there is any") {
  HealthReport report = two_checks();
  report.unchecked.emplace();
  CHECK(written(report, "text").ends_with("1 unhealthy, 1 healthy\n"));
  report.unchecked = one_of_each();
  CHECK(written(report, "text")
            .ends_with("\n"
                       "STATUS  WITHOUT A CHECK    LAST  MESSAGE\n"
                       "failed  worker           5m ago  reported failed\n"
                       "OPEN    breaker pay      2s ago  failures in a row: 3; opened: 1\n"
                       "These count when rz cascade decides; rz health forget removes them.\n"));
}

TEST_CASE("a run of checks as JSON") {
  HealthReport report = two_checks();
  report.run.results.resize(1);
  const auto head = [](const std::string& status, int unknown) {
    return R"({"schema":"rz.health/1","status":")" + status +
           R"(","timestamp":"2026-01-02T03:04:05.000000Z",)"
           R"("duration_ms":2.5,"summary":{"healthy":1,"degraded":0,"unhealthy":0,"unknown":)" +
           std::to_string(unknown) + R"(,"total":)" + std::to_string(1 + unknown) +
           R"(},"checks":[{"name":"web","type":"http","status":"healthy","message":"200",)"
           R"("latency_ms":1.5,"timestamp":"2026-01-02T03:04:05.000000Z","metadata":{}}])";
  };
  CHECK(written(report, "json") == head("healthy", 0) + "}\n");
  report.unchecked = one_of_each();
  report.unchecked->components.clear();
  report.unchecked->unreadable.push_back({ErrorCode::corrupt, "no record", "health:component:x"});
  CHECK(written(report, "json") ==
        head("unknown", 1) +
            R"(,"unchecked":{"components":[],"breakers":[{"name":"pay","state":"OPEN",)"
            R"("consecutive_failures":3,"failures_total":0,"trips_total":1,)"
            R"("changed":"2026-01-02T03:04:03.000000Z"}],"unreadable":[{"code":"corrupt",)"
            R"("message":"no record","where":"health:component:x"}]}})"
            "\n");
}

TEST_CASE("a run of checks as JUnit XML: what is not as it should be, not known, not run") {
  HealthReport report = two_checks();
  report.run.results.push_back(result("dns", HealthStatus::degraded, "slow"));
  report.run.results.push_back(result("db", HealthStatus::unknown, "who knows"));
  report.run.results.push_back(result("rows", HealthStatus::unknown, "skipped: see 'api'"));
  report.run.results.back().skipped = true;
  report.host = "host-1";
  report.config_path = "rz.yaml";
  report.run.results[0].metadata.set("flaky", true);
  const std::string counts = R"( tests="5" failures="2" errors="1" time="0.002500")";
  const std::string of_all = R"( classname="rz.health.http" time="0.001500")";
  CHECK(
      written(report, "junit") ==
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<testsuites name=\"rz health\"" +
          counts + ">\n  <testsuite name=\"rz.health\"" + counts +
          " skipped=\"1\" timestamp=\"2026-01-02T03:04:05\" hostname=\"host-1\" file=\"rz.yaml\">\n"
          "    <properties>\n      <property name=\"host\" value=\"host-1\"/>\n"
          "    </properties>\n"
          "    <testcase name=\"web\"" +
          of_all +
          "><flakyFailure message=\"200\" type=\"flaky\"/></testcase>\n"
          "    <testcase name=\"api\"" +
          of_all +
          "><failure message=\"no\uFFFD&#10;answer\" type=\"unhealthy\"/></testcase>\n"
          "    <testcase name=\"dns\"" +
          of_all +
          "><failure message=\"slow\" type=\"degraded\"/></testcase>\n"
          "    <testcase name=\"db\"" +
          of_all +
          "><error message=\"who knows\" type=\"unknown\"/></testcase>\n"
          "    <testcase name=\"rows\"" +
          of_all +
          "><skipped message=\"skipped: see &#39;api&#39;\"/></testcase>\n"
          "  </testsuite>\n</testsuites>\n");
}

TEST_CASE("where a check stands in the configuration is told where it can be followed") {
  HealthReport report = two_checks();
  report.run.results.push_back(result("db", HealthStatus::unknown, "who knows"));
  report.run.results.push_back(result("rows", HealthStatus::unknown, "skipped: see 'api'"));
  report.run.results.back().skipped = true;
  report.run.checks.resize(report.run.results.size());
  for (std::size_t i = 0; i < report.run.checks.size(); ++i) {
    report.run.checks[i].options.config_line = 10 + i;
  }
  report.run.checks[2].options.config_line = 0;  // No file names it.
  // Without a file there is no place.
  CHECK(written(report, "json").find("\"where\"") == std::string::npos);
  report.config_path = "a\x1b<b>.yaml";

  const std::string json = written(report, "json");
  CHECK(
      json.find(R"("name":"web","type":"http","status":"healthy","message":"200","latency_ms":1.5,)"
                R"("timestamp":"2026-01-02T03:04:05.000000Z","metadata":{},)"
                R"("where":"a\u001b<b>.yaml:10"})") != std::string::npos);
  CHECK(json.find(R"(.yaml:13"})") != std::string::npos);
  CHECK(json.find(R"(.yaml:0)") == std::string::npos);

  const std::string junit = written(report, "junit");
  CHECK(junit.find("<failure message=\"no\uFFFD&#10;answer\" type=\"unhealthy\">"
                   "a\uFFFD&#60;b&#62;.yaml:11</failure></testcase>\n") != std::string::npos);
  CHECK(junit.find("<error message=\"who knows\" type=\"unknown\"/></testcase>\n") !=
        std::string::npos);
  CHECK(junit.find("yaml:13</skipped></testcase>\n") != std::string::npos);
  CHECK(junit.find("yaml:10") == std::string::npos);  // It has passed.

  CHECK(written(report, "text").find("yaml") == std::string::npos);
  report.tells_places = true;
  const std::string text = written(report, "text");
  CHECK(text.find("no\\x1b\\nanswer [a\\x1b<b>.yaml:11]\n") != std::string::npos);
  CHECK(text.find(".yaml:13]\n") != std::string::npos);
  CHECK(text.find(".yaml:10") == std::string::npos);
}

TEST_CASE("a component that no check names is no reason to say healthy") {
  HealthReport report;
  report.run.results = {result("web", HealthStatus::healthy, "200")};
  report.unchecked = one_of_each();
  CHECK(report.with_components().status() == HealthStatus::unhealthy);
  CHECK(written(report, "json").find("\"status\":\"unhealthy\"") != std::string::npos);
  CHECK(written(report, "text").find("unhealthy: 1 unhealthy, 1 healthy\n") != std::string::npos);
  const std::string junit = written(report, "junit");
  CHECK(junit.find("tests=\"2\" failures=\"1\"") != std::string::npos);
  CHECK(junit.find("<testcase name=\"worker\" classname=\"rz.health.component\"") !=
        std::string::npos);
  report.unchecked->components.front().status = "degraded";
  CHECK(report.with_components().status() == HealthStatus::degraded);
}

TEST_CASE("one count for all formats: the checks, and what counts without one") {
  HealthReport report;
  report.run.results = {result("web", HealthStatus::healthy, "200"),
                        result("api", HealthStatus::healthy, "200")};
  report.unchecked = one_of_each();
  report.unchecked->components.front().status = "degraded";
  CHECK(written(report, "json").find(R"("status":"degraded")") != std::string::npos);
  CHECK(written(report, "json")
            .find(R"("summary":{"healthy":2,"degraded":1,"unhealthy":0,"unknown":0,"total":3})") !=
        std::string::npos);
  CHECK(written(report, "text").find("degraded: 1 degraded, 2 healthy\n") != std::string::npos);
  CHECK(written(report, "junit").find("tests=\"3\" failures=\"1\"") != std::string::npos);
}

TEST_CASE("a damaged record is no reason to say healthy, in any format") {
  HealthReport report;
  report.run.results = {result("web", HealthStatus::healthy, "200")};
  report.unchecked.emplace();
  report.unchecked->unreadable.push_back({ErrorCode::corrupt, "torn", "health:breaker:b2"});
  CHECK(report.with_components().status() == HealthStatus::unknown);
  CHECK(written(report, "text")
            .ends_with("\n"
                       "unknown: 1 unknown, 1 healthy\n"
                       "\n"
                       "STATUS   WITHOUT A CHECK    LAST  MESSAGE\n"
                       "unknown  health:breaker:b2        torn\n"
                       "These count when rz cascade decides; rz health forget removes them.\n"));
  CHECK(written(report, "json").find(R"("status":"unknown")") != std::string::npos);
  const std::string junit = written(report, "junit");
  CHECK(junit.find(R"(tests="2" failures="0" errors="1")") != std::string::npos);
  CHECK(junit.find(R"(<testcase name="health:breaker:b2" classname="rz.health.record")") !=
        std::string::npos);
  CHECK(junit.find(R"(<error message="torn" type="unknown"/>)") != std::string::npos);
}

TEST_CASE("a store that does not tell what counts is no reason to say healthy, in any format") {
  HealthReport report;
  report.run.results = {result("web", HealthStatus::healthy, "200")};
  report.unchecked_error = Error{ErrorCode::timeout, "no answer within 1s", "redis://h:1/0"};
  CHECK(report.with_components().status() == HealthStatus::unknown);
  CHECK(written(report, "text")
            .ends_with(
                "\n"
                "unknown: 1 unknown, 1 healthy\n"
                "\n"
                "STATUS   WITHOUT A CHECK          LAST  MESSAGE\n"
                "unknown  components and breakers        redis://h:1/0: no answer within 1s\n"));
  const std::string json = written(report, "json");
  CHECK(json.find(R"("status":"unknown")") != std::string::npos);
  CHECK(json.find(R"("unknown":1,"total":2})") != std::string::npos);
  CHECK(json.ends_with(R"(,"unchecked":{"error":{"code":"timeout","message":"no answer within 1s",)"
                       R"("where":"redis://h:1/0"}}})"
                       "\n"));
  const std::string junit = written(report, "junit");
  CHECK(junit.find(R"(tests="2" failures="0" errors="1")") != std::string::npos);
  CHECK(junit.find(R"(<error message="redis://h:1/0: no answer within 1s" type="unknown"/>)") !=
        std::string::npos);
}

TEST_CASE("whatever a check says, its XML is well formed and steers no terminal") {
  const std::pair<const char*, const char*> kCases[] = {
      {"<a href=\"b\">&amp;", "&#60;a href=&#34;b&#34;&#62;&#38;amp;"},
      {"]]>", "]]&#62;"},
      {"\t\r\n", "&#9;&#13;&#10;"},
      {"\x01\x1b[2J\x7f", "\uFFFD\uFFFD[2J&#127;"},
      {"\xff\xc3", "\uFFFD\uFFFD"},
      {"\uFFFE\uFFFF", "\uFFFD\uFFFD"},
      {"\u202E\u0085", "&#8238;&#133;"},
      {"日本 ü", "日本 ü"},
  };
  for (const auto& [said, written_as] : kCases) {
    HealthReport report;
    report.run.results = {result(said, HealthStatus::unhealthy, said)};
    const std::string xml = written(report, "junit");
    INFO(xml);
    CHECK(xml.find(" name=\"" + std::string(written_as) + "\"") != std::string::npos);
    CHECK(xml.find(" message=\"" + std::string(written_as) + "\"") != std::string::npos);
  }
}

TEST_CASE("the comprehensive state has the shape of the old system") {
  HealthState state;
  state.system.status = "degraded";
  CHECK(written(state, "json") ==
        "{\"schema\":\"rz.health.state/1\"," + to_json(to_value(state)).substr(1) + "\n");
}

TEST_CASE("a command that did what it was told says so in JSON alone") {
  const FedBreaker fed{"pay", one_of_each().breakers[0]};
  CHECK(written(fed, "text") == "");
  CHECK(
      written(fed, "json") ==
      R"({"schema":"rz.health.record/1","breaker":"pay","state":"OPEN","consecutive_failures":3,"trips_total":1})"
      "\n");
  ComponentHealth component;
  component.name = "web";
  CHECK(written(IngestedReports{2, {component}}, "text") == "");
  CHECK(written(IngestedReports{2, {component}}, "json") ==
        "{\"schema\":\"rz.health.ingest/1\",\"ingested\":2,\"components\":[{\"name\":\"web\","
        "\"status\":\"unknown\"}]}\n");
  CHECK(written(Forgotten{"component", "x"}, "text") == "");
  CHECK(written(Forgotten{"component", "x"}, "json") ==
        "{\"schema\":\"rz.health.forget/1\",\"component\":\"x\",\"forgotten\":true}\n");
}

}  // namespace rz::reports
