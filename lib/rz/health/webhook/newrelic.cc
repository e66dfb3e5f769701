#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "rz/base/text.h"
#include "rz/health/webhook/payload.h"

namespace rz::health {
namespace {

bool is_closed(const std::optional<std::string>& state) {
  const std::string word = to_lower(state.value_or(""));
  return word == "closed" || word == "resolved" || word == "recovered";
}

bool is_open(const std::optional<std::string>& state) {
  const std::string word = to_lower(state.value_or(""));
  return word == "open" || word == "opened" || word == "created" || word == "activated" ||
         word == "acknowledged";
}

// An issue has one of four priorities: it is open, so none of them is healthy.
std::string status_of_priority(const std::string& priority) {
  const std::string word = to_lower(priority);
  if (word == "high") return "failed";
  if (word == "medium" || word == "low") return "degraded";
  return status_of_alarm_severity(priority);
}

std::string status_of_alert(PayloadObject& object, const std::optional<std::string>& severity,
                            const std::string& otherwise) {
  const auto state = object.text({"state", "current_state"});
  if (is_closed(state) || object.set("closed_at")) return "healthy";
  if (severity) return status_of_alarm_severity(*severity);
  if (const auto priority = object.text({"priority"})) return status_of_priority(*priority);
  return is_open(state) ? "failed" : status_of_alarm_severity(otherwise);
}

std::pair<std::string, ComponentReport> read_violation(PayloadObject& violation) {
  std::string status = status_of_alert(violation, violation.text({"severity"}), "warning");
  return webhook_report("newrelic",
                        violation.text({"condition_name"}).value_or("newrelic_violation"),
                        std::move(status), violation.text({"description", "label"}).value_or(""));
}

std::pair<std::string, ComponentReport> read_alert(PayloadObject& alert) {
  std::string status = status_of_alert(alert, alert.text({"severity", "level"}), "info");
  return webhook_report("newrelic",
                        alert.text({"condition_name", "policy_name"}).value_or("newrelic_alert"),
                        std::move(status), alert.text({"details", "description"}).value_or(""));
}

// An issue may be about several conditions; it closes when all of them have.
WebhookReports read_issue(PayloadObject& issue) {
  std::vector<std::string> names;
  for (const char* key :
       {"conditionName", "alertConditionNames", "policyName", "alertPolicyNames", "title"}) {
    if (names.empty()) names = issue.texts(key);
  }
  if (names.empty()) names = {"newrelic_alert"};
  const auto severity = issue.text({"severity"});
  if (!severity && !issue.has("state") && !issue.has("priority")) {
    issue.refuse("", "tells neither a state nor a priority of the issue");
  }
  const std::string status = status_of_alert(issue, severity, "critical");
  const std::string message = issue.text({"details", "description", "title"}).value_or("");
  WebhookReports reports;
  for (std::string& name : names) {
    reports.push_back(webhook_report("newrelic", std::move(name), status, message));
  }
  return reports;
}

}  // namespace

Result<WebhookReports> read_newrelic(const Value& payload) {
  PayloadObject object(payload, "");
  if (object.error()) return fail(*object.error());
  if (object.has("violations")) {
    return read_batch(payload, "violations",
                      {"condition_name", "policy_name", "severity", "priority", "state",
                       "current_state", "closed_at", "description", "label"},
                      read_violation);
  }
  WebhookReports reports;
  if (object.has("condition_name") || object.has("policy_name")) {
    reports = {read_alert(object)};
  } else if (object.has("issueUrl") || object.has("conditionName") ||
             object.has("alertConditionNames") || object.has("alertPolicyNames")) {
    reports = read_issue(object);
  } else {
    return fail(ErrorCode::parse,
                "not a payload of New Relic: expected an object with condition_name, policy_name, "
                "issueUrl, conditionName, alertConditionNames or alertPolicyNames, or with a list "
                "as violations",
                "payload");
  }
  if (object.error()) return fail(*object.error());
  return reports;
}

}  // namespace rz::health
