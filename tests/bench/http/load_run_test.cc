#include "rz/bench/http/load_run.h"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "rz/bench/http/load_address.h"
#include "support/http_server.h"
#include "support/patience.h"
#include "support/results.h"
#include "support/scripted_server.h"

namespace rz::bench {
namespace {

using std::chrono::milliseconds;
using test::HttpServer;
using test::HttpServerReply;
using test::HttpServerRequest;

/// A closed loop that ends by its number of requests, however long they take.
LoadOptions counted_load(const std::string& url, std::int64_t requests) {
  LoadOptions options;
  options.url = url;
  options.requests = requests;
  options.connections = 4;
  options.duration = test::kPatience;
  options.timeout = test::kPatience;
  return options;
}

LoadResult run(const LoadOptions& options) { return ok(run_load(options, {})); }

std::uint64_t errors_of(const LoadResult& result, LoadError kind) {
  return result.errors[static_cast<std::size_t>(kind)];
}

TEST_CASE("as many requests are sent as were asked for, and each is counted once") {
  HttpServer server(HttpServerReply{.body = "hello"});
  const LoadResult result = run(counted_load(server.url("/x?y=1"), 100));
  CHECK(result.answered == 100);
  CHECK(server.count() == 100);
  CHECK(result.statuses[2] == 100);
  CHECK(result.failed() == 0);
  CHECK(result.latency.count() == 100);
  CHECK(result.connections == 4);
  CHECK_FALSE(result.open_loop);
  CHECK(result.error_rate() == 0);
  std::uint64_t in_seconds = 0;
  for (const LoadSecond& second : result.seconds) {
    in_seconds += second.answered;
    CHECK((second.answered > 0) == (second.median.count() > 0));
    CHECK(second.median <= second.p99);
    CHECK(second.p99 <= second.longest);
  }
  CHECK(in_seconds == 100);
  for (const HttpServerRequest& request : server.requests()) {
    CHECK(request.method == "GET");
    CHECK(request.target == "/x?y=1");
    CHECK(request.header("user-agent").starts_with("rz-bench/"));
  }
}

TEST_CASE("the requests of the warm-up are sent and not measured") {
  HttpServer server;
  LoadOptions options = counted_load(server.url(), 20);
  options.warm_up = Millis{200};
  const LoadResult result = run(options);
  CHECK(result.answered == 20);
  CHECK(result.warm_up == server.count() - 20);
}

TEST_CASE("method, headers and body are sent as they were given, by weight") {
  HttpServer server;
  LoadOptions options = counted_load(server.url(), 40);
  LoadEndpoint post;
  post.method = "POST";
  post.path = "/items";
  post.headers = {{"Content-Type", "text/plain"}};
  // More than fits into a socket at once.
  post.body = std::string(3 << 20, 'b');
  post.weight = 1;
  LoadEndpoint get;
  get.weight = 3;
  options.endpoints = {post, get};
  options.headers = {{"X-All", "yes"}};
  const LoadResult result = run(options);
  CHECK(result.answered == 40);
  int posts = 0;
  for (const HttpServerRequest& request : server.requests()) {
    CHECK(request.header("x-all") == "yes");
    if (request.method != "POST") continue;
    ++posts;
    CHECK(request.target == "/items");
    CHECK(request.header("content-type") == "text/plain");
    CHECK(request.body == post.body);
  }
  CHECK(posts == 10);
  REQUIRE(result.endpoints.size() == 2);
  CHECK(result.endpoints[0].name == "POST /items");
  CHECK(result.endpoints[0].answered == 10);
  CHECK(result.endpoints[1].latency.count() == 30);
}

TEST_CASE("a body of megabytes is read to its end") {
  HttpServer server(HttpServerReply{.padding = 5 << 20});
  const LoadResult result = run(counted_load(server.url(), 8));
  CHECK(result.answered == 8);
  CHECK(result.bytes > 8 * (5ULL << 20));
}

TEST_CASE(
    "a connection goes on after a large body, whose last part is smaller than what is awaited") {
  std::atomic<int> asked{0};
  HttpServer server([&](const HttpServerRequest&) {
    constexpr std::uint64_t kSizes[] = {1 << 20, 1, (256 << 10) + 7, (32 << 10) + 1, 0};
    return HttpServerReply{.padding = kSizes[asked++ % 5]};
  });
  LoadOptions options = counted_load(server.url(), 40);
  options.connections = 1;
  const LoadResult result = run(options);
  CHECK(result.answered == 40);
  CHECK(result.connections == 1);
}

TEST_CASE("a large body that is cut off is truncated, and nothing is awaited of it") {
  HttpServer server(HttpServerReply{.padding = 1 << 20, .close_after = 100'000});
  CHECK(errors_of(run(counted_load(server.url(), 6)), LoadError::truncated) == 6);
}

TEST_CASE("a response that comes byte by byte is one response") {
  HttpServer server(HttpServerReply{.body = "drops", .drip = milliseconds{1}});
  CHECK(run(counted_load(server.url(), 8)).answered == 8);
}

TEST_CASE("HEAD, 204 and 304 have no body, and their connections go on") {
  HttpServer server([](const HttpServerRequest& request) {
    // Its length is that of what GET would bring.
    if (request.method == "HEAD") return HttpServerReply{.body = "not sent"};
    return HttpServerReply{.status = request.target == "/none" ? 204 : 304};
  });
  LoadOptions options = counted_load(server.url(), 30);
  LoadEndpoint head;
  head.method = "HEAD";
  LoadEndpoint none;
  none.path = "/none";
  LoadEndpoint same;
  same.path = "/same";
  options.endpoints = {head, none, same};
  const LoadResult result = run(options);
  CHECK(result.answered == 30);
  CHECK(result.statuses[2] == 20);
  CHECK(result.statuses[3] == 10);
  CHECK(result.connections == 4);
}

TEST_CASE("a status of 400 or more is an answer, and an error") {
  HttpServer server([](const HttpServerRequest& request) {
    return HttpServerReply{.status = request.target == "/bad" ? 503 : 200};
  });
  LoadOptions options = counted_load(server.url(), 10);
  options.endpoints.resize(2);
  options.endpoints[1].path = "/bad";
  const LoadResult result = run(options);
  CHECK(result.answered == 10);
  CHECK(result.failed() == 0);
  CHECK(result.bad_status() == 5);
  CHECK(result.error_rate() == 0.5);
  CHECK(result.endpoints[1].failed == 5);
}

TEST_CASE("without keep-alive each request has a connection of its own") {
  HttpServer server;
  LoadOptions options = counted_load(server.url(), 12);
  options.keep_alive = false;
  const LoadResult result = run(options);
  CHECK(result.answered == 12);
  CHECK(result.connections >= 12);
  CHECK(server.requests().front().header("connection") == "close");
}

TEST_CASE("a server that closes after each answer is connected to again") {
  HttpServer server(HttpServerReply{
      .raw = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"});
  const LoadResult result = run(counted_load(server.url(), 12));
  CHECK(result.answered == 12);
  CHECK(result.failed() == 0);
}

TEST_CASE("a connection that the server wants to end is not used again, even if it is still open") {
  const auto last =
      test::say("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok");
  // It would answer a second time.
  const test::ScriptedServer server(
      {test::await("\r\n\r\n"), last, test::await("\r\n\r\n"), last, test::hang()});
  LoadOptions options = counted_load("http://" + server.address() + "/", 2);
  options.connections = 1;
  const LoadResult result = run(options);
  CHECK(result.answered == 2);
  CHECK(result.connections == 2);
}

TEST_CASE("answers that are wrong are errors of their kind, and the run goes on") {
  struct Row {
    const char* what;
    std::string raw;
    LoadError kind;
  };
  const std::string ok_line = "HTTP/1.1 200 OK\r\n";
  const std::string chunked = ok_line + "Transfer-Encoding: chunked\r\n\r\n";
  const Row rows[] = {
      {"no HTTP", "SSH-2.0-OpenSSH_9.2\r\n", LoadError::head},
      {"a header without a name", ok_line + ": x\r\n\r\n", LoadError::head},
      {"two lengths", ok_line + "Content-Length: 2\r\nContent-Length: 3\r\n\r\nabc",
       LoadError::length},
      {"a length and chunks",
       ok_line + "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
       LoadError::length},
      {"a bad chunk size", chunked + "5g\r\nhello\r\n0\r\n\r\n", LoadError::chunk},
      {"a chunk without its end", chunked + "5\r\nhelloo\r\n0\r\n\r\n", LoadError::chunk},
      {"closed within the head", ok_line + "Content-Le", LoadError::truncated},
      {"closed within the body", ok_line + "Content-Length: 10\r\n\r\nhello", LoadError::truncated},
      {"closed within a chunk", chunked + "5\r\nhel", LoadError::truncated},
      {"only an interim response", "HTTP/1.1 103 Early Hints\r\n\r\n", LoadError::truncated},
      {"another protocol", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
       LoadError::upgrade},
      {"more than was asked for",
       ok_line + "Content-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
       LoadError::unsolicited},
      {"a body for 204", "HTTP/1.1 204 No Content\r\n\r\nhello", LoadError::unsolicited},
      {"a head of 100 KiB", ok_line + "X: " + std::string(100 << 10, 'x'), LoadError::head_size},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    HttpServer server(HttpServerReply{.raw = row.raw});
    const LoadResult result = run(counted_load(server.url(), 6));
    CHECK(result.answered == 0);
    CHECK(result.failed() == 6);
    CHECK(errors_of(result, row.kind) == 6);
    CHECK(result.error_rate() == 1);
    CHECK(result.latency.empty());
  }
}

TEST_CASE("a server that closes without an answer, and one that resets") {
  HttpServer closing(HttpServerReply{.close_after = 0});
  CHECK(errors_of(run(counted_load(closing.url(), 6)), LoadError::closed) == 6);
  HttpServer resetting(HttpServerReply{.body = "hello", .close_after = 20, .reset = true});
  const LoadResult result = run(counted_load(resetting.url(), 6));
  CHECK(result.failed() == 6);
  // What was read before the reset came may be all that is known.
  CHECK(errors_of(result, LoadError::reset) + errors_of(result, LoadError::truncated) == 6);
}

TEST_CASE(
    "what does not answer in time has failed, and counts with the time that it was waited for") {
  HttpServer server(HttpServerReply{.delay = HttpServerReply::kForever});
  LoadOptions options = counted_load(server.url(), 3);
  options.connections = 3;
  options.timeout = Millis{200};
  const LoadResult result = run(options);
  CHECK(errors_of(result, LoadError::timeout) == 3);
  CHECK(result.latency.count() == 3);
  CHECK(result.latency.min() >= milliseconds{200});
}

TEST_CASE("no connection at all is an error before the run") {
  const test::ClosedPort closed;
  const auto result =
      run_load(counted_load("http://127.0.0.1:" + std::to_string(closed.port()), 1), {});
  CHECK(code_of(result) == ErrorCode::unavailable);
  CHECK(message_of(result).find("refused") != std::string::npos);
}

TEST_CASE("a server that goes away during the run: its requests are refused, and the run goes on") {
  auto server = std::make_unique<HttpServer>();
  LoadOptions options = counted_load(server->url(), 1'000'000'000);
  LoadRunOptions hooks;
  hooks.go_on = [&](const LoadProgress& now) {
    if (server && now.so_far.answered > 10) server.reset();
    return errors_of(now.so_far, LoadError::refused) < 10;
  };
  const LoadResult result = ok(run_load(options, hooks));
  CHECK(result.answered > 10);
  CHECK(errors_of(result, LoadError::refused) >= 10);
}

TEST_CASE(
    "only names of this machine are looked up without leave, so that no name server is asked") {
  const char* hosts = "127.0.1.1\tdb1.example  DB1 # db2\n";
  for (const char* name : {"127.0.0.1", "::1", "localhost", "a.localhost", "db1", "DB1.example"}) {
    CAPTURE(name);
    CHECK(is_named_here(name, hosts));
  }
  for (const char* name : {"db2", "example", "localhost.example", "#"}) {
    CAPTURE(name);
    CHECK_FALSE(is_named_here(name, hosts));
  }
  const auto refused = run_load(counted_load("http://no-such-host.invalid/", 1), {});
  CHECK(message_of(refused).find("--allow-remote") != std::string::npos);
}

TEST_CASE("a server on another machine needs to be allowed") {
  LoadOptions options = counted_load("http://192.0.2.1/", 1);
  options.timeout = Millis{50};
  const auto refused = run_load(options, {});
  CHECK(code_of(refused) == ErrorCode::invalid_argument);
  CHECK(message_of(refused).find("--allow-remote") != std::string::npos);
  for (const char* url : {"http://[::ffff:192.0.2.1]/", "http://[fe80::1]/", "http://0.0.0.0/"}) {
    CAPTURE(url);
    options.url = url;
    CHECK(code_of(run_load(options, {})) == ErrorCode::invalid_argument);
  }
}

TEST_CASE("more connections than descriptors are refused before anything is sent") {
  HttpServer server;
  LoadOptions options = counted_load(server.url(), 1);
  options.connections = 2'000'000'000;
  const auto result = run_load(options, {});
  CHECK(code_of(result) == ErrorCode::invalid_argument);
  CHECK(server.count() == 0);
}

TEST_CASE("an interrupted run reports what there is, and what had no answer yet") {
  HttpServer server([](const HttpServerRequest& request) {
    return HttpServerReply{.delay = request.target == "/stuck" ? HttpServerReply::kForever
                                                               : milliseconds{0}};
  });
  LoadOptions options = counted_load(server.url(), 1'000'000);
  options.endpoints.resize(2);
  options.endpoints[0].weight = 9;
  options.endpoints[1].path = "/stuck";
  LoadRunOptions hooks;
  // All four connections hang sooner or later, and nothing is answered any more.
  hooks.go_on = [calls = 0, before = std::uint64_t{0}](const LoadProgress& now) mutable {
    calls = now.so_far.answered == before ? calls + 1 : 0;
    before = now.so_far.answered;
    return calls < 10;
  };
  const LoadResult result = ok(run_load(options, hooks));
  CHECK(result.interrupted);
  CHECK(result.answered + result.abandoned == server.count());
  CHECK(result.abandoned > 0);
}

TEST_CASE("an open loop sends by its plan and counts every request that was due") {
  HttpServer server;
  LoadOptions options;
  options.url = server.url();
  options.rate = 200;
  options.duration = Millis{1'000};
  options.timeout = test::kPatience;
  options.queue = 1'000;
  const LoadResult result = run(options);
  CHECK(result.open_loop);
  CHECK(result.answered == 200);
  CHECK(result.due() == 200);
  CHECK(result.lateness.count() == 200);
  CHECK(server.count() == 200);
}

/// Stalls for a second at its 50th request, and all others with it.
class StallingServer {
 public:
  static constexpr milliseconds kStall{1'000};

  StallingServer() : server_([this](const HttpServerRequest&) { return answer(); }) {}
  std::string url() const { return server_.url(); }

 private:
  HttpServerReply answer() {
    const std::lock_guard lock(mutex_);
    if (++count_ == 50) std::this_thread::sleep_for(kStall);
    return {};
  }

  std::mutex mutex_;
  int count_ = 0;
  HttpServer server_;
};

TEST_CASE("a server that stalls for a second: an open loop shows it, from when requests were due") {
  StallingServer server;
  LoadOptions options;
  options.url = server.url();
  options.rate = 100;
  options.duration = Millis{2'000};
  options.timeout = test::kPatience;
  options.connections = 4;
  options.queue = 1'000;
  const LoadResult result = run(options);
  CHECK(result.answered == 200);
  // The stall held up the hundred requests that were due in it, each for what was left of it: half
  // of them for half a second and more. However slow the machine, none can have been faster.
  CHECK(result.latency.percentile(99) >= milliseconds{900});
  CHECK(result.latency.percentile(80) >= milliseconds{500});
}

TEST_CASE("a closed loop hides it: only the corrected column shows what was not sent meanwhile") {
  StallingServer server;
  LoadOptions options = counted_load(server.url(), 200);
  options.connections = 1;
  const LoadResult result = run(options);
  CHECK(result.answered == 200);
  CHECK(result.latency.max() >= StallingServer::kStall);
  const Histogram corrected = result.corrected();
  const auto usual = result.usual_interval();
  // As many requests as would have been sent in the stall are added, but for the buckets' width.
  const auto held_up = static_cast<std::uint64_t>(StallingServer::kStall / usual);
  CHECK(corrected.count() >= (200 + held_up) * 99 / 100);
  // On a machine so slow that the stall is not much longer than any answer, nothing was hidden.
  if (held_up > 1'000) {
    CHECK(result.latency.percentile(90) < StallingServer::kStall / 2);
    CHECK(corrected.percentile(90) >= StallingServer::kStall / 2);
  }
}

TEST_CASE("HTTP/1.1 over TLS, with a certificate that is verified") {
  test::Certificates authority;
  const auto certificate = authority.issue("server", "IP:127.0.0.1");
  const auto answer = test::say("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  const test::ScriptedServer server({test::begin_tls(), test::await("\r\n\r\n"), answer,
                                     test::await("\r\n\r\n"), answer, test::hang()},
                                    certificate);
  LoadOptions options = counted_load("https://" + server.address() + "/", 2);
  options.connections = 1;
  options.tls.ca = authority.ca();
  const LoadResult result = run(options);
  CHECK(result.answered == 2);
  CHECK(result.connections == 1);
  CHECK(result.tls.count() == 1);
}

TEST_CASE("a certificate of a stranger is refused, and the message says why") {
  test::Certificates authority;
  const auto certificate = authority.issue("server", "IP:127.0.0.1");
  const test::Certificates other;
  const test::ScriptedServer server({test::begin_tls(), test::hang()}, certificate);
  LoadOptions options = counted_load("https://" + server.address() + "/", 1);
  options.connections = 1;
  options.tls.ca = other.ca();
  const auto result = run_load(options, {});
  CHECK(code_of(result) == ErrorCode::unavailable);
  CHECK(message_of(result).find("certificate") != std::string::npos);
}

}  // namespace
}  // namespace rz::bench
