#include "rz/health/checks/http_check.h"

#include <doctest/doctest.h>
#include <sys/socket.h>

#include <string>
#include <vector>

#include "rz/base/json.h"
#include "rz/base/text.h"
#include "rz/net/transport.h"
#include "support/certificates.h"
#include "support/descriptor_limit.h"
#include "support/endless_server.h"
#include "support/http_server.h"
#include "support/patience.h"
#include "support/print.h"
#include "support/scripted_server.h"
#include "support/server_process.h"
#include "support/temp_folder.h"

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
    return test::HttpServerReply{.status = static_cast<int>(*parse_int(request.target.substr(1)))};
  });
  const auto good = check_url(server.url("/200"));
  CHECK(good.status == HealthStatus::healthy);
  CHECK(good.message == "got 200");
  CHECK(*good.metadata.find("http_version")->as_string() == "1.1");
  CHECK(good.metadata.find("first_byte_ms")->is_number());
  const auto bad = check_url(server.url("/503"));
  CHECK(bad.status == HealthStatus::unhealthy);
  CHECK(bad.message == "got 503, expected 200");
  CHECK(*bad.metadata.find("status_code")->as_int() == 503);
  CHECK(*bad.metadata.find("expected_status")->as_int() == 200);
  const auto missing = check_url(server.url("/404"));
  CHECK(missing.status == HealthStatus::degraded);
  CHECK(missing.message == "got 404, expected 200");
}

TEST_CASE("the request is what the options say") {
  const test::HttpServer server(test::HttpServerReply{.body = R"({"depth": 3})"});
  HttpCheckOptions options;
  options.url = server.url("/q");
  options.timeout = test::kPatience;
  options.method = "POST";
  options.headers = {{"Content-Type", "application/json"}};
  options.body = "{}";
  options.user = "me";
  options.password = "hunter2";
  options.expect.contains = {"depth"};
  options.expect.matches = {"[0-9]"};
  const auto result = make_http_check(options)->check();
  CHECK(result.status == HealthStatus::healthy);
  CHECK(result.message == "got 200");
  const auto request = server.requests().at(0);
  CHECK(request.method == "POST");
  CHECK(request.body == "{}");
  CHECK(request.header("content-type") == "application/json");
  CHECK(request.header("authorization") == "Basic bWU6aHVudGVyMg==");
}

TEST_CASE("a part of the request that takes too long makes it worse") {
  const test::HttpServer server(test::HttpServerReply{.delay = Millis{30}});
  HttpCheckOptions options;
  options.url = server.url();
  options.timeout = test::kPatience;
  options.phases.first_byte.warning = Millis{20};
  const auto slow = make_http_check(options)->check();
  CHECK(slow.status == HealthStatus::degraded);
  CHECK(slow.message.starts_with("got 200, but the first byte took "));
  CHECK(slow.message.ends_with(" (warning from 20ms)"));
  options.phases.first_byte = {.warning = {}, .critical = Millis{20}};
  CHECK(make_http_check(options)->check().status == HealthStatus::unhealthy);
  // Sending a body is no part of the answer.
  options.method = "POST";
  options.body = std::string(100'000, 'x');
  CHECK(make_http_check(options)->check().status == HealthStatus::unhealthy);
  options.phases = {};
  options.phases.tls.warning = Millis{1};
  CHECK(make_http_check(options)->check().status == HealthStatus::healthy);
}

TEST_CASE("a provisional answer is not the one whose first byte is waited for") {
  const test::ScriptedServer server({test::await("\r\n\r\nbody"),
                                     test::say("HTTP/1.1 100 Continue\r\n\r\n"), test::pause(),
                                     test::say("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")});
  HttpCheckOptions options;
  options.url = "http://" + server.address() + "/";
  options.method = "POST";
  options.body = "body";
  options.timeout = test::kPatience;
  options.phases.first_byte.warning = Millis{20};
  const auto late = make_http_check(options)->check();
  CHECK(late.status == HealthStatus::degraded);
  CHECK(late.message.starts_with("got 200, but the first byte took "));
}

TEST_CASE("the days that the certificate has left are part of the same check") {
  const TempFolder folder;
  test::Certificates authority;
  const auto files = authority.issue("server", "IP:127.0.0.1", -1, 20);
  const int port = test::unused_port(SOCK_STREAM);
  test::ServerProcess server({"openssl", "s_server", "-accept", "127.0.0.1:" + std::to_string(port),
                              "-cert", files.cert, "-key", files.key, "-www", "-quiet"},
                             folder / "log");
  server.wait_until([&] {
    return net::connect_tcp("127.0.0.1", static_cast<std::uint16_t>(port),
                            std::chrono::steady_clock::now() + test::kPatience)
        .has_value();
  });
  HttpCheckOptions options;
  options.url = "https://127.0.0.1:" + std::to_string(port) + "/";
  options.timeout = test::kPatience;
  options.tls.ca = authority.ca();
  const auto left = [&](std::int64_t warning, std::int64_t critical) {
    options.certificate_days = {warning, critical};
    return make_http_check(options)->check();
  };
  CHECK(left(7, 3).status == HealthStatus::healthy);
  CHECK(left(7, 3).message == "got 200");
  const auto early = left(28, 3);
  CHECK(early.status == HealthStatus::degraded);
  CHECK(early.message.find("(warning below 28 days)") != std::string::npos);
  CHECK(early.metadata.find("certificate_days")->is_number());
  CHECK(left(40, 28).status == HealthStatus::unhealthy);
  options.tls = {};
  const auto unknown_authority = left(7, 3);
  CHECK(unknown_authority.status == HealthStatus::unhealthy);
  CHECK(unknown_authority.message.find(
            "the server's certificate is not from a trusted authority") != std::string::npos);
}

// What a server that means harm may send, and what the check says of it.
struct Hostile {
  std::string what;
  test::HttpServerReply reply;
  HealthStatus status;
  const char* message;  ///< After the URL; a part of it.
};

TEST_CASE("a hostile server is judged, and holds nothing up") {
  using enum HealthStatus;
  const std::string head = "HTTP/1.1 200 OK\r\n";
  const auto raw = [](std::string bytes) { return test::HttpServerReply{.raw = std::move(bytes)}; };
  const std::vector<Hostile> rows = {
      {"slow headers", {.delay = test::HttpServerReply::kForever}, unhealthy, "no answer within"},
      {"drip",
       {.body = std::string(100'000, 'x'), .drip = Millis{20}},
       unhealthy,
       "no answer within"},
      {"endless body", {.padding = 1'000'000'000'000}, healthy, "got 200"},
      {"bad chunking", raw(head + "Transfer-Encoding: chunked\r\n\r\nzz\r\n"), unhealthy,
       "the answer is damaged: "},
      {"endless chunk", raw(head + "Transfer-Encoding: chunked\r\n\r\nffffffffffffffff1\r\nx"),
       unhealthy, ""},
      {"redirect loop",
       {.status = 302, .headers = {{"Location", "/"}}},
       unhealthy,
       "more than 10 redirects"},
      {"redirect to a file",
       {.status = 302, .headers = {{"Location", "file:///etc/passwd"}}},
       unhealthy,
       "redirected to an address that is not an http or https URL"},
      {"control characters in a header", raw(head + "X: \x1b[31m\r\nContent-Length: 0\r\n\r\n"),
       healthy, "got 200"},
      {"a NUL in a header", raw(head + std::string("X: a\0b\r\n\r\n", 10)), unhealthy,
       "the answer is not HTTP"},
      {"no number for a length", raw(head + "Content-Length: -5\r\n\r\n"), unhealthy, ""},
      {"closes at once",
       {.close_after = 0},
       unhealthy,
       "the server closed the connection without an answer"},
      {"closes in the status", {.close_after = 10}, unhealthy, "without an answer"},
      {"closes behind the status", raw(head), unhealthy, "before the end of its answer"},
      {"closes in the header", raw(head + "Content-Le"), unhealthy, "before the end of its answer"},
      {"closes in the middle",
       {.padding = 100'000, .close_after = 5'000},
       unhealthy,
       "before the end of its answer"},
      {"closes in a chunk", raw(head + "Transfer-Encoding: chunked\r\n\r\n10\r\nhello"), unhealthy,
       "before the end of its answer"},
      {"more than the length says", raw(head + "Content-Length: 1\r\n\r\nokok"), healthy,
       "got 200"},
      {"resets",
       {.padding = 100, .close_after = 60, .reset = true},
       unhealthy,
       "the connection broke"},
      {"another protocol", raw("SSH-2.0-x\r\n"), unhealthy, "the answer is not HTTP"},
      {"HTTP/0.9", raw("<html>hello</html>"), unhealthy, "the answer is not HTTP"},
      {"a version that is not there", raw("HTTP/3.7 200 OK\r\n\r\n"), unhealthy,
       "the answer is not HTTP"},
      {"frames of HTTP/2", raw(std::string("\0\0\x12\4\0\0\0\0\0", 9) + std::string(200, '\xfe')),
       unhealthy, "the answer is not HTTP"},
      {"a body that says it is compressed", raw(head + "Content-Encoding: gzip\r\n\r\nhello"),
       healthy, "got 200"},
      {"a redirect to control characters",
       raw("HTTP/1.1 302 Found\r\nLocation: \x1b[2Jhttp://[\r\n\r\n"), unhealthy,
       "redirected to an address that is not an http or https URL"},
      {"a status of its own", raw("HTTP/1.1 999 \x1b[2J\r\nContent-Length: 0\r\n\r\n"), unhealthy,
       "got 999, expected 200"},
      {"an interim answer without an end", raw("HTTP/1.1 100 Continue\r\n\r\n"), unhealthy, ""},
  };
  for (const Hostile& row : rows) {
    CAPTURE(row.what);
    const test::HttpServer server(row.reply);
    HttpCheckOptions options;
    options.url = server.url();
    const bool runs_out = std::string_view(row.message) == "no answer within";
    options.timeout = runs_out ? Millis{500} : test::kPatience;
    options.follow_redirects = true;
    const CheckResult result = make_http_check(options)->check();
    CAPTURE(result.message);
    CHECK(result.status == row.status);
    CHECK(result.message.find(row.message) != std::string::npos);
    CHECK(printable(result.message) == result.message);
    CHECK(printable(to_json(result.metadata)) == to_json(result.metadata));
  }
}

TEST_CASE("a header of a gigabyte is given up after a part of it") {
  const test::EndlessServer server("HTTP/1.1 200 OK\r\n",
                                   "X-Pad: " + std::string(8'000, 'a') + "\r\n");
  const auto result = check_url(server.url());
  CHECK(result.status == HealthStatus::unhealthy);
  CHECK(result.message == server.url() + ": the header of the answer is too long");
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
  HttpCheckOptions options;
  options.url = "https://127.0.0.1/";
  options.tls.ca = "/no/such/ca.pem";
  CHECK(make_http_check(options)->check().status == HealthStatus::unknown);
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
