// The payloads of the old system, and those of Datadog's own documentation of its webhooks.

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "rz/base/json.h"
#include "rz/health/webhook/webhook.h"
#include "support/results.h"

namespace rz::health {
namespace {

WebhookReports datadog_reports(const std::string& payload) {
  return ok(read_datadog(ok(parse_json(payload))));
}

/// `component status message` of the only report.
std::string datadog_report(const std::string& payload) {
  const auto reports = datadog_reports(payload);
  REQUIRE(reports.size() == 1);
  return reports[0].first + " " + reports[0].second.status + " " + reports[0].second.message;
}

Error datadog_error(const std::string& payload) {
  return error_of(read_datadog(ok(parse_json(payload))));
}

}  // namespace

TEST_CASE("an event of Datadog names its component, its severity and its message") {
  struct Case {
    const char* payload;
    const char* report;
  };
  const Case cases[] = {
      {R"({"check":"db","title":"t","alert_type":"error","text":"a","message":"b","body":"c"})",
       "db failed a"},
      {R"({"title":"t","alert_type":"warning","message":"b","body":"c"})", "t degraded b"},
      {R"({"alert_type":"success","body":"c"})", "datadog_event healthy c"},
      {R"({"title":"t","alert_type":"info"})", "t healthy "},
      {R"({"title":"t"})", "t healthy "},
      {R"({"title":"t","event_type":"CRITICAL"})", "t failed "},
      {R"({"title":"t","event_type":"Failure"})", "t failed "},
      {R"({"title":"t","event_type":"warn"})", "t degraded "},
      {R"({"title":"t","event_type":"Degraded","alert_type":""})", "t degraded "},
      {R"({"title":"t","event_type":"deploy"})", "t healthy "},
      // The type of the alert goes before that of the event.
      {R"({"title":"t","alert_type":"info","event_type":"error"})", "t healthy "},
      // An empty text, or null, is missing.
      {R"({"check":"","title":null,"alert_type":"error","text":"","body":7})",
       "datadog_event failed 7"},
  };
  for (const Case& each : cases) {
    CAPTURE(each.payload);
    CHECK(datadog_report(each.payload) == each.report);
  }
}

TEST_CASE("a batch of Datadog is named by its titles") {
  const auto reports = datadog_reports(
      R"({"events":[{"check":"x","title":"a","alert_type":"error"},{"title":"b"},{"text":"c"}]})");
  REQUIRE(reports.size() == 3);
  CHECK(reports[0].first == "a");
  CHECK(reports[0].second.status == "failed");
  CHECK(reports[1].first == "b");
  CHECK(reports[2].first == "datadog_event");
  CHECK(datadog_reports(R"({"events":[]})").empty());
}

TEST_CASE("the default payload of a Datadog webhook") {
  const std::string rest =
      R"(,"id":"8306082202796025694","last_updated":"1759343824000","date":"1759343824000",)"
      R"("event_type":"query_alert_monitor","org":{"id":"1","name":"o"},"body":"%%%\nCPU"})";
  CHECK(datadog_report(R"({"title":"[Triggered] CPU is high")" + rest) ==
        "CPU is high failed %%%\nCPU");
  CHECK(datadog_report(R"({"title":"[Recovered] CPU is high")" + rest) ==
        "CPU is high healthy %%%\nCPU");
  CHECK(datadog_report(R"({"title":"[Re-Triggered on {host:a}] CPU is high")" + rest) ==
        "CPU is high on {host:a} failed %%%\nCPU");
  CHECK(datadog_report(R"({"title":"[P2] [Warn on {host:a}] CPU is high")" + rest) ==
        "[P2] CPU is high on {host:a} degraded %%%\nCPU");
  CHECK(datadog_report(R"({"title":"[Triggered] [P2] CPU is high")" + rest) ==
        "[P2] CPU is high failed %%%\nCPU");
  CHECK(datadog_report(R"({"title":"[No Data] CPU is high")" + rest) ==
        "CPU is high degraded %%%\nCPU");
  // A monitor has one type for its alert and for its recovery: that is no yes.
  const Error untold = datadog_error(R"({"title":"[web] CPU is high")" + rest);
  CHECK(untold.code == ErrorCode::parse);
  CHECK(untold.where == "payload.event_type");
  CHECK(untold.message.find("[Triggered]") != std::string::npos);
}

TEST_CASE("a payload with the transition of Datadog's variables") {
  CHECK(datadog_report(R"({"title":"t","alert_transition":"Recovered","alert_type":"success"})") ==
        "t healthy ");
  CHECK(datadog_report(R"({"title":"t","alert_transition":"Recovered","alert_type":"error"})") ==
        "t healthy ");
  CHECK(datadog_report(R"({"title":"t","alert_transition":"Triggered","alert_status":"5 > 1"})") ==
        "t failed 5 > 1");
  CHECK(datadog_report(R"({"title":"t","alert_transition":"Re-Warn"})") == "t degraded ");
  CHECK(datadog_report(R"({"alert_title":"t","alert_transition":"Renotify"})") == "t failed ");
  CHECK(datadog_report(R"({"title":"t","alert_transition":"weird"})") == "t degraded ");
  CHECK(datadog_report(R"({"title":"t","alert_transition":"weird","event_type":"x"})") ==
        "t degraded ");
  CHECK(datadog_report(R"({"title":"[Recovered] t","alert_transition":"weird"})") == "t healthy ");
  CHECK(datadog_report(R"({"title":"[Recovered]","alert_type":"success"})") ==
        "[Recovered] healthy ");
  CHECK(datadog_report(R"({"title":"[open","alert_type":"error"})") == "[open failed ");
}

TEST_CASE("an alert type that rz does not know is not healthy, and an event type may be anything") {
  for (const char* word : {"FATAL", "P1", "emergency", "whatever"}) {
    CHECK(datadog_report(R"({"title":"t","alert_type":")" + std::string(word) + R"("})") ==
          "t degraded ");
  }
  for (const char* word : {"info", "Success", "OK", "user_update"}) {
    CHECK(datadog_report(R"({"title":"t","alert_type":")" + std::string(word) + R"("})") ==
          "t healthy ");
  }
  CHECK(datadog_report(R"({"title":"t","event_type":"deploy"})") == "t healthy ");
}

TEST_CASE("what Datadog does not send is refused with what was expected") {
  const std::string expected =
      "not a payload of Datadog: expected an object with alert_type, event_type, title or "
      "alert_transition, or with a list of such as events";
  CHECK(datadog_error("{}") == Error{ErrorCode::parse, expected, "payload"});
  CHECK(datadog_error(R"({"violations":[]})").message == expected);
  CHECK(datadog_error("[]").message == "expected an object, but this is array");
  CHECK(datadog_error(R"({"events":{}})") ==
        Error{ErrorCode::parse, "expected a list, but this is of type object", "payload.events"});
  CHECK(datadog_error(R"({"events":[{"title":"a"},7]})").where == "payload.events[1]");
  CHECK(datadog_error(R"({"events":[{"title":["a"]}]})") ==
        Error{ErrorCode::parse, "expected a text, but this is of type array",
              "payload.events[0].title"});
  CHECK(datadog_error(R"({"events":[{"title":"z"},{"nonsense":1}]})") ==
        Error{ErrorCode::parse,
              "expected an object with alert_type, event_type, title, alert_title, "
              "alert_transition, text, message or body",
              "payload.events[1]"});
  CHECK(datadog_error(R"({"title":"a","title":"b"})").message ==
        "stands here twice; which of them is meant?");
}

}  // namespace rz::health
