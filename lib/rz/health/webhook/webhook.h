#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rz/base/result.h"
#include "rz/base/value.h"
#include "rz/health/component_registry.h"

/// Payloads that providers of monitoring send to a webhook, read as reports of components.
namespace rz::health {

/// Components and what is reported of them, in the order of the payload; a component may come
/// twice. For ComponentRegistry::report_all.
using WebhookReports = std::vector<std::pair<std::string, ComponentReport>>;

/// A payload comes from outside: a larger one is refused, and so is one with more reports.
inline constexpr std::size_t kMaxPayloadBytes = 1024 * 1024;
inline constexpr std::size_t kMaxWebhookReports = 1000;

/// A provider, and how its payload is read. The readers have no side effects.
struct WebhookProvider {
  std::string_view name;  ///< `datadog`, as on the command line.
  Result<WebhookReports> (*read)(const Value& payload);
};

/// All of them, in the order in which lists show them.
std::span<const WebhookProvider> webhook_providers();

/// The one of that name, in any case. Errors: invalid_argument, with the nearest.
Result<const WebhookProvider*> find_webhook_provider(std::string_view name);

/// The reports of a whole payload, or the reason why none of it can be taken.
/// Errors: invalid_argument (too large, too many), parse (not JSON, not a payload of the provider,
/// a member of a wrong type, two members of one name), with `where` in the payload.
Result<WebhookReports> read_webhook(const WebhookProvider& provider, std::string_view payload);

/// Datadog: the old system's payloads, and what its webhooks send today.
///
/// - One object with `alert_type`, `event_type`, `title` or `alert_transition`. Component: `check`,
///   else `title`, else `datadog_event`. Message: `text`, `message`, `body` or `alert_status`.
/// - `{"events": [...]}` of such; the component is the `title`.
///
/// A transition to recovered is healthy. Otherwise the severity is `alert_type`, else the
/// transition (`alert_transition`, or the title's first word in brackets, as in `[Triggered on
/// {host:a}]`), else `event_type`. The transition is taken out of the component's name, so that its
/// recovery is of the same one. A monitor's event that tells neither is refused.
Result<WebhookReports> read_datadog(const Value& payload);

/// New Relic: the old system's payloads, and what its workflows send today.
///
/// - One object with `condition_name` or `policy_name`: the component, in that order, else
///   `newrelic_alert`. Severity: `severity`, else `level`. Message: `details`, else `description`.
/// - `{"violations": [...]}`: component `condition_name`, else `newrelic_violation`; severity
///   `severity`, else `priority`, else warning; message `description`, else `label`.
/// - An issue of a workflow (`issueUrl`, `conditionName`, `alertConditionNames`,
///   `alertPolicyNames`): a report for each of its conditions; severity `priority`, message
///   `details`, `description` or `title`.
///
/// What is closed (`state`, `current_state`, `closed_at`) is healthy. What is open and names no
/// severity is failed.
Result<WebhookReports> read_newrelic(const Value& payload);

}  // namespace rz::health
