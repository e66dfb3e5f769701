#include "rz/health/checks/http_check.h"

#include <doctest/doctest.h>

#include "support/descriptor_limit.h"
#include "support/http_server.h"

namespace rz::health {
namespace {

CheckResult check_url(std::string url, Millis timeout = Millis{60'000}) {
  HttpCheckOptions options;
  options.url = std::move(url);
  options.timeout = timeout;
  return make_http_check(options)->check();
}

TEST_CASE("the status is held against the expected one") {
  const test::HttpServer server([](const test::HttpServerRequest& request) {
    return test::HttpServerReply{.status = request.target == "/good" ? 200 : 503};
  });
  const auto good = check_url(server.url("/good"));
  CHECK(good.status == HealthStatus::healthy);
  CHECK(good.message == "status (200) == 200");
  const auto bad = check_url(server.url("/bad"));
  CHECK(bad.status == HealthStatus::degraded);
  CHECK(bad.message == "status (503) == 200");
  CHECK(*bad.metadata.find("status_code")->as_int() == 503);
}

TEST_CASE("no answer is unhealthy") {
  const test::ClosedPort closed;
  CHECK(check_url("http://127.0.0.1:" + std::to_string(closed.port()) + "/").status ==
        HealthStatus::unhealthy);
  const test::HttpServer silent(test::HttpServerReply{.delay = test::HttpServerReply::kForever});
  CHECK(check_url(silent.url(), Millis{50}).status == HealthStatus::unhealthy);
}

TEST_CASE("a machine without a descriptor left has asked nobody") {
  const test::ClosedPort closed;
  HttpCheckOptions options;
  options.url = "http://127.0.0.1:" + std::to_string(closed.port()) + "/";
  const auto asking = make_http_check(options);
  CHECK(asking->check().status == HealthStatus::unhealthy);
  const auto result = [&] {
    // For the check alone: a sanitizer needs a descriptor to look at what doctest captures.
    const test::NoDescriptors none;
    return asking->check();
  }();
  CAPTURE(result.message);
  CHECK(result.status == HealthStatus::unknown);
}

TEST_CASE("a request that cannot be asked says nothing of the service") {
  CHECK(check_url("ftp://127.0.0.1/").status == HealthStatus::unknown);
}

TEST_CASE("neither message nor metadata hold the secrets of the URL") {
  const test::ClosedPort closed;
  const auto result = check_url("http://user:hunter2@127.0.0.1:" + std::to_string(closed.port()) +
                                "/?token=hunter3");
  for (const std::string& text : {result.message, *result.metadata.find("url")->as_string()}) {
    CHECK(text.find("hunter") == std::string::npos);
  }
}

}  // namespace
}  // namespace rz::health
