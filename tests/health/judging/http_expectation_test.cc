#include "rz/health/judging/http_expectation.h"

#include <doctest/doctest.h>

#include <string>
#include <utility>

#include "support/print.h"
#include "support/results.h"

namespace rz::health {
namespace {

using enum HealthStatus;

net::HttpResponse response(int status, std::string body = {}, bool cut = false) {
  net::HttpResponse made;
  made.status = status;
  made.body = std::move(body);
  made.body_cut = cut;
  return made;
}

std::pair<HealthStatus, std::string> judged(HttpExpectation expectation,
                                            const net::HttpResponse& answer) {
  Findings findings;
  ok(HttpJudge::make(std::move(expectation))).judge(answer, findings);
  return {findings.status(), findings.text()};
}

ValueCondition when(const std::string& text) {
  const auto read = [&](VariableType type) -> std::optional<Condition> {
    auto parsed = parse_condition(text, {.variables = {{"value", type}}});
    return parsed ? std::optional(*std::move(parsed)) : std::nullopt;
  };
  return {read(VariableType::number), read(VariableType::string), read(VariableType::boolean)};
}

std::pair<HealthStatus, std::string> judged_json(const std::string& pointer,
                                                 const std::string& condition,
                                                 const std::string& body) {
  return judged({.json = {{pointer, when(condition)}}}, response(200, body));
}

using Judged = std::pair<HealthStatus, std::string>;

TEST_CASE("a status is a number or a range of them") {
  CHECK(parse_status_range("204") == StatusRange{204, 204});
  CHECK(parse_status_range("300-399") == StatusRange{300, 399});
  for (const char* wrong :
       {"", "2", "99", "600", "399-300", "200-", "-200", "2xx", "200-300-400"}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_status_range(wrong).has_value());
  }
}

TEST_CASE("an unexpected status is degraded, and unhealthy if the server says that it failed") {
  const HttpExpectation some{.status = {{200, 200}, {204, 204}, {300, 399}}};
  CHECK(judged(some, response(204)) == Judged{healthy, ""});
  CHECK(judged(some, response(302)) == Judged{healthy, ""});
  CHECK(judged(some, response(404)) == Judged{degraded, "got 404, expected 200, 204 or 300-399"});
  CHECK(judged(some, response(500)) == Judged{unhealthy, "got 500, expected 200, 204 or 300-399"});
  CHECK(judged({}, response(201)) == Judged{degraded, "got 201, expected 200"});
  CHECK(judged({.status = {{503, 503}}}, response(503)) == Judged{healthy, ""});
  CHECK(judged({.status = {{503, 503}}}, response(200)) ==
        Judged{degraded, "got 200, expected 503"});
  // What an error page holds is not looked at.
  CHECK(judged({.contains = {"ok"}}, response(500, "no")) ==
        Judged{unhealthy, "got 500, expected 200"});
}

TEST_CASE("of a body that cannot be looked into nothing is known") {
  auto encoded = response(200, "\x1f\x8b");
  encoded.headers = {{"content-encoding", "gzip"}};
  const Judged unread{unknown,
                      "the body is encoded as gzip, so that what is expected of it cannot be told"};
  CHECK(judged({.contains = {"ok"}}, encoded) == unread);
  CHECK(judged({.not_contains = {"error"}}, encoded) == unread);
  CHECK(judged({.not_matches = {"error"}}, encoded) == unread);
  CHECK(judged({.json = {{"/a", when("value > 1")}}}, encoded) == unread);
  CHECK(judged({}, encoded) == Judged{healthy, ""});
  encoded.headers = {{"content-encoding", "identity"}};
  CHECK(judged({.not_contains = {"error"}}, encoded) == Judged{healthy, ""});
}

TEST_CASE("a member of the body that stands twice is nobody's answer") {
  const Judged twice{unknown, "/status stands twice in the body; which of them is meant?"};
  const std::string body = R"({"status":"up","status":"down","a":[{"b":1}],"other":1,"other":2})";
  CHECK(judged_json("/status", "value == 'down'", body) == twice);
  CHECK(judged_json("/status", "value == 'up'", body) == twice);
  CHECK(judged_json("/a/0/b", "value == 1", body) == Judged{healthy, ""});
  CHECK(judged_json("/o/x", "value == 1", R"({"o":{"x":1},"o":{"x":1}})") ==
        Judged{unknown, "/o stands twice in the body; which of them is meant?"});
}

TEST_CASE("texts and patterns are looked for in the body, and named by their keys") {
  const auto body = response(200, "state: ready\nqueue: 5\n");
  CHECK(judged({.contains = {"ready", "queue"}}, body) == Judged{healthy, ""});
  CHECK(judged({.contains = {"ready", "hunter2"}}, body) ==
        Judged{degraded, "the body does not hold expect.contains[1]"});
  CHECK(judged({.not_contains = {"error"}}, body) == Judged{healthy, ""});
  CHECK(judged({.not_contains = {"ready"}}, body) ==
        Judged{degraded, "the body holds what expect.not_contains[0] excludes"});
  CHECK(judged({.matches = {"^queue: [0-9]$"}}, body) == Judged{healthy, ""});
  CHECK(judged({.matches = {"^ready"}}, body) ==
        Judged{degraded, "the body does not hold expect.matches[0]"});
  CHECK(judged({.not_matches = {"(?i)READY"}}, body) ==
        Judged{degraded, "the body holds what expect.not_matches[0] excludes"});
  CHECK(judged({.contains = {"z"}, .not_contains = {"ready"}}, response(200, "ready")) ==
        Judged{degraded,
               "the body does not hold expect.contains[0]; the body holds what "
               "expect.not_contains[0] excludes"});
}

TEST_CASE("what may be in the rest of a body is unknown") {
  const auto part = response(200, "first part", true);
  CHECK(judged({.contains = {"first"}}, part) == Judged{healthy, ""});
  CHECK(judged({.contains = {"last"}}, part) ==
        Judged{unknown,
               "the body does not hold expect.contains[0] in its first 10 B; the rest was not "
               "read"});
  CHECK(judged({.not_contains = {"first"}}, part).first == degraded);
  CHECK(judged({.not_contains = {"last"}}, part).first == unknown);
  CHECK(judged({.json = {{"", when("value == 1")}}}, part).first == unknown);
  CHECK(judged({}, part) == Judged{healthy, ""});
}

TEST_CASE("values of a JSON body are compared by a condition") {
  const std::string body = R"({"queue": {"depth": 250}, "state": "up", "ready": true, "ratio": 0.5,
    "none": null, "list": [1, 2], "big": 123456789012345678901234567890})";
  const auto check = [&](const std::string& pointer, const std::string& condition) {
    return judged_json(pointer, condition, body);
  };
  CHECK(check("/queue/depth", "value < 1000") == Judged{healthy, ""});
  CHECK(check("/queue/depth", "value < 100") ==
        Judged{degraded, "/queue/depth is 250, expected value < 100"});
  CHECK(check("/ratio", "value > 0.25 and value < 0.75") == Judged{healthy, ""});
  CHECK(check("/state", R"(value == "up")") == Judged{healthy, ""});
  CHECK(check("/state", R"(value in ["down", "gone"])") ==
        Judged{degraded, R"(/state is "up", expected value in ["down", "gone"])"});
  CHECK(check("/ready", "value == true") == Judged{healthy, ""});
  CHECK(check("/ready", "value == false") ==
        Judged{degraded, "/ready is true, expected value == false"});
  CHECK(check("/list/1", "value == 2") == Judged{healthy, ""});
  CHECK(check("/list", "value == 2") == Judged{degraded, "/list is an array, expected value == 2"});
  CHECK(check("/none", "value == 2") == Judged{degraded, "/none is null, expected value == 2"});
  CHECK(check("/gone", "value == 2") ==
        Judged{degraded, "/gone is missing in the body, expected value == 2"});
  CHECK(check("/state", "value < 100").first == degraded);
  CHECK(judged_json("", "value == 5", "5") == Judged{healthy, ""});
  CHECK(judged_json("/a", "value == 5", "<html>") ==
        Judged{degraded, "the body is not JSON (body:1:1)"});
}

TEST_CASE("a value from outside is bounded and cannot steer a terminal") {
  const std::string long_text(1'000, 'x');
  const auto [status, message] =
      judged_json("/a", R"(value == "b")", R"({"a": "\u001b[31m)" + long_text + "\"}");
  CHECK(status == degraded);
  CHECK(message.size() < 200);
  CHECK(message.find('\x1b') == std::string::npos);
}

}  // namespace
}  // namespace rz::health
