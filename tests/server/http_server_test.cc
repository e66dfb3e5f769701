#include "rz/server/http_server.h"

#include <doctest/doctest.h>

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

#include "support/http_talk.h"
#include "support/results.h"
#include "support/unused_port.h"

namespace rz::server {
namespace {

using test::body_of;
using test::code_of;
using test::http_get;
using test::HttpTalk;

constexpr Millis kLong{std::chrono::hours{1}};

/// A server with a handler that says what was asked.
struct Served final : RequestHandler {
  HttpLimits limits{.request_timeout = kLong, .idle_timeout = kLong};
  int port = test::unused_port(SOCK_STREAM);
  std::unique_ptr<HttpServer> server;
  std::thread thread;
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<std::uint64_t> waiting;  ///< Exchanges that are answered later.
  HttpCounts counts;
  std::map<int, int> answers;  ///< By status.

  void start() {
    auto listeners = ok(Listener::open(net::HostPort{"127.0.0.1", static_cast<std::uint16_t>(port)},
                                       std::chrono::steady_clock::now() + test::kPatience));
    server = ok(make_http_server(std::move(listeners), limits, *this));
    thread = std::thread([this] { server->run(); });
  }
  ~Served() override {
    if (!thread.joinable()) return;
    server->drain();
    thread.join();
  }

  std::optional<Answer> handle_head(const Request& head, const HttpCounts&) override {
    if (head.target != "/refused") return std::nullopt;
    return text_answer(401, "refused");
  }
  std::optional<Answer> handle(const Request& request, std::uint64_t exchange,
                               const HttpCounts& now) override {
    const std::lock_guard lock(mutex);
    counts = now;
    if (request.target == "/later") {
      waiting.push_back(exchange);
      changed.notify_all();
      return std::nullopt;
    }
    Answer answer = text_answer(200, request.method + " " + request.target + " " +
                                         std::to_string(request.body.size()) + " " +
                                         request.accept + " " + request.authorization);
    answer.headers.emplace_back("X-Test", "yes");
    return answer;
  }
  Answer give_up(std::uint64_t) override { return text_answer(504, "gave up"); }
  void answered(int status) override {
    const std::lock_guard lock(mutex);
    ++answers[status];
  }
  void note(const std::string&) override {}

  std::uint64_t wait_for_later(std::size_t count = 1) {
    std::unique_lock lock(mutex);
    REQUIRE(changed.wait_for(lock, test::kPatience, [&] { return waiting.size() >= count; }));
    return waiting.back();
  }
  std::uint64_t evicted() {
    http_get(port, "/");
    const std::lock_guard lock(mutex);
    return counts.closed_full;
  }
};

}  // namespace

TEST_CASE("a request reaches the handler as it was sent, and its answer has what every one has") {
  Served served;
  served.start();
  const std::string answer =
      http_get(served.port, "/a%2Fb?x=%20+y", "Accept: text/plain\r\nAuthorization: Bearer t\r\n");
  CHECK(code_of(answer) == 200);
  CHECK(body_of(answer) == "GET /a%2Fb?x=%20+y 0 text/plain Bearer t\n");
  CHECK(answer.find("\r\nCache-Control: no-store\r\n") != std::string::npos);
  CHECK(answer.find("\r\nX-Content-Type-Options: nosniff\r\n") != std::string::npos);
  CHECK(answer.find("\r\nX-Test: yes\r\n") != std::string::npos);
}

TEST_CASE("a connection carries many requests, HEAD and bodies among them") {
  Served served;
  served.start();
  HttpTalk talk(served.port);
  for (int i = 0; i < 3; ++i) {
    talk.say("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK(code_of(talk.answer()) == 200);
    talk.say("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n");
    const std::string head = talk.answer(true);
    CHECK(code_of(head) == 200);
    CHECK(head.find("Content-Length: 11\r\n") != std::string::npos);
    talk.say("POST /p HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
    talk.say("2\r\nde\r\n0\r\n\r\n");
    CHECK(body_of(talk.answer()) == "POST /p 5  \n");
  }
}

TEST_CASE("a body that is too large is refused before it is read") {
  Served served;
  served.limits.body_bytes = 10;
  served.start();
  CHECK(code_of(test::http_post(served.port, "/", "0123456789")) == 200);
  HttpTalk talk(served.port);
  talk.say("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n\r\n");
  CHECK(code_of(talk.answer()) == 413);
  HttpTalk huge(served.port);
  huge.say("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999999\r\n\r\n");
  CHECK(code_of(huge.rest()) == 413);
  HttpTalk chunked(served.port);
  chunked.say(
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n01234567890\r\n");
  CHECK(code_of(chunked.rest()) == 413);
  // One that fits in sum, however it is cut, is taken, and one whose sum does not is refused.
  const std::string head = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
  HttpTalk fits(served.port);
  for (const char c : head + "5;a=b\r\n01234\r\n05\r\n56789\r\n0\r\nTrailer: x\r\n\r\n") {
    fits.say({&c, 1});
  }
  CHECK(code_of(fits.answer()) == 200);
  HttpTalk sum(served.port);
  sum.say(head + "5\r\n01234\r\n6\r\n");
  CHECK(code_of(sum.rest()) == 413);
  CHECK(code_of(http_get(served.port, "/")) == 200);
  const std::lock_guard lock(served.mutex);
  CHECK(served.answers[413] == 4);
}

TEST_CASE("a client that sends on while it is refused can read why") {
  Served served;
  served.limits.body_bytes = 10;
  served.start();
  HttpTalk talk(served.port);
  talk.say("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n");
  talk.say(std::string(1'000'000, 'x'));
  CHECK(code_of(talk.answer()) == 413);
}

TEST_CASE("who is refused need not send the body, and nobody keeps it") {
  Served served;
  served.start();
  for (const char* length : {"Content-Length: 1000000", "Transfer-Encoding: chunked"}) {
    HttpTalk talk(served.port);
    talk.say(std::string("POST /refused HTTP/1.1\r\nHost: x\r\n") + length + "\r\n\r\n");
    CHECK(code_of(talk.answer()) == 401);
  }
  HttpTalk polite(served.port);
  polite.say("POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n");
  CHECK(polite.answer(true).starts_with("HTTP/1.1 100 "));
  polite.say("x");
  CHECK(code_of(polite.answer()) == 200);
}

TEST_CASE("a head that is too large, or is no HTTP, is refused, and others are served on") {
  Served served;
  served.limits.header_bytes = 2048;
  // Whoever ends its side in the middle of a request is closed when its time is over.
  served.limits.request_timeout = Millis{300};
  served.start();
  HttpTalk large(served.port);
  large.say("GET / HTTP/1.1\r\nHost: x\r\nX: " + std::string(20'000, 'x') + "\r\n\r\n");
  CHECK(code_of(large.rest()) == 431);
  HttpTalk line(served.port);
  line.say("GET /" + std::string(20'000, 'x') + " HTTP/1.1\r\n\r\n");
  CHECK(code_of(line.rest()) == 414);
  // To the byte.
  const std::string head = "GET / HTTP/1.1\r\nHost: x\r\nX: ";
  HttpTalk fits(served.port);
  fits.say(head + std::string(2048 - head.size() - 4, 'x') + "\r\n\r\n");
  CHECK(code_of(fits.answer()) == 200);
  fits.say(head + std::string(2048 - head.size() - 3, 'x') + "\r\n\r\n");
  CHECK(code_of(fits.rest()) == 431);
  for (const auto& [junk, code] :
       {std::pair{"\r\n\r\n\r\n", 0}, std::pair{"\x16\x03\x01\x02\x03 hello", 0},
        std::pair{"GET\r\n\r\n", 400}, std::pair{"GET / HTTP/9.9\r\n\r\n", 505},
        std::pair{"GET / HTTP/1.1\nHost: x\n\n", 400},
        std::pair{"GET / HTTP/1.1\r\nHost : x\r\nA\r\n\r\n", 400}}) {
    HttpTalk talk(served.port);
    talk.say(junk);
    ::shutdown(talk.fd(), SHUT_WR);
    const std::string answer = talk.rest();
    CHECK(code_of(answer) == code);
    CHECK((code == 0 || answer.find("\r\nCache-Control: no-store\r\n") != std::string::npos));
  }
  CHECK(code_of(http_get(served.port, "/")) == 200);
}

TEST_CASE("a head that a proxy may read otherwise is refused, and nothing behind it is served") {
  Served served;
  served.start();
  const std::string next = "GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n";
  const std::string chunked = "Transfer-Encoding: chunked\r\n";
  for (const std::string& headers :
       {std::string("Host: x\r\nContent-Length: 0\r\nContent-Length: 44\r\n"),
        std::string("Host: x\r\nContent-Length: 44\r\ncontent-length: 0\r\n"),
        std::string("Host: x\r\nHost: y\r\n"), "Host: x\r\nContent-Length: 5\r\n" + chunked,
        "Host: x\r\n" + chunked + "Content-Length: 5\r\n", "Host: x\r\n" + chunked + chunked,
        std::string("Host: x\r\nTransfer-Encoding: gzip, chunked\r\n"),
        std::string("Host: x\r\nTransfer-Encoding: identity\r\n"),
        std::string("Host: x\r\nContent-Length: +0\r\n"),
        std::string("Host: x\r\nContent-Length : 0\r\n"), std::string("Host: x\r\nA: \x01\r\n"),
        std::string("A: b\r\n"), std::string("Host: x\r\n: y\r\n"),
        std::string("Host: x\r\nA: b\r\n c\r\n")}) {
    CAPTURE(headers);
    HttpTalk talk(served.port);
    talk.say("POST / HTTP/1.1\r\n" + headers + "\r\n" + next);
    const std::string answer = talk.rest();
    CHECK(code_of(answer) == 400);
    CHECK(answer.find("\r\nConnection: close\r\n") != std::string::npos);
    CHECK(answer.find("smuggled") == std::string::npos);
  }
  HttpTalk old(served.port);
  old.say("POST / HTTP/1.0\r\n" + chunked + "\r\n0\r\n\r\n" + next);
  const std::string answer = old.rest();
  CHECK(answer.find(" 400 ") != std::string::npos);
  CHECK(answer.find("smuggled") == std::string::npos);
}

TEST_CASE("a target may have as many arguments as fit in a head") {
  Served served;
  served.start();
  std::string target = "/ready?";
  for (int i = 0; i < 1000; ++i) target += "a=b&";
  CHECK(body_of(http_get(served.port, target)).starts_with("GET " + target + " "));
}

TEST_CASE("requests that are sent before their answers are answered in their order") {
  Served served;
  served.start();
  HttpTalk talk(served.port);
  std::string all;
  for (int i = 0; i < 50; ++i) {
    all += "GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: x\r\n\r\n";
  }
  talk.say(all + "GET /last HTTP/1.0\r\n\r\n");
  for (int i = 0; i < 50; ++i) {
    CHECK(body_of(talk.answer()) == "GET /" + std::to_string(i) + " 0  \n");
  }
  CHECK(body_of(talk.rest()) == "GET /last 0  \n");
}

TEST_CASE("a client of HTTP/1.0 keeps its connection if it asks for that") {
  Served served;
  served.start();
  HttpTalk talk(served.port);
  for (int i = 0; i < 2; ++i) {
    talk.say("GET / HTTP/1.0\r\nConnection: x, Keep-Alive\r\n\r\n");
    CHECK(talk.answer().find("\r\nConnection: keep-alive\r\n") != std::string::npos);
  }
  talk.say("GET / HTTP/1.0\r\n\r\n");
  CHECK(talk.rest().find("\r\nConnection: close\r\n") != std::string::npos);
}

TEST_CASE("clients that send nothing, or never end, keep nobody out") {
  Served served;
  served.limits.connections = 20;
  served.limits.connections_per_client = 8;
  served.start();
  std::vector<std::unique_ptr<HttpTalk>> slow;
  for (int i = 0; i < 100; ++i) {
    slow.push_back(std::make_unique<HttpTalk>(served.port));
    slow.back()->say(i % 2 == 0 ? "" : "GET / HTTP/1.1\r\nX: y");
    if (i % 10 == 0) CHECK(code_of(http_get(served.port, "/")) == 200);
  }
  CHECK(served.evicted() >= 92);
  // The oldest had to go; of those that were closed, none was answered.
  CHECK(slow.front()->rest().empty());
}

TEST_CASE("a request that does not arrive in its time, however it drips, is closed") {
  Served served;
  served.limits.request_timeout = Millis{50};
  served.start();
  HttpTalk silent(served.port);
  HttpTalk dripping(served.port);
  while (dripping.say("x") && !dripping.is_closed()) std::this_thread::sleep_for(Millis{5});
  CHECK(silent.rest().empty());
}

TEST_CASE("a connection that asks no more is closed, too") {
  Served served;
  served.limits.idle_timeout = Millis{50};
  served.start();
  HttpTalk talk(served.port);
  talk.say("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(code_of(talk.answer()) == 200);
  CHECK(talk.rest().empty());
}

TEST_CASE("an answer may come later, from another thread, and others are answered meanwhile") {
  Served served;
  served.start();
  HttpTalk talk(served.port);
  talk.say("POST /later HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nab");
  const std::uint64_t exchange = served.wait_for_later();
  CHECK(code_of(http_get(served.port, "/")) == 200);
  CHECK_FALSE(talk.is_closed());
  served.server->answer(exchange, text_answer(202, "done"));
  const std::string answer = talk.answer();
  CHECK(code_of(answer) == 202);
  CHECK(body_of(answer) == "done\n");
  served.server->answer(exchange, text_answer(500, "twice"));
  talk.say("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(code_of(talk.answer()) == 200);
}

TEST_CASE("an answer that does not come is given up, and what comes after that is dropped") {
  Served served;
  served.limits.request_timeout = Millis{50};
  served.start();
  HttpTalk talk(served.port);
  talk.say("GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
  const std::uint64_t exchange = served.wait_for_later();
  CHECK(code_of(talk.answer()) == 504);
  served.server->answer(exchange, text_answer(200, "late"));
  CHECK(code_of(http_get(served.port, "/")) == 200);
}

TEST_CASE("a client that goes while its answer is made harms nobody") {
  Served served;
  served.start();
  std::uint64_t exchange = 0;
  {
    HttpTalk talk(served.port);
    talk.say("GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
    exchange = served.wait_for_later();
  }
  served.server->answer(exchange, text_answer(200, "nobody hears"));
  CHECK(code_of(http_get(served.port, "/")) == 200);
}

TEST_CASE("draining answers what has begun, takes nothing new, and ends") {
  Served served;
  served.start();
  HttpTalk idle(served.port);
  idle.say("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(code_of(idle.answer()) == 200);
  HttpTalk talk(served.port);
  talk.say("GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
  const std::uint64_t exchange = served.wait_for_later();
  served.server->drain();
  // Once it has closed its socket nobody can connect.
  for (;;) {
    try {
      HttpTalk late(served.port);
    } catch (const std::exception&) {
      break;
    }
  }
  CHECK_FALSE(talk.is_closed());
  served.server->answer(exchange, text_answer(200, "done"));
  const std::string answer = talk.rest();
  CHECK(code_of(answer) == 200);
  CHECK(answer.find("\r\nConnection: close\r\n") != std::string::npos);
  served.thread.join();
  CHECK(idle.rest().empty());
}

TEST_CASE("a request that has begun to arrive is awaited when the server drains") {
  Served served;
  served.start();
  HttpTalk talk(served.port);
  talk.say("POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
  CHECK(talk.answer(true).starts_with("HTTP/1.1 100 "));
  HttpTalk slow(served.port);
  slow.say("GET / HT");
  http_get(served.port, "/");  // What was said before has arrived.
  served.server->drain();
  std::this_thread::sleep_for(Millis{400});
  talk.say("body");
  CHECK(code_of(talk.rest()) == 200);
  slow.say("TP/1.1\r\nHost: x\r\n\r\n");
  CHECK(code_of(slow.rest()) == 200);
  served.thread.join();
}

TEST_CASE("in a hurry it waits for nobody") {
  Served served;
  served.start();
  HttpTalk talk(served.port);
  talk.say("GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
  served.wait_for_later();
  served.server->drain();
  served.server->stop();
  CHECK(code_of(talk.rest()) == 504);
  served.thread.join();
}

}  // namespace rz::server
