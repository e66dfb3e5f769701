#include <optional>
#include <string>
#include <string_view>

#include "rz/base/text.h"
#include "rz/health/webhook/payload.h"

namespace rz::health {
namespace {

/// What a monitor's event says happened to it, by the words of $ALERT_TRANSITION and of titles.
enum class Transition { none, recovered, triggered, warned };

Transition transition_from(std::string_view text) {
  std::string_view word = trim(text);
  const std::string lower = to_lower(word);
  word = lower;
  // Re-Triggered, Re-Warn, Re-No Data.
  if (word.starts_with("re-")) word.remove_prefix(3);
  if (word == "recovered" || word == "resolved" || word == "closed") return Transition::recovered;
  if (word == "triggered" || word == "renotify") return Transition::triggered;
  // Without data it is not known to be bad, and it is not good.
  if (word == "warn" || word == "no data") return Transition::warned;
  return Transition::none;
}

/// A title without its transition: `[Triggered on {host:a}] Load` is `Load on {host:a}`, so that
/// its recovery, and no other host's, is of the same component.
struct Title {
  std::string name;
  Transition transition = Transition::none;
};

Title read_title(std::string_view text) {
  Title title;
  std::string kept;
  std::string scope;
  std::string_view rest = text;
  while (rest.starts_with('[')) {
    const std::size_t end = rest.find(']');
    if (end == std::string_view::npos) break;
    const std::string_view inner = rest.substr(1, end - 1);
    const std::size_t on = inner.find(" on ");
    const Transition found = transition_from(inner.substr(0, on));
    if (found == Transition::none || title.transition != Transition::none) {
      kept.append(rest.substr(0, end + 1)).append(" ");
    } else {
      title.transition = found;
      if (on != std::string_view::npos) scope = inner.substr(on);
    }
    rest = trim(rest.substr(end + 1));
  }
  // Nothing but the transition is no name.
  if (title.transition == Transition::none || trim(rest).empty())
    return {std::string(text), title.transition};
  title.name = kept + std::string(rest) + scope;
  return title;
}

std::string status_of_transition(Transition transition) {
  switch (transition) {
    case Transition::triggered: return "failed";
    case Transition::warned: return "degraded";
    case Transition::recovered:
    case Transition::none: return "healthy";
  }
  return "failed";
}

// Every monitor sends one type for its alert and for its recovery, so it tells no severity.
bool tells_no_severity(std::string_view event_type) {
  const std::string type = to_lower(event_type);
  return type.ends_with("_monitor") || type.ends_with("_alert") || type == "service_check";
}

std::string status_of_event(PayloadObject& event, Transition in_title) {
  const auto word = event.text({"alert_transition"});
  const Transition told = word ? transition_from(*word) : Transition::none;
  if (told == Transition::recovered) return "healthy";
  if (const auto type = event.text({"alert_type"})) return status_of_alarm_severity(*type);
  const Transition transition = told != Transition::none ? told : in_title;
  // A word that is not known is no good news: see status_of_alarm_severity().
  if (word && transition == Transition::none) return status_of_alarm_severity(*word);
  if (transition != Transition::none) return status_of_transition(transition);
  const auto type = event.text({"event_type"});
  if (type && tells_no_severity(*type)) {
    event.refuse("event_type",
                 "does not tell whether the monitor was triggered or has recovered; expected "
                 "alert_type, alert_transition, or a title that begins with [Triggered] or "
                 "[Recovered]");
  }
  return status_of_severity(type.value_or("info"));
}

std::pair<std::string, ComponentReport> read_event(PayloadObject& event,
                                                   const std::optional<std::string>& check) {
  const auto text = event.text({"title", "alert_title"});
  const Title title = text ? read_title(*text) : Title{"datadog_event"};
  std::string status = status_of_event(event, title.transition);
  std::string message = event.text({"text", "message", "body", "alert_status"}).value_or("");
  return webhook_report("datadog", check.value_or(title.name), std::move(status),
                        std::move(message));
}

std::pair<std::string, ComponentReport> read_event_of_batch(PayloadObject& event) {
  return read_event(event, std::nullopt);
}

}  // namespace

Result<WebhookReports> read_datadog(const Value& payload) {
  PayloadObject object(payload, "");
  if (object.error()) return fail(*object.error());
  if (object.has("events")) {
    return read_batch(payload, "events",
                      {"alert_type", "event_type", "title", "alert_title", "alert_transition",
                       "text", "message", "body"},
                      read_event_of_batch);
  }
  if (!object.has("alert_type") && !object.has("event_type") && !object.has("title") &&
      !object.has("alert_transition")) {
    return fail(ErrorCode::parse,
                "not a payload of Datadog: expected an object with alert_type, event_type, title "
                "or alert_transition, or with a list of such as events",
                "payload");
  }
  WebhookReports reports{read_event(object, object.text({"check"}))};
  if (object.error()) return fail(*object.error());
  return reports;
}

}  // namespace rz::health
