#include "rz/net/http_client.h"

#include <doctest/doctest.h>
#include <sys/socket.h>

#include <atomic>
#include <cstdlib>
#include <thread>

#include "rz/net/fiber_loop.h"
#include "support/endless_server.h"
#include "support/http_server.h"
#include "support/local_listener.h"
#include "support/patience.h"
#include "support/print.h"
#include "support/temp_folder.h"

namespace rz::net {
namespace {

using test::ClosedPort;
using test::HttpServer;
using test::HttpServerReply;
using test::HttpServerRequest;

// A failure to answer must end a test, but not a slow machine.
constexpr Millis kPatience{60'000};
// Of a wait that is expected to run out.
constexpr Millis kShort{100};

std::unique_ptr<HttpClient> make_client() {
  auto client = make_http_client();
  REQUIRE_MESSAGE(client.has_value(), to_string(client.error()));
  return std::move(*client);
}

Result<HttpResponse> send(HttpRequest request) {
  if (request.timeout == HttpRequest{}.timeout) request.timeout = kPatience;
  return make_client()->send(request);
}

Error error_of(HttpRequest request) {
  auto response = send(std::move(request));
  REQUIRE_FALSE(response.has_value());
  return response.error();
}

std::string header(const HttpResponse& response, std::string_view name) {
  std::string found;
  for (const auto& [key, value] : response.headers) {
    if (key == name) found += "[" + value + "]";
  }
  return found;
}

TEST_CASE("a response comes back whole") {
  HttpServer server(
      HttpServerReply{.status = 503,
                      .headers = {{"X-Twice", "a"}, {"X-TWICE", "b "}, {"X-None", ""}},
                      .body = std::string("down\0\xff", 6)});
  const auto response = send({.url = server.url("/health?deep=1")});
  REQUIRE(response.has_value());
  CHECK(response->status == 503);
  CHECK(response->body == std::string("down\0\xff", 6));
  CHECK(header(*response, "x-twice") == "[a][b]");
  CHECK(header(*response, "x-none") == "[]");
  CHECK(header(*response, "content-length") == "[6]");
  CHECK(response->elapsed > Micros{0});

  const auto requests = server.requests();
  REQUIRE(requests.size() == 1);
  CHECK(requests[0].method == "GET");
  CHECK(requests[0].target == "/health?deep=1");
  CHECK(requests[0].header("user-agent").starts_with("rz/"));
  CHECK(requests[0].header("content-type") == "");
  CHECK(requests[0].header("accept-encoding") == "");
}

TEST_CASE("every method carries its body and the caller's headers") {
  HttpServer server;
  const std::string body("\0{}\n", 4);
  for (const char* method : {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}) {
    for (const std::string& sent : {std::string(), body}) {
      CAPTURE(method);
      CAPTURE(sent.size());
      const auto response = send({.url = server.url(),
                                  .method = method,
                                  .headers = {{"X-Key", "v: w"}, {"X-Empty", ""}},
                                  .body = sent});
      REQUIRE(response.has_value());
      const HttpServerRequest request = server.requests().back();
      CHECK(request.method == method);
      CHECK(request.body == sent);
      CHECK(request.header("x-key") == "v: w");
      CHECK(request.header("x-empty") == "");
      CHECK(request.header("content-type") == "");
      CHECK(request.header("expect") == "");
    }
  }
  const auto response = send(
      {.url = server.url(), .method = "POST", .headers = {{"Content-Type", "application/json"}}});
  REQUIRE(response.has_value());
  CHECK(server.requests().back().header("content-type") == "application/json");
}

TEST_CASE("HEAD waits for no body") {
  HttpServer server(HttpServerReply{.padding = 1000});
  const auto response = send({.url = server.url(), .method = "HEAD"});
  REQUIRE(response.has_value());
  CHECK(response->status == 200);
  CHECK(response->body.empty());
  CHECK(header(*response, "content-length") == "[1000]");
}

TEST_CASE("a body is kept up to max_body, and the rest not waited for") {
  HttpServer huge(HttpServerReply{.body = "start", .padding = 1'000'000'000'000});
  auto response = send({.url = huge.url(), .max_body = 100'000});
  REQUIRE(response.has_value());
  CHECK(response->status == 200);
  CHECK(response->body == "start" + std::string(99'995, 'x'));

  response = send({.url = huge.url(), .max_body = 0});
  REQUIRE(response.has_value());
  CHECK(response->body.empty());

  HttpServer exact(HttpServerReply{.body = "12345"});
  response = send({.url = exact.url(), .max_body = 5});
  REQUIRE(response.has_value());
  CHECK(response->body == "12345");
}

TEST_CASE("redirects are followed only where asked") {
  HttpServer server([](const HttpServerRequest& request) {
    if (request.target == "/new") return HttpServerReply{.body = request.method};
    return HttpServerReply{
        .status = request.target == "/see-other" ? 303 : 302,
        .headers = {{"Location", request.target == "/loop" ? "/loop" : "/new"}, {"X-Old", "1"}}};
  });
  const auto first = send({.url = server.url("/old")});
  REQUIRE(first.has_value());
  CHECK(first->status == 302);
  CHECK(header(*first, "location") == "[/new]");

  const auto last = send({.url = server.url("/old"), .follow_redirects = true});
  REQUIRE(last.has_value());
  CHECK(last->status == 200);
  CHECK(last->body == "GET");
  CHECK_MESSAGE(header(*last, "x-old") == "", "headers of the redirect must not stay");

  const auto posted = send(
      {.url = server.url("/see-other"), .method = "POST", .body = "x", .follow_redirects = true});
  REQUIRE(posted.has_value());
  CHECK(posted->body == "GET");

  CHECK(error_of({.url = server.url("/loop"), .follow_redirects = true}) ==
        Error{ErrorCode::unavailable, "more than 10 redirects", server.url("/loop")});
}

TEST_CASE("a redirect leads to http and https only") {
  for (const std::string location : {"file:///etc/passwd", "gopher://127.0.0.1/", "http://a b/"}) {
    CAPTURE(location);
    HttpServer server(HttpServerReply{.status = 302, .headers = {{"Location", location}}});
    const Error error = error_of({.url = server.url(), .follow_redirects = true});
    CHECK(error.code == ErrorCode::unavailable);
    CHECK(error.message == "redirected to an address that is not an http or https URL");
  }
}

TEST_CASE("the timeout bounds all of it") {
  const auto times_out = [](const HttpServer& server, bool follow_redirects = false) {
    const Error error =
        error_of({.url = server.url(), .timeout = kShort, .follow_redirects = follow_redirects});
    CHECK(error.code == ErrorCode::timeout);
    CHECK(error.where == server.url());
    // On a slow machine the time can be over before libcurl has looked at the host.
    if (error.message != "no answer within 100ms from the name service") {
      CHECK(error.message == "no answer within 100ms");
    }
  };
  SUBCASE("a server that does not answer") {
    HttpServer server(HttpServerReply{.delay = HttpServerReply::kForever});
    times_out(server);
  }
  SUBCASE("a server that drips") {
    HttpServer server(HttpServerReply{.body = std::string(1'000'000, 'x'), .drip = Millis{5}});
    times_out(server);
  }
  SUBCASE("redirects without an end, each of them quick") {
    std::atomic<int> left = 8;
    HttpServer server([&](const HttpServerRequest&) {
      return HttpServerReply{.status = 302,
                             .headers = {{"Location", "/"}},
                             .delay = --left > 0 ? Millis{40} : HttpServerReply::kForever};
    });
    times_out(server, true);
  }
  SUBCASE("no time at all") {
    HttpServer server;
    CHECK(error_of({.url = server.url(), .timeout = Millis{0}}) ==
          Error{ErrorCode::timeout, "no time is left to ask", server.url(), true});
    CHECK(server.count() == 0);
  }
}

TEST_CASE("a slow answer within the timeout is an answer") {
  HttpServer server(HttpServerReply{.body = "slow", .delay = Millis{20}, .drip = Millis{1}});
  const auto response = send({.url = server.url()});
  REQUIRE(response.has_value());
  CHECK(response->body == "slow");
  CHECK(response->elapsed >= Millis{20});
}

TEST_CASE("a failed connection says how it failed") {
  const ClosedPort closed;
  const std::string refused = "http://127.0.0.1:" + std::to_string(closed.port()) + "/";
  CHECK(error_of({.url = refused}) == Error{ErrorCode::unavailable, "connection refused", refused});
  CHECK(error_of({.url = "http://no-such-host.invalid/"}) ==
        Error{ErrorCode::unavailable, "no such host", "http://no-such-host.invalid/"});

  HttpServer silent(HttpServerReply{.close_after = 0});
  CHECK(error_of({.url = silent.url()}) ==
        Error{ErrorCode::unavailable, "the server closed the connection without an answer",
              silent.url()});
  HttpServer partial(HttpServerReply{.body = "1234567890", .close_after = 48});
  CHECK(error_of({.url = partial.url()}) ==
        Error{ErrorCode::unavailable,
              "the server closed the connection before the end of its answer", partial.url()});
  HttpServer reset(HttpServerReply{.padding = 100, .close_after = 60, .reset = true});
  CHECK(error_of({.url = reset.url()}) ==
        Error{ErrorCode::unavailable,
              "the connection broke: Recv failure: Connection reset by peer", reset.url()});
  HttpServer other(HttpServerReply{.raw = "SSH-2.0-OpenSSH_9.2\r\n"});
  CHECK(error_of({.url = other.url()}) ==
        Error{ErrorCode::unavailable, "the answer is not HTTP", other.url()});
}

TEST_CASE("a server without TLS is not a certificate failure") {
  HttpServer server(HttpServerReply{.status = 400});
  const Error error = error_of({.url = "https" + server.url().substr(4)});
  CHECK(error.code == ErrorCode::corrupt);
  CHECK(error.message ==
        "the answer is not TLS; does the server speak TLS on this port, or is it a plain one?");
}

TEST_CASE("what cannot be sent is refused before anything is sent") {
  HttpServer server;
  const std::string usage = "not a URL of http or https; write it like http://host:8080/health";
  for (const std::string url :
       {"", "host", "127.0.0.1:80/", "ftp://host/", "file:///etc/passwd", "http://", "http://a b/",
        "http:///path", "http://host:99999/", "http://[::1/", "http://host:0/", "http://::1/"}) {
    CAPTURE(url);
    CHECK(error_of({.url = url}) == Error{ErrorCode::invalid_argument, usage, url});
  }
  const auto flaw = [&](HttpRequest request) {
    request.url = server.url();
    const Error error = error_of(request);
    CHECK(error.code == ErrorCode::invalid_argument);
    return error.message;
  };
  CHECK(flaw({.url = {}, .method = ""}) == "'' is not a valid HTTP method");
  CHECK(flaw({.url = {}, .method = "GET / HTTP/1.1\r\nX: y"}) ==
        "'GET / HTTP/1.1\r\nX: y' is not a valid HTTP method");
  CHECK(flaw({.url = {}, .headers = {{"X Y", "v"}}}) ==
        "'X Y' is not a valid name of an HTTP header");
  CHECK(flaw({.url = {}, .headers = {{"X", "secret\r\nY: z"}}}) ==
        "the header 'X' holds a line break or a NUL byte");
  CHECK(flaw({.url = {}, .headers = {{"X", std::string("a\0b", 3)}}}) ==
        "the header 'X' holds a line break or a NUL byte");
  CHECK(server.count() == 0);
}

TEST_CASE("no error shows userinfo or query, and both reach the server") {
  const ClosedPort closed;
  const std::string at = "127.0.0.1:" + std::to_string(closed.port());
  for (const std::string& url :
       {"http://user:hunter2@" + at + "/a?key=hunter2", "ftp://user:hunter2@" + at + "/?hunter2",
        "https://user:hunter2@" + at + "/#hunter2", std::string("user:hunter2@host?hunter2"),
        std::string("http://user:hunter2@a b/"), std::string("http://user:hunter2@x.invalid/")}) {
    CAPTURE(url);
    CHECK(to_string(error_of({.url = url})).find("hunter2") == std::string::npos);
  }
  HttpServer server;
  const std::string url =
      "http://user:pass%20word@127.0.0.1:" + std::to_string(server.port()) + "/?key=v";
  REQUIRE(send({.url = url}).has_value());
  const auto request = server.requests().at(0);
  CHECK(request.target == "/?key=v");
  CHECK(request.header("authorization") == "Basic dXNlcjpwYXNzIHdvcmQ=");
}

TEST_CASE("calls on one client run side by side") {
  // Each request is held until all have come: one after the other they would never end.
  constexpr int kCalls = 32;
  std::atomic<int> here = 0;
  HttpServer server([&](const HttpServerRequest& request) {
    ++here;
    here.notify_all();
    for (int seen = here; seen < kCalls; seen = here) here.wait(seen);
    return HttpServerReply{.body = request.target};
  });
  const auto client = make_client();
  std::atomic<int> right = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < kCalls; ++i) {
    threads.emplace_back([&, i] {
      const std::string target = "/" + std::to_string(i);
      const auto response = client->send({.url = server.url(target), .timeout = kPatience});
      if (response && response->body == target) ++right;
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(right == kCalls);
}

TEST_CASE("a proxy is used where it is named, and never one of the environment") {
  HttpServer proxy(HttpServerReply{.status = 502});
  const std::string no_server = "http://127.0.0.1:1/path";
  ::unsetenv("NO_PROXY");
  for (const char* name : {"http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy"}) {
    ::setenv(name, proxy.url("").c_str(), 1);
    CHECK_FALSE(send({.url = no_server}).has_value());
    ::unsetenv(name);
  }
  CHECK(proxy.count() == 0);
  const auto response = send({.url = no_server, .proxy = proxy.url("")});
  ::setenv("NO_PROXY", "*", 1);
  REQUIRE(response.has_value());
  CHECK(response->status == 502);
  CHECK(proxy.requests().at(0).target == no_server);

  // What cannot be asked says nothing about the service.
  const auto away = send({.url = proxy.url("/"), .proxy = "http://user:secret@127.0.0.1:1"});
  REQUIRE_FALSE(away.has_value());
  CHECK(away.error().own_side);
  CHECK(away.error().message.starts_with("the proxy: "));
  CHECK(to_string(away.error()).find("secret") == std::string::npos);
}

TEST_CASE("a header that is too long is the server's fault, not a lack of memory") {
  for (const std::size_t size : {90'000, 120'000, 400'000}) {
    CAPTURE(size);
    const HttpServer server(HttpServerReply{
        .raw = "HTTP/1.1 500 X\r\nX: " + std::string(size, 'a') + "\r\nContent-Length: 0\r\n\r\n"});
    const auto response = send({.url = server.url()});
    if (response) {
      CHECK(response->status == 500);
      continue;
    }
    CHECK(response.error().code == ErrorCode::unavailable);
    CHECK_FALSE(response.error().own_side);
    CHECK(response.error().message == "the header of the answer is too long");
  }
}

TEST_CASE("redirects keep cookies, and send a login to no other host") {
  HttpServer other;
  HttpServer server([&](const HttpServerRequest& request) {
    if (request.target == "/away") {
      return HttpServerReply{.status = 302, .headers = {{"Location", other.url()}}};
    }
    if (request.header("cookie") == "session=1") return HttpServerReply{.body = "known"};
    return HttpServerReply{.status = 302,
                           .headers = {{"Set-Cookie", "session=1; Path=/"}, {"Location", "/"}}};
  });
  const auto kept = send({.url = server.url("/"), .follow_redirects = true});
  REQUIRE(kept.has_value());
  CHECK(kept->body == "known");
  CHECK(kept->redirects == 1);

  const auto login = [&](std::string target, std::string user, std::string token) {
    const auto response = send({.url = server.url(target),
                                .follow_redirects = true,
                                .user = std::move(user),
                                .password = "a:b",
                                .bearer_token = std::move(token)});
    REQUIRE(response.has_value());
    return std::string(server.requests().back().header("authorization"));
  };
  CHECK(login("/", "me", "") == "Basic bWU6YTpi");
  CHECK(login("/", "", "hunter2") == "Bearer hunter2");
  CHECK(login("/away", "me", "") == "Basic bWU6YTpi");
  CHECK(login("/away", "", "hunter2") == "Bearer hunter2");
  for (const HttpServerRequest& request : other.requests()) {
    CHECK(request.header("authorization") == "");
  }
  CHECK(other.count() == 2);
}

TEST_CASE("a unix socket takes the place of the host") {
  const TempFolder folder;
  test::LocalListener listener(folder / "app.sock");
  std::thread server([&] {
    const UniqueFd client = listener.accept();
    std::string request;
    char byte = 0;
    while (!request.ends_with("\r\n\r\n") && ::recv(client.get(), &byte, 1, 0) == 1) {
      request += byte;
    }
    const std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    (void)!::send(client.get(), answer.data(), answer.size(), MSG_NOSIGNAL);
  });
  const auto response =
      send({.url = "http://app.invalid/health", .unix_socket = folder / "app.sock"});
  server.join();
  REQUIRE(response.has_value());
  CHECK(response->body == "ok");
  const Error none = error_of({.url = "http://app.invalid/", .unix_socket = folder / "no.sock"});
  CHECK(none.code == ErrorCode::unavailable);
  CHECK_FALSE(none.own_side);
}

TEST_CASE("the parts of the time, the version and what was left out are told") {
  HttpServer server(HttpServerReply{.body = "12345", .delay = Millis{20}});
  const auto response = send({.url = server.url(), .max_body = 3, .version = HttpVersion::http1});
  REQUIRE(response.has_value());
  CHECK(response->body_cut);
  CHECK(response->version == "1.1");
  CHECK(response->redirects == 0);
  CHECK(response->phases.first_byte >= Millis{20});
  CHECK(response->phases.tls == Micros{0});
  CHECK(response->phases.dns + response->phases.connect <= response->elapsed);
  CHECK(response->certificates.empty());
  const auto by_name =
      send({.url = "http://localhost:" + std::to_string(server.port()) + "/", .ip = IpVersion::v4});
  REQUIRE(by_name.has_value());
  CHECK(by_name->body == "12345");
}

TEST_CASE("hundreds of requests wait on one thread") {
  // Each is held until all have come: one after the other they would never end.
  constexpr int kCalls = 150;
  std::atomic<int> here = 0;
  HttpServer server([&](const HttpServerRequest& request) {
    ++here;
    here.notify_all();
    for (int seen = here; seen < kCalls; seen = here) here.wait(seen);
    return HttpServerReply{.body = request.target};
  });
  const auto client = make_client();
  auto loop = FiberLoop::make();
  REQUIRE(loop.has_value());
  int right = 0;
  for (int i = 0; i < kCalls; ++i) {
    (*loop)->add([&, i] {
      const std::string target = "/" + std::to_string(i);
      const auto response = client->send({.url = server.url(target), .timeout = test::kPatience});
      if (response && response->body == target) ++right;
    });
  }
  (*loop)->close();
  (*loop)->run();
  CHECK(right == kCalls);
}

TEST_CASE("a header without an end is given up") {
  const std::string line = "X-Pad: " + std::string(8'000, 'a') + "\r\n";
  const test::EndlessServer lines("HTTP/1.1 200 OK\r\n", line);
  CHECK(error_of({.url = lines.url()}) ==
        Error{ErrorCode::unavailable, "the header of the answer is too long", lines.url()});
  const test::EndlessServer one_line("HTTP/1.1 200 OK\r\nX-Pad: ", std::string(64 * 1024, 'a'));
  CHECK(error_of({.url = one_line.url()}) ==
        Error{ErrorCode::unavailable, "the header of the answer is too long", one_line.url()});
}

TEST_CASE("an answer whose length can be read in two ways is refused") {
  const auto answer = [](const std::string& lengths) {
    const HttpServer server(HttpServerReply{.raw = "HTTP/1.1 200 OK\r\n" + lengths + "\r\nokokok"});
    const auto response = send({.url = server.url()});
    if (response) return response->body;
    CHECK(response.error().code == ErrorCode::unavailable);
    CHECK_FALSE(response.error().own_side);
    CHECK(response.error().where == server.url());
    return response.error().message;
  };
  CHECK(answer("Content-Length: 2\r\nContent-Length: 3\r\n") ==
        "the answer has two lengths (Content-Length 2 and 3)");
  CHECK(answer("Content-Length: 3\r\nX: y\r\ncontent-length: 2\r\n") ==
        "the answer has two lengths (Content-Length 3 and 2)");
  CHECK(answer("Content-Length: 2, 3\r\n") ==
        "the answer has two lengths (Content-Length 2 and 3)");
  for (const char* wrong :
       {"99999999999999999999999", "+2", "2 2", "0x2", "2;", "two", "-2", "2,"}) {
    CAPTURE(wrong);
    // libcurl looks at it first, and takes some of them for a number.
    const std::string said = answer("Content-Length: " + std::string(wrong) + "\r\n");
    if (said != "the answer is not HTTP") {
      CHECK(said == "the length of the answer (Content-Length) is not a valid number");
    }
  }
  CHECK(answer("Content-Length: 2\r\nContent-Length: 2\r\n") == "ok");
}

TEST_CASE("a redirect and where it leads have a length each") {
  HttpServer server([](const HttpServerRequest& request) {
    if (request.target == "/new") return HttpServerReply{.body = "there"};
    return HttpServerReply{.status = 302, .headers = {{"Location", "/new"}}, .body = "moved"};
  });
  const auto last = send({.url = server.url("/old"), .follow_redirects = true});
  REQUIRE(last.has_value());
  CHECK(last->body == "there");
}

TEST_CASE("a server that does not speak HTTP/2 where it must is told so") {
  for (const char* raw :
       {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", "SSH-2.0-OpenSSH\r\n"}) {
    const HttpServer server(HttpServerReply{.raw = raw});
    const Error error = error_of({.url = server.url(), .version = HttpVersion::http2});
    CHECK(error.code == ErrorCode::corrupt);
    CHECK(error.message ==
          "the server closed the connection without an answer in HTTP/2, which it must speak in "
          "clear text here");
  }
}

TEST_CASE("an answer that breaks the rules of HTTP is damaged") {
  const HttpServer chunks(
      HttpServerReply{.raw = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"});
  const Error error = error_of({.url = chunks.url()});
  CHECK(error.code == ErrorCode::unavailable);
  CHECK(error.message.starts_with("the answer is damaged: "));
}

}  // namespace
}  // namespace rz::net
