#include "rz/bench/http/load_request.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "support/results.h"

namespace rz::bench {
namespace {

TEST_CASE("the parts of a URL") {
  const LoadTarget plain = ok(parse_load_target("http://127.0.0.1:8080/a?b=1#c"));
  CHECK_FALSE(plain.tls);
  CHECK(plain.host == "127.0.0.1");
  CHECK(plain.port == 8080);
  CHECK(plain.authority == "127.0.0.1:8080");
  CHECK(plain.path == "/a?b=1");
  const LoadTarget v6 = ok(parse_load_target("HTTPS://[::1]"));
  CHECK(v6.tls);
  CHECK(v6.host == "::1");
  CHECK(v6.port == 443);
  CHECK(v6.authority == "[::1]");
  CHECK(v6.path == "/");
  CHECK(ok(parse_load_target("http://localhost?q")).path == "/?q");
  CHECK(ok(parse_load_target("http://localhost:80/")).authority == "localhost");
}

TEST_CASE("URLs that cannot be put under load, without what may be a secret") {
  for (const char* url :
       {"", "ftp://localhost/", "http://", "localhost:80", "http://a b/", "http://localhost:0/",
        "http://localhost/\xC3\xA4", "http://localhost:99999/"}) {
    CAPTURE(url);
    CHECK(code_of(parse_load_target(url)) == ErrorCode::invalid_argument);
  }
  const std::string message = message_of(parse_load_target("http://user:hunter2@localhost/"));
  CHECK(message.find("Authorization") != std::string::npos);
  CHECK(message.find("hunter2") == std::string::npos);
}

TEST_CASE("a header is a name and a value, and none of those that frame a message") {
  CHECK(ok(parse_header("Accept:  text/plain ")) ==
        std::pair<std::string, std::string>("Accept", "text/plain"));
  CHECK(ok(parse_header("X-Empty:")).second.empty());
  for (const char* line :
       {"", "no colon", ": x", "a b: c", "X: a\nY: b", "X: a\x01", "Content-Length: 5",
        "transfer-encoding: chunked", "Connection: close", "Expect: 100-continue"}) {
    CAPTURE(line);
    CHECK(code_of(parse_header(line)) == ErrorCode::invalid_argument);
  }
  // A value may be a secret.
  CHECK(message_of(parse_header("X: secret\x01")).find("secret") == std::string::npos);
}

TEST_CASE("a request is made once, with what the user says before what rz would") {
  LoadOptions options;
  options.url = "http://127.0.0.1:8080/";
  options.headers = {{"Authorization", "Bearer t"}, {"X-Both", "all"}};
  LoadEndpoint post;
  post.method = "POST";
  post.path = "/items?n=1";
  post.headers = {{"X-Both", "own"}, {"user-agent", "me"}};
  post.body = "{}";
  options.endpoints = {post, LoadEndpoint{}};
  const auto requests = ok(make_load_requests(options, ok(parse_load_target(options.url))));
  REQUIRE(requests.size() == 2);
  CHECK(requests[0].name == "POST /items");
  CHECK(requests[0].bytes ==
        "POST /items?n=1 HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nX-Both: own\r\nuser-agent: me\r\n"
        "Authorization: Bearer t\r\nContent-Length: 2\r\n\r\n{}");
  CHECK(requests[1].bytes.starts_with(
      "GET / HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nAuthorization: Bearer t\r\nX-Both: all\r\n"
      "User-Agent: rz-bench/"));
  const LoadHeaders fields = {
      {":method", "POST"},           {":scheme", "http"},    {":authority", "127.0.0.1:8080"},
      {":path", "/items?n=1"},       {"x-both", "own"},      {"user-agent", "me"},
      {"authorization", "Bearer t"}, {"content-length", "2"}};
  CHECK(requests[0].fields == fields);
}

TEST_CASE("without keep-alive the request says so; the user may name another host") {
  LoadOptions options;
  options.keep_alive = false;
  options.headers = {{"host", "other.example"}};
  const auto requests =
      ok(make_load_requests(options, ok(parse_load_target("http://127.0.0.1/x"))));
  CHECK(requests[0].bytes.starts_with("GET /x HTTP/1.1\r\nHost: other.example\r\n"));
  CHECK(requests[0].bytes.find("Connection: close\r\n") != std::string::npos);
  CHECK(requests[0].bytes.find("127.0.0.1") == std::string::npos);
}

TEST_CASE("methods and paths that no request can have") {
  LoadEndpoint endpoint;
  CHECK(check_endpoint(endpoint));
  for (const char* path : {"", "x", "/a b", "/\r\nX: y", "/#a", "/\xC3\xA4"}) {
    endpoint.path = path;
    CAPTURE(path);
    CHECK_FALSE(check_endpoint(endpoint));
  }
  endpoint.path = "/";
  for (const char* method : {"", "GE T", "CONNECT", "GET\r\n"}) {
    endpoint.method = method;
    CAPTURE(method);
    CHECK_FALSE(check_endpoint(endpoint));
  }
}

TEST_CASE("a path in the URL and endpoints contradict each other") {
  LoadOptions options;
  options.endpoints.resize(2);
  CHECK_FALSE(make_load_requests(options, ok(parse_load_target("http://127.0.0.1/x"))));
  CHECK(make_load_requests(options, ok(parse_load_target("http://127.0.0.1/"))));
}

TEST_CASE("endpoints follow each other by their weights, spread evenly") {
  using Order = std::vector<std::uint16_t>;
  CHECK(weighted_order({1}) == Order{0});
  CHECK(weighted_order({7}) == Order{0});
  CHECK(weighted_order({2, 2}) == Order{0, 1});
  CHECK(weighted_order({5, 1, 1}) == Order{0, 0, 1, 0, 2, 0, 0});
  const Order many = weighted_order({900, 90, 10});
  CHECK(many.size() == 100);
  CHECK(std::count(many.begin(), many.end(), 0) == 90);
  CHECK(std::count(many.begin(), many.end(), 2) == 1);
}

}  // namespace
}  // namespace rz::bench
