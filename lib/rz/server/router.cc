#include "rz/server/router.h"

#include <algorithm>
#include <array>

#include "rz/base/duration.h"
#include "rz/base/json.h"
#include "rz/base/text.h"
#include "rz/base/timestamp.h"
#include "rz/reports/failure.h"
#include "rz/reports/formats.h"
#include "rz/server/readiness.h"
#include "rz/server/server_metrics.h"
#include "rz/server/status_page.h"
#include "rz/server/webhook_answer.h"

namespace rz::server {
namespace {

constexpr std::string_view kWebhooks = "/monitoring/";
constexpr std::string_view kWebhookEnd = "/webhook";

bool sees_details(const Request& request, const View& view) {
  return view.options.details == health::Details::always ||
         shows_token(request.authorization, view.options.token);
}

template <class Format>
Answer failure_in(const Error& error) {
  reports::StringPage page;
  Format::write(reports::Failure{"rz.health/1", "status", error}, page);
  return make_answer(503, Format::kMediaType, page.text());
}

Answer cannot_tell_in(std::size_t format, const Error& error) {
  if (format == 0) return failure_in<reports::Json>(error);
  if (format == 1) return failure_in<reports::HealthJson>(error);
  return text_answer(503, "unknown: " + printable(to_string(error)));
}

Answer health(const Request& request, const Target& target, const View& view) {
  // One that was left out of the status but not of the document would contradict it.
  if (target.has("exclude")) {
    return text_answer(400, "/health takes no 'exclude'; /ready does");
  }
  const std::size_t format =
      preferred_type(request.accept, {"application/json", "application/health+json", "text/plain"});
  Answer answer;
  if (const auto error = cannot_tell(view)) {
    answer = cannot_tell_in(format, *error);
  } else {
    constexpr std::string_view kTypes[] = {
        reports::Json::kMediaType, reports::HealthJson::kMediaType, reports::Text::kMediaType};
    const Snapshot& snapshot = *view.snapshot;
    const HealthBodies& bodies = sees_details(request, view) ? snapshot.full : snapshot.withheld;
    answer = {.status = status_code(snapshot, view.options),
              .content_type = std::string(kTypes[format]),
              .body = bodies.by_format[format]};
  }
  answer.headers.emplace_back("Vary", "Accept, Authorization");
  return answer;
}

// It never follows dependencies: who restarts what is not live would restart it for a database's
// sake.
Answer live(const Request&, const Target&, const View&) { return text_answer(200, "ok"); }

Answer metrics(const Request& request, const Target&, const View& view) {
  const bool openmetrics =
      preferred_type(request.accept, {"text/plain", "application/openmetrics-text"}) == 1;
  // Results that are too old would look like those of now.
  std::string text;
  if (!cannot_tell(view)) {
    text = openmetrics ? view.snapshot->openmetrics : view.snapshot->prometheus;
  }
  text += server_metrics(view, openmetrics);
  Answer answer = make_answer(
      200, openmetrics ? reports::OpenMetrics::kMediaType : reports::Prometheus::kMediaType,
      std::move(text));
  answer.headers.emplace_back("Vary", "Accept");
  return answer;
}

Answer page(const Request& request, const Target&, const View& view) {
  PageHead head;
  head.refresh_seconds = static_cast<int>(std::max<std::int64_t>(
      1, std::chrono::ceil<std::chrono::seconds>(view.options.refresh).count()));
  std::string_view table;
  if (const auto error = cannot_tell(view)) {
    head.summary = to_string(*error);
  } else {
    const Snapshot& snapshot = *view.snapshot;
    head.status = snapshot.status;
    head.summary = snapshot.counts + "; checked at " + format_timestamp(snapshot.begun);
    table = sees_details(request, view) ? snapshot.page : snapshot.page_withheld;
  }
  // A browser shows the page whatever its code, and a person reads the heading.
  Answer answer = make_answer(200, reports::Html::kMediaType, status_page(head, table));
  answer.headers.emplace_back("Content-Security-Policy", page_policy());
  answer.headers.emplace_back("Referrer-Policy", "no-referrer");
  answer.headers.emplace_back("Vary", "Authorization");
  return answer;
}

/// A path that is read.
struct Route {
  std::string_view path;
  Answer (*answer)(const Request&, const Target&, const View&);
};
constexpr Route kRoutes[] = {{"/", page},
                             {"/health", health},
                             {"/ready", readiness},
                             {"/live", live},
                             {"/metrics", metrics}};

Answer wrong_method(std::string_view allowed) {
  Answer answer = text_answer(405, "this path takes " + std::string(allowed));
  answer.headers.emplace_back("Allow", allowed);
  return answer;
}

Answer not_found() {
  return text_answer(404, "there are /, /health, /ready, /ready/NAME, /live and /metrics");
}

std::variant<Answer, Delivery> webhook(const Request& request, std::string_view path,
                                       const View& view) {
  std::string_view name = path.substr(kWebhooks.size());
  name.remove_suffix(kWebhookEnd.size());
  const auto provider = health::find_webhook_provider(name);
  if (!provider) return error_answer(404, provider.error());
  if (request.method != "POST") return wrong_method("POST");
  if (auto refused = refuse_sender(request, view.options)) return *std::move(refused);
  return Delivery{*provider, request.body};
}

bool is_webhook(std::string_view path) {
  return path.starts_with(kWebhooks) && path.ends_with(kWebhookEnd) &&
         path.size() > kWebhooks.size() + kWebhookEnd.size();
}

}  // namespace

std::optional<Error> cannot_tell(const View& view) {
  const std::string why = view.trouble.empty() ? "" : ": " + view.trouble;
  if (!view.snapshot) {
    return Error{ErrorCode::unavailable, "there are no results yet" + why, {}};
  }
  if (view.age <= view.options.max_age) return std::nullopt;
  return Error{ErrorCode::timeout,
               "the newest results are " + humanize_duration(std::chrono::floor<Millis>(view.age)) +
                   " old, and count for " + format_duration(view.options.max_age) + why,
               {}};
}

std::variant<Answer, Delivery> route(const Request& request, const View& view) {
  const auto target = parse_target(request.target);
  if (!target) return text_answer(400, "the path or the query of the request cannot be read");
  if (is_webhook(target->path)) return webhook(request, target->path, view);
  const auto* known = std::find_if(std::begin(kRoutes), std::end(kRoutes),
                                   [&](const Route& each) { return each.path == target->path; });
  const bool part = target->path.starts_with(kReadyPart);
  if (known == std::end(kRoutes) && !part) return not_found();
  if (request.method != "GET" && request.method != "HEAD") return wrong_method("GET, HEAD");
  return part ? readiness(request, *target, view) : known->answer(request, *target, view);
}

}  // namespace rz::server
