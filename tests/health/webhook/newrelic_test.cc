// The payloads of the old system, of New Relic's channels, and of its workflows.

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "rz/base/json.h"
#include "rz/health/webhook/webhook.h"
#include "support/results.h"

namespace rz::health {
namespace {

/// `component status message`, a line each.
std::string newrelic_reports(const std::string& payload) {
  std::string lines;
  for (const auto& [name, report] : ok(read_newrelic(ok(parse_json(payload))))) {
    lines += name + " " + report.status + " " + report.message + "\n";
  }
  return lines;
}

Error newrelic_error(const std::string& payload) {
  return error_of(read_newrelic(ok(parse_json(payload))));
}

}  // namespace

TEST_CASE("an alert of New Relic names its component, its severity and its message") {
  struct Case {
    const char* payload;
    const char* report;
  };
  const Case cases[] = {
      {R"({"condition_name":"c","policy_name":"p","severity":"CRITICAL","details":"d"})",
       "c failed d\n"},
      {R"({"policy_name":"p","level":"warning","description":"e"})", "p degraded e\n"},
      {R"({"condition_name":"","severity":"error"})", "newrelic_alert failed \n"},
      {R"({"condition_name":"c","severity":"info","level":"critical"})", "c healthy \n"},
      {R"({"condition_name":"c"})", "c healthy \n"},
      {R"({"violations":[{"condition_name":"c","severity":"critical","description":"d"},{"label":""}]})",
       "c failed d\nnewrelic_violation degraded \n"},
      {R"({"violations":[]})", ""},
  };
  for (const Case& each : cases) {
    CAPTURE(each.payload);
    CHECK(newrelic_reports(each.payload) == each.report);
  }
}

TEST_CASE("what New Relic has closed is healthy, whatever its severity was") {
  CHECK(newrelic_reports(
            R"({"condition_name":"c","severity":"CRITICAL","current_state":"closed"})") ==
        "c healthy \n");
  CHECK(
      newrelic_reports(R"({"condition_name":"c","severity":"CRITICAL","current_state":"open"})") ==
      "c failed \n");
  // It is open, and does not say how bad.
  CHECK(newrelic_reports(R"({"condition_name":"c","current_state":"acknowledged"})") ==
        "c failed \n");
  // The list of violations of the REST API.
  CHECK(
      newrelic_reports(
          R"({"violations":[{"label":"l","condition_name":"c","priority":"Critical",)"
          R"("opened_at":1},{"condition_name":"d","priority":"Warning","closed_at":1759343824}]})") ==
      "c failed l\nd healthy \n");
  CHECK(newrelic_reports(R"({"violations":[{"condition_name":"c","closed_at":null}]})") ==
        "c degraded \n");
}

TEST_CASE("the payload of a New Relic workflow is a report for each condition") {
  const std::string begin =
      R"({"id":"d1b1f3fd","issueUrl":"https://radar-api.service.newrelic.com/accounts/1/issues/0",)"
      R"("title":"Memory > 90","impactedEntities":["web"],"totalIncidents":2,"isCorrelated":true,)"
      R"("createdAt":1617881246260,"alertPolicyNames":["Web"],"alertConditionNames":["Memory","CPU"],)";
  CHECK(newrelic_reports(begin + R"("priority":"CRITICAL","state":"ACTIVATED"})") ==
        "Memory failed Memory > 90\nCPU failed Memory > 90\n");
  CHECK(newrelic_reports(begin + R"("priority":"CRITICAL","state":"CLOSED"})") ==
        "Memory healthy Memory > 90\nCPU healthy Memory > 90\n");
  for (const auto& [priority, status] :
       {std::pair{"HIGH", "failed"}, std::pair{"MEDIUM", "degraded"},
        std::pair{"LOW", "degraded"}}) {
    CHECK(newrelic_reports(R"({"conditionName":"c","state":"CREATED","priority":")" +
                           std::string(priority) + R"("})") == "c " + std::string(status) + " \n");
  }
  CHECK(newrelic_reports(R"({"issueUrl":"u","title":"t","state":"ACTIVATED"})") == "t failed t\n");
  CHECK(newrelic_reports(R"({"issueUrl":"u","alertPolicyNames":["p"],"state":"CLOSED"})") ==
        "p healthy \n");
}

TEST_CASE("what New Relic does not send is refused with what was expected") {
  const Error no_violation =
      error_of(read_newrelic(ok(parse_json(R"({"violations":[{"condition_name":"c"},{}]})"))));
  CHECK(no_violation.where == "payload.violations[1]");
  CHECK(no_violation.message.find("expected an object with condition_name") == 0);
  CHECK(newrelic_error("{}").message.starts_with(
      "not a payload of New Relic: expected an object with condition_name"));
  CHECK(newrelic_error(R"({"events":[]})").code == ErrorCode::parse);
  CHECK(newrelic_error(R"({"issueUrl":"u"})") ==
        Error{ErrorCode::parse, "tells neither a state nor a priority of the issue", "payload"});
  CHECK(newrelic_error(R"({"violations":7})").where == "payload.violations");
  CHECK(newrelic_error(R"({"violations":[{"label":"a"},[]]})").where == "payload.violations[1]");
  CHECK(newrelic_error(R"({"condition_name":{"a":1}})").where == "payload.condition_name");
  CHECK(
      newrelic_error(R"({"issueUrl":"u","state":"CLOSED","alertConditionNames":[["a"]]})").where ==
      "payload.alertConditionNames");
}

}  // namespace rz::health
