#include "rz/server/router.h"

#include <doctest/doctest.h>

#include "rz/base/json.h"
#include "sample.h"
#include "support/results.h"

namespace rz::server {
namespace {

using std::chrono::seconds;

struct RouterWorld {
  health::ServeOptions options;

  View view(std::shared_ptr<const Snapshot> snapshot) const {
    return {.options = options, .snapshot = std::move(snapshot)};
  }
  View of(HealthStatus status) const {
    return view(sample_snapshot({{"good"}, {"db", status, "refused by db.internal"}}));
  }
};

}  // namespace

TEST_CASE("the status is the code: degraded as configured, unhealthy and unknown are never a yes") {
  RouterWorld world;
  for (const char* path : {"/health", "/ready", "/ready/db"}) {
    CAPTURE(std::string(path));
    world.options.degraded_http = 200;
    CHECK(get(path, world.of(HealthStatus::healthy)).status == 200);
    CHECK(get(path, world.of(HealthStatus::degraded)).status == 200);
    CHECK(get(path, world.of(HealthStatus::unhealthy)).status == 503);
    CHECK(get(path, world.of(HealthStatus::unknown)).status == 503);
    world.options.degraded_http = 503;
    CHECK(get(path, world.of(HealthStatus::degraded)).status == 503);
    CHECK(get(path, world.of(HealthStatus::healthy)).status == 200);
  }
}

TEST_CASE("without results, and with results that are too old, nothing is a yes") {
  RouterWorld world;
  View view = world.view(nullptr);
  view.trouble = "no store";
  for (const char* path : {"/health", "/ready", "/ready/good"}) {
    CAPTURE(std::string(path));
    const Answer answer = get(path, view);
    CHECK(answer.status == 503);
    CHECK(answer.body->find("there are no results yet: no store") != std::string::npos);
  }
  View old = world.of(HealthStatus::healthy);
  old.age = world.options.max_age;
  CHECK(get("/ready", old).status == 200);
  old.age = world.options.max_age + std::chrono::nanoseconds{1};
  for (const char* path : {"/health", "/ready", "/ready/good"}) {
    CAPTURE(std::string(path));
    const Answer answer = get(path, old);
    CHECK(answer.status == 503);
    CHECK(answer.body->find("the newest results are 1m 30s old, and count for 1m30s") !=
          std::string::npos);
  }
  const Value health = ok(parse_json(*get("/health", old).body));
  CHECK(health.find("status")->is_null());
  CHECK(*health.find("schema")->as_string() == "rz.health/1");
}

TEST_CASE("/live follows nothing, and /metrics is answered always") {
  RouterWorld world;
  View old = world.of(HealthStatus::healthy);
  old.age = seconds{100'000};
  old.draining = true;
  for (const View& view : {world.view(nullptr), old, world.of(HealthStatus::unhealthy)}) {
    CHECK(get("/live", view).status == 200);
    CHECK(*get("/live?verbose", view).body == "ok\n");
    CHECK(get("/metrics", view).status == 200);
  }
}

TEST_CASE("metrics of checks are left out once they are too old") {
  RouterWorld world;
  View view = world.of(HealthStatus::healthy);
  CHECK(get("/metrics", view).body->find("rz_check_status") != std::string::npos);
  view.age = seconds{100'000};
  const Answer answer = get("/metrics", view);
  CHECK(answer.body->find("rz_check_status") == std::string::npos);
  CHECK(answer.body->find("rz_serve_results_usable 0\n") != std::string::npos);
  CHECK(answer.body->find("rz_serve_results_age_seconds 100000\n") != std::string::npos);
}

TEST_CASE("/health has three formats") {
  const RouterWorld world;
  const View view = world.of(HealthStatus::unhealthy);
  const Answer json = get("/health", view);
  CHECK(json.content_type == "application/json");
  CHECK(*ok(parse_json(*json.body)).find("status")->as_string() == "unhealthy");
  CHECK(header(json, "Vary") == "Accept, Authorization");
  const Answer health = get("/health", view, "application/health+json");
  CHECK(health.content_type == "application/health+json");
  CHECK(*ok(parse_json(*health.body)).find("status")->as_string() == "fail");
  const Answer text = get("/health", view, "text/plain");
  CHECK(text.content_type == "text/plain; charset=utf-8");
  CHECK(text.body->find("refused by db.internal") != std::string::npos);
  CHECK(get("/health?exclude=db", view).status == 400);
}

TEST_CASE("/metrics are OpenMetrics where a reader asks for that") {
  const RouterWorld world;
  const View view = world.of(HealthStatus::healthy);
  const Answer plain = get("/metrics", view);
  CHECK(plain.content_type == "text/plain; version=0.0.4; charset=utf-8");
  CHECK(plain.body->find("# EOF") == std::string::npos);
  const Answer open =
      get("/metrics", view,
          "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5");
  CHECK(open.content_type == "application/openmetrics-text; version=1.0.0; charset=utf-8");
  CHECK(open.body->ends_with("# EOF\n"));
  CHECK(open.body->find("# EOF\n") == open.body->size() - 6);
}

TEST_CASE("with details: token messages and measurements are for who shows the token") {
  RouterWorld world;
  world.options.token = "secret";
  world.options.details = health::Details::token;
  const View view = world.of(HealthStatus::unhealthy);
  for (const char* accept : {"application/json", "application/health+json", "text/plain"}) {
    CAPTURE(std::string(accept));
    const Answer withheld = get("/health", view, accept);
    CHECK(withheld.status == 503);
    CHECK(withheld.body->find("db") != std::string::npos);
    CHECK(withheld.body->find("internal") == std::string::npos);
    CHECK(get("/health", view, accept, "wrong").body->find("internal") == std::string::npos);
    CHECK(get("/health", view, accept, "secret").body->find("db.internal") != std::string::npos);
  }
  CHECK(get("/", view).body->find("internal") == std::string::npos);
  CHECK(get("/", view, "", "secret").body->find("db.internal") != std::string::npos);
}

TEST_CASE("other methods, other paths, and targets that cannot be read") {
  const RouterWorld world;
  const View view = world.of(HealthStatus::healthy);
  for (const char* path : {"/", "/health", "/ready", "/ready/db", "/live", "/metrics"}) {
    CAPTURE(std::string(path));
    const Answer wrong = answer_of({.method = "DELETE", .target = path}, view);
    CHECK(wrong.status == 405);
    CHECK(header(wrong, "Allow") == "GET, HEAD");
    CHECK(answer_of({.method = "HEAD", .target = path}, view).status == 200);
  }
  for (const char* path : {"/healthz", "/live/", "/ready/", "/monitoring", "/monitoring/webhook",
                           "/monitoring//webhook", "/ready/nobody"}) {
    CAPTURE(std::string(path));
    CHECK(get(path, view).status == 404);
  }
  CHECK(get("*", view).status == 400);
  CHECK(get("/health?%", view).status == 400);
}

TEST_CASE("a webhook takes POST, from this machine or with the token") {
  RouterWorld world;
  const View view = world.view(nullptr);
  Request request{.method = "POST", .target = "/monitoring/datadog/webhook", .body = "{}"};
  const auto code = [&] {
    const auto routed = route(request, view);
    const auto* answer = std::get_if<Answer>(&routed);
    return answer != nullptr ? answer->status : 0;
  };
  CHECK(code() == 0);
  CHECK(std::get<Delivery>(route(request, view)).payload == "{}");
  CHECK(std::get<Delivery>(route(request, view)).provider->name == "datadog");

  SUBCASE("without a token nobody else may, and no web page") {
    request.local = false;
    CHECK(code() == 403);
    request.local = true;
    request.origin = "https://evil.example";
    CHECK(code() == 403);
    request.origin = "null";
    CHECK(code() == 403);
  }
  SUBCASE("with a token it must be shown, also here") {
    world.options.token = "secret";
    CHECK(code() == 401);
    CHECK(header(answer_of(request, view), "WWW-Authenticate") == "Bearer realm=\"rz health\"");
    request.authorization = "Bearer secre";
    CHECK(code() == 401);
    request.authorization = "Bearer secret";
    request.local = false;
    request.origin = "https://any.example";
    CHECK(code() == 0);
  }
  SUBCASE("other methods and providers") {
    request.method = "GET";
    CHECK(code() == 405);
    CHECK(header(answer_of(request, view), "Allow") == "POST");
    request = {.method = "POST", .target = "/monitoring/nagios/webhook"};
    CHECK(code() == 404);
    request.target = "/monitoring/newrelic/webhook?x=1";
    CHECK(code() == 0);
  }
}

}  // namespace rz::server
