#include "rz/health/health_state.h"

#include <doctest/doctest.h>

#include <string>

#include "rz/base/json.h"
#include "support/print.h"
#include "support/results.h"

namespace rz::health {
namespace {

Result<HealthState> read(std::string_view json) {
  return health_state_from(ok(parse_json(json)), "s.json");
}

TEST_CASE("the state of the old system is read") {
  const auto state = ok(read(R"({"circuit_breaker": {"state": "CLOSED"},
      "retry": {"failures_1h": 0}, "system": {"failed_components": 2}})"));
  CHECK(state.circuit_breaker.state == "CLOSED");
  CHECK(state.retry.failures_1h == 0);
  CHECK(state.system.failed_components == 2);
}

TEST_CASE("a part that is missing keeps the default that degrades nothing") {
  for (const char* json : {R"({"system":{}})", R"({"retry":{},"system":null,"extra":[1]})"}) {
    CAPTURE(json);
    const auto state = ok(read(json));
    CHECK(state.system.failed_components == 0);
    CHECK(state.circuit_breaker.state == "UNKNOWN");
    CHECK(state.retry.failures_1h == 0);
    CHECK(state.resources.overall == "unknown");
  }
}

TEST_CASE("both shapes of the resources are read") {
  CHECK(ok(read(R"({"resources":{"status":{"overall":"critical"}}})")).resources.overall ==
        "critical");
  CHECK(ok(read(R"({"resources":{"overall":"critical"}})")).resources.overall == "critical");
}

TEST_CASE("the words of a state are read in any case") {
  const auto state = ok(read(R"({"circuit_breaker":{"state":"open"},"retry":{"state":"Critical"},
      "system":{"status":"Unhealthy","failed_components":1},
      "resources":{"status":{"cpu":"WARNING","overall":"CRITICAL"}}})"));
  CHECK(state.circuit_breaker.state == "OPEN");
  CHECK(state.retry.state == "CRITICAL");
  CHECK(state.system.status == "failed");
  CHECK(state.resources.cpu == "warning");
  CHECK(state.resources.overall == "critical");
  CHECK(ok(read(R"({"circuit_breaker":{"state":"half-open"}})")).circuit_breaker.state ==
        "HALF_OPEN");
}

TEST_CASE("resources without an overall status are as bad as their worst part") {
  const struct {
    const char* status;
    const char* overall;
  } cases[] = {
      {R"({"disk":"critical"})", "critical"},
      {R"({"cpu":"healthy","memory":"WARNING"})", "warning"},
      {R"({"cpu":"unknown","disk":"healthy"})", "healthy"},
      {R"({"cpu":"unknown"})", "unknown"},
      {R"({"disk":"critical","overall":"warning"})", "warning"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.status);
    const auto state = read(std::string(R"({"resources":{"status":)") + c.status + "}}");
    CHECK(ok(state).resources.overall == c.overall);
  }
}

TEST_CASE("two members of one name are an error") {
  for (const auto& c : {
           std::pair{R"({"system":{"failed_components":2,"failed_components":0}})",
                     "system.failed_components"},
           {R"({"system":{"failed_components":2},"system":{}})", "system"},
           {R"({"resources":{"status":{"disk":"critical","disk":"healthy"}}})",
            "resources.status.disk"},
       }) {
    CAPTURE(c.first);
    CHECK(message_of(read(c.first)) ==
          std::string("s.json: ") + c.second + ": is given more than once; keep one");
  }
}

TEST_CASE("a count that is misspelt, and a status without a count, are errors") {
  CHECK(message_of(read(R"({"system":{"failed_componets":9}})")) ==
        "s.json: system.failed_componets: is not a member of a health state; known here are "
        "status, healthy_components, degraded_components, failed_components, total_components, "
        "unknown_components; did you mean 'failed_components'?");
  CHECK(message_of(read(R"({"circuit_breaker":{"stat":"OPEN"}})"))
            .starts_with("s.json: circuit_breaker.stat: is not a member"));
  // What other systems add is their affair.
  CHECK(read(R"({"system":{"failed_components":0,"region":"eu"},"retry":{"failures_24h":9}})"));
  for (const char* status : {"failed", "degraded", "unknown"}) {
    const std::string text = std::string(R"({"system":{"status":")") + status + R"("}})";
    CHECK(message_of(read(text)).find("no count of components says so") != std::string::npos);
  }
  CHECK_FALSE(read(R"({"system":{"status":"failed","failed_components":0}})"));
  CHECK(read(R"({"system":{"status":"failed","failed_components":1}})"));
  CHECK(read(R"({"system":{"status":"healthy"}})"));
}

TEST_CASE("a check that cannot be read is an error, for a rule may ask for it") {
  const auto checks = [](const std::string& text) {
    return read(R"({"system":{},"health_checks":)" + text + "}");
  };
  const char* const words = "must be healthy, degraded, unhealthy or unknown";
  for (const auto& [text, error] : {
           std::pair{R"([{"name":"api","status":"unhealthy"}])",
                     "health_checks: must be an object"},
           {R"({"api":"unhealthy"})", "health_checks.api: must be an object"},
           {R"({"api":{"status":7}})", "health_checks.api.status: must be a string"},
           {R"({"api":{"status":"unhealty"}})", words},
           {R"({"api":{"stauts":"unhealthy"}})", "health_checks.api.status: is missing; give"},
           {R"({"api":{}})", "health_checks.api.status: is missing; give"},
       }) {
    const char* json = text;
    CAPTURE(json);
    CHECK(message_of(checks(text)).find(error) != std::string::npos);
  }
  const auto state = checks(R"({"api":{"status":"UNHEALTHY"},"idle":null})");
  REQUIRE(state);
  REQUIRE(state->health_checks.size() == 2);
  CHECK(state->health_checks[0].status == HealthStatus::unhealthy);
  CHECK(state->health_checks[1].status == HealthStatus::unknown);
  CHECK(checks("null"));
}

TEST_CASE("a part that is misspelt, and a member of the resources, are errors") {
  CHECK(message_of(read(R"({"system":{},"circuit_braker":{"state":"OPEN"}})")) ==
        "s.json: circuit_braker: is not a member of a health state; known here are system, "
        "circuit_breaker, retry, resources, health_checks, uptime_seconds, void, timestamp, "
        "fallback, components; did you mean 'circuit_breaker'?");
  CHECK(message_of(read(R"({"resources":{"overal":"critical"}})")) ==
        "s.json: resources.overal: is not a member of a health state; known here are available, "
        "overall, status, current_metrics; did you mean 'overall'?");
  for (const auto& [text, where] : {
           std::pair{R"({"sytem":{"failed_components":2},"retry":{}})", "sytem"},
           {R"({"System":{"failed_components":2},"retry":{}})", "System"},
           {R"({"resource":{"overall":"critical"}})", "resource"},
           {R"({"system":{},"helth_checks":{}})", "helth_checks"},
           {R"({"resources":{"statuss":{"disk":"critical"}}})", "resources.statuss"},
           {R"({"resources":{"current_metric":{}}})", "resources.current_metric"},
       }) {
    const char* json = text;
    CAPTURE(json);
    CHECK(
        message_of(read(json))
            .starts_with(std::string("s.json: ") + where + ": is not a member of a health state"));
  }
  // Other systems tell more, and measure other parts.
  CHECK(read(R"({"system":{},"alerts":[],"metadata":{}})"));
  CHECK(read(R"({"resources":{"status":{"disks":"critical"},"thresholds":{},
      "current_metrics":{"disk_percents":[1]}}})"));
}

TEST_CASE("a count may be a float without a fraction, as Python writes it") {
  CHECK(ok(read(R"({"system":{"failed_components":2.0}})")).system.failed_components == 2);
  CHECK(ok(read(R"({"retry":{"failures_1h":51.0}})")).retry.failures_1h == 51);
  CHECK(ok(read(R"({"circuit_breaker":{"open_duration_seconds":12}})"))
            .circuit_breaker.open_duration_seconds == 12);
}

TEST_CASE("what is wrong is an error with its path") {
  const struct {
    const char* json;
    const char* where;
    const char* message;
  } cases[] = {
      {R"({"system":{"failed_components":"2"}})", "system.failed_components", "a whole number"},
      {R"({"system":{"failed_components":2.5}})", "system.failed_components", "a whole number"},
      {R"({"system":{"failed_components":1e300}})", "system.failed_components", "a whole number"},
      {R"({"system":{"failed_components":true}})", "system.failed_components", "a whole number"},
      {R"({"system":{"failed_components":-1}})", "system.failed_components",
       "a count of 0 or more"},
      {R"({"retry":{"failures_1h":-3.0}})", "retry.failures_1h", "a count of 0 or more"},
      {R"({"retry":{"failure_rate":-0.5}})", "retry.failure_rate", "a finite number of 0 or more"},
      {R"({"retry":{"failure_rate":"low"}})", "retry.failure_rate", "a number"},
      {R"({"circuit_breaker":{"state":1}})", "circuit_breaker.state", "a string"},
      {R"({"circuit_breaker":{"available":"yes"}})", "circuit_breaker.available", "true or false"},
      {R"({"circuit_breaker":"OPEN"})", "circuit_breaker", "an object"},
      {R"({"system":{"failed_components":null}})", "system.failed_components", "a whole number"},
      {R"({"retry":{"failure_rate":null}})", "retry.failure_rate", "a number"},
      {R"({"circuit_breaker":{"state":null}})", "circuit_breaker.state", "a string"},
      {R"({"circuit_breaker":{"available":null}})", "circuit_breaker.available", "true or false"},
      {R"({"circuit_breaker":{"state":"opened"}})", "circuit_breaker.state",
       "CLOSED, OPEN, HALF_OPEN or UNKNOWN, but is 'opened'"},
      {R"({"retry":{"state":""}})", "retry.state", "STABLE, ELEVATED or CRITICAL, but is ''"},
      {R"({"system":{"status":"bad"}})", "system.status",
       "healthy, degraded, failed or unknown, but is 'bad'"},
      {R"({"resources":{"overall":"bogus"}})", "resources.overall",
       "unknown, healthy, warning or critical, but is 'bogus'"},
      {R"({"resources":{"status":{"disk":"full"}}})", "resources.status.disk",
       "unknown, healthy, warning or critical, but is 'full'"},
      {R"({"resources":[]})", "resources", "an object"},
      {R"({"resources":{"status":"critical"}})", "resources.status", "an object"},
      {R"({"resources":{"current_metrics":7}})", "resources.current_metrics", "an object"},
      {R"({"resources":{"status":{"overall":3}}})", "resources.status.overall", "a string"},
      {R"({"system":{},"uptime_seconds":"long"})", "uptime_seconds", "a number"},
      {R"({"system":{},"uptime_seconds":-1})", "uptime_seconds", "a finite number of 0 or more"},
  };
  for (const auto& [text, where, message] : cases) {
    const char* json = text;  // A lambda of C++20 as clang 14 has it takes no structured binding.
    CAPTURE(json);
    const auto state = read(json);
    REQUIRE_FALSE(state);
    CHECK(state.error() == Error{ErrorCode::parse, std::string("must be ") + message,
                                 std::string("s.json: ") + where});
  }
}

TEST_CASE("the first error of a document is the one that is told") {
  const auto state = read(R"({"retry":{"failures_1h":-1},"system":{"status":1}})");
  REQUIRE_FALSE(state);
  CHECK(state.error().where == "s.json: system.status");
}

TEST_CASE("a document that is not a health state is an error") {
  for (const char* json : {"{}", R"({"status":"ok"})", R"({"system":null})"}) {
    CAPTURE(json);
    CHECK(message_of(read(json)) ==
          "s.json: not a health state: it has none of system, circuit_breaker, retry, resources");
  }
  CHECK(message_of(read("[]")) ==
        "s.json: expected a health state, which is an object, but this is of type array");
}

TEST_CASE("what is written is read again, field for field") {
  HealthState state;
  state.system = {"failed", 4, 3, 2, 10, 1, {{"db", "failed", "gone"}, {"web", "unknown", ""}}};
  state.circuit_breaker = {true, "OPEN", 12.5, 7, 8, 9, 6};
  state.retry = {"CRITICAL", 51, 0.25, 400};
  state.resources = {true, "warning", "healthy", "critical", "critical", 250.5, 10, 96};
  state.uptime_seconds = 3600.5;
  const auto back = ok(health_state_from(ok(parse_json(to_json(to_value(state))))));
  CHECK(to_json(to_value(back)) == to_json(to_value(state)));
}

TEST_CASE("who is not healthy is taken from the components where there is no list of them") {
  const auto state = ok(read(R"({"system":{"failed_components":1},"components":{
      "cache":{"status":"degraded","message":"slow"},"api":{"status":"healthy"},"odd":7,
      "pay":{"status":"unhealthy","message":"stuck"},"dim":{"status":"unknown","message":3}}})"));
  const std::vector<ComponentProblem> expected = {
      {"pay", "failed", "stuck"}, {"cache", "degraded", "slow"}, {"dim", "unknown", ""}};
  CHECK(state.system.problems == expected);
}

TEST_CASE("the shape is that of the old system, to the byte") {
  HealthState state;
  state.timestamp = TimePoint{std::chrono::seconds{1'700'000'000}};
  state.fallback.mode = "heuristic";
  ComponentHealth component;
  component.name = "db";
  component.status = "failed";
  component.last_updated = state.timestamp;
  component.error_count = 1;
  component.last_error = "gone";
  state.components = {component};
  CheckResult check;
  check.name = "disk";
  check.type = "disk";
  check.status = HealthStatus::healthy;
  check.message = "fine";
  check.latency_ms = 1.5;
  check.timestamp = state.timestamp;
  state.health_checks = {check};
  const Value value = to_value(state);
  std::string keys;
  for (const auto& [key, part] : *value.as_object()) keys += key + " ";
  CHECK(keys ==
        "timestamp system circuit_breaker retry resources fallback components health_checks "
        "uptime_seconds ");
  CHECK(to_json(*value.find("system")) ==
        R"({"status":"unknown","healthy_components":0,"degraded_components":0,)"
        R"("failed_components":0,"total_components":0,"unknown_components":0,"problems":[]})");
  CHECK(to_json(*value.find("fallback")) == R"({"mode":"heuristic","cascade_log":[]})");
  CHECK(to_json(*value.find("components")) ==
        R"({"db":{"name":"db","status":"failed","message":"",)"
        R"("last_updated":"2023-11-14T22:13:20.000000Z","error_count":1,"warning_count":0,)"
        R"("last_error":"gone","fallback_active":false,"metadata":{}}})");
  CHECK(to_json(*value.find("health_checks")) ==
        R"({"disk":{"name":"disk","type":"disk","status":"healthy","message":"fine",)"
        R"("latency_ms":1.5,"timestamp":"2023-11-14T22:13:20.000000Z","metadata":{}}})");
}

TEST_CASE("that a run was void is a member of the document, and read back") {
  HealthState state;
  CHECK(to_value(state).find("void") == nullptr);
  state.void_because = "no network";
  const Value document = to_value(state);
  REQUIRE(document.find("void") != nullptr);
  const auto read = health_state_from(document);
  REQUIRE(read.has_value());
  CHECK(read->void_because == "no network");
  Value wrong = document;
  wrong.set("void", true);
  CHECK(!health_state_from(wrong).has_value());
}

}  // namespace
}  // namespace rz::health
