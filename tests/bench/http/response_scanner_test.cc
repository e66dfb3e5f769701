#include "rz/bench/http/response_scanner.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <string>
#include <string_view>
#include <vector>

namespace rz::bench {
namespace {

/// What a scanner made of some bytes.
struct Scanned {
  bool complete = false;
  bool by_close = false;  ///< Only the end of the connection completed it.
  ResponseFault fault = ResponseFault::none;
  int status = 0;
  bool keeps_alive = false;
  std::size_t used = 0;

  bool operator==(const Scanned&) const = default;
};

/// Feeds `bytes` in pieces that end at `cuts`, and closes.
Scanned scan(std::string_view bytes, const std::vector<std::size_t>& cuts = {},
             bool to_head = false) {
  ResponseScanner scanner;
  scanner.begin(to_head);
  Scanned scanned;
  std::size_t begin = 0;
  std::vector<std::size_t> ends = cuts;
  ends.push_back(bytes.size());
  for (const std::size_t end : ends) {
    if (end < begin || end > bytes.size()) continue;
    if (scanner.is_complete() || scanner.fault() != ResponseFault::none) break;
    scanned.used += scanner.feed(bytes.substr(begin, end - begin));
    begin = end;
  }
  scanned.by_close = !scanner.is_complete() && scanner.close();
  scanned.complete = scanner.is_complete();
  scanned.fault = scanner.fault();
  if (scanned.complete) {
    scanned.status = scanner.status();
    scanned.keeps_alive = scanner.keeps_alive();
  }
  // How far a scanner has looked before it found a fault says nothing.
  if (scanned.fault != ResponseFault::none) scanned.used = 0;
  return scanned;
}

TEST_CASE("whole responses, and whether the connection may be used again") {
  struct Row {
    const char* bytes;
    int status;
    bool keeps_alive;
  };
  const Row rows[] = {
      {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200, true},
      {"HTTP/1.1 200\r\ncontent-length:0\r\n\r\n", 200, true},
      {"HTTP/1.1 200 \r\nCONTENT-LENGTH:  2 \r\n\r\nab", 200, true},
      {"HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx", 404, false},
      {"HTTP/1.1 200 OK\r\nConnection: Foo, CLOSE\r\nContent-Length: 1\r\n\r\nx", 200, false},
      {"HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx", 200, false},
      {"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\nx", 200, true},
      {"HTTP/1.1 204 No Content\r\n\r\n", 204, true},
      {"HTTP/1.1 304 Not Modified\r\nContent-Length: 500\r\n\r\n", 304, true},
      {"HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n", 204, true},
      {"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
       200, true},
      {"HTTP/1.1 100 Continue\r\nConnection: close\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: "
       "0\r\n\r\n",
       200, true},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", 200, true},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
       "000A;a=b;c\r\n0123456789\r\n1\r\nx\r\n0\r\nX-Sum: 1\r\n\r\n",
       200, true},
      {"HTTP/1.1 200 OK\r\nX-Empty:\r\nX-Latin: \xE4\r\nX-Tab: a\tb\r\nContent-Length: 0\r\n\r\n",
       200, true},
  };
  for (const Row& row : rows) {
    CAPTURE(row.bytes);
    const std::string_view bytes = row.bytes;
    const Scanned scanned = scan(bytes);
    CHECK(scanned.complete);
    CHECK_FALSE(scanned.by_close);
    CHECK(scanned.status == row.status);
    CHECK(scanned.keeps_alive == row.keeps_alive);
    CHECK(scanned.used == bytes.size());
    // What follows is the next one's.
    CHECK(scan(std::string(bytes) + "HTTP/1.1").used == bytes.size());
    // All but the last byte is not all.
    CHECK_FALSE(scan(bytes.substr(0, bytes.size() - 1)).complete);
  }
}

TEST_CASE("a response to HEAD has no body, whatever its head says") {
  const std::string head = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n";
  CHECK(scan(head, {}, true).complete);
  CHECK_FALSE(scan(head, {}, false).complete);
  CHECK(scan("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", {}, true).keeps_alive);
}

TEST_CASE("a response without a length ends with its connection") {
  const Scanned scanned = scan("HTTP/1.1 200 OK\r\n\r\nall that there is");
  CHECK(scanned.complete);
  CHECK(scanned.by_close);
  CHECK_FALSE(scanned.keeps_alive);
}

TEST_CASE("what two readers might read differently is a fault") {
  using Fault = ResponseFault;
  const std::string long_line(70'000, 'a');
  std::string interim;
  for (int i = 0; i <= ResponseScanner::kMaxInterim; ++i) interim += "HTTP/1.1 102 Wait\r\n\r\n";
  struct Row {
    std::string bytes;
    ResponseFault fault;
  };
  const std::string ok = "HTTP/1.1 200 OK\r\n";
  const std::string chunked = ok + "Transfer-Encoding: chunked\r\n\r\n";
  const Row rows[] = {
      {"HTTP/2.0 200 OK\r\n\r\n", Fault::head},
      {"HTTP/1.2 200 OK\r\n\r\n", Fault::head},
      {"http/1.1 200 OK\r\n\r\n", Fault::head},
      {"ICY 200 OK\r\n\r\n", Fault::head},
      {"\r\nHTTP/1.1 200 OK\r\n\r\n", Fault::head},
      {"HTTP/1.1  200 OK\r\n\r\n", Fault::head},
      {"HTTP/1.1 20 OK\r\n\r\n", Fault::head},
      {"HTTP/1.1 2000 OK\r\n\r\n", Fault::head},
      {"HTTP/1.1 600 OK\r\n\r\n", Fault::head},
      {"HTTP/1.1 099 OK\r\n\r\n", Fault::head},
      {"HTTP/1.1 200 OK\nContent-Length: 0\n\n", Fault::head},
      {"HTTP/1.1 200 O\x01K\r\n\r\n", Fault::head},
      {ok + "Content-Length 5\r\n\r\n", Fault::head},
      {ok + ": empty\r\n\r\n", Fault::head},
      {ok + "Content-Length : 0\r\n\r\n", Fault::head},
      {ok + "X: a\r\n folded\r\n\r\n", Fault::head},
      {ok + "X: a\rb\r\n\r\n", Fault::head},
      {ok + std::string("X: a\0b\r\n\r\n", 10), Fault::head},
      {ok + "X: a\x7F\r\n\r\n", Fault::head},
      {ok + "X-\xE4: a\r\n\r\n", Fault::head},
      {ok + "X: " + long_line, Fault::head_size},
      {interim, Fault::head_size},
      {ok + "Content-Length: 5\r\nContent-Length: 6\r\n\r\n", Fault::length},
      {ok + "Content-Length: 5\r\nContent-Length: 5\r\n\r\n", Fault::length},
      {ok + "Content-Length: 5, 5\r\n\r\n", Fault::length},
      {ok + "Content-Length: +5\r\n\r\n", Fault::length},
      {ok + "Content-Length: -1\r\n\r\n", Fault::length},
      {ok + "Content-Length: 0x5\r\n\r\n", Fault::length},
      {ok + "Content-Length: 5 5\r\n\r\n", Fault::length},
      {ok + "Content-Length:\r\n\r\n", Fault::length},
      {ok + "Content-Length: 5\t\r\n\r\nhello", Fault::length},
      {ok + "Transfer-Encoding: chunked\t\r\n\r\n0\r\n\r\n", Fault::length},
      {ok + "Content-Length: 99999999999999999999\r\n\r\n", Fault::length},
      {ok + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n", Fault::length},
      {ok + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", Fault::length},
      {ok + "Transfer-Encoding: gzip\r\n\r\n", Fault::length},
      {ok + "Transfer-Encoding: gzip, chunked\r\n\r\n", Fault::length},
      {ok + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", Fault::length},
      {"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", Fault::length},
      {chunked + "\r\n", Fault::chunk},
      {chunked + "x\r\n", Fault::chunk},
      {chunked + "-1\r\n", Fault::chunk},
      {chunked + " 1\r\n", Fault::chunk},
      {chunked + "1 \r\n", Fault::chunk},
      {chunked + "5\nhello", Fault::chunk},
      {chunked + "1\r\nxy\r\n", Fault::chunk},
      {chunked + "1\r\nx\n0\r\n\r\n", Fault::chunk},
      {chunked + "1;\r\n", Fault::chunk},
      {chunked + "1;a=\r\n", Fault::chunk},
      {chunked + "1;a b\r\n", Fault::chunk},
      {chunked + "1234567890123456\r\n", Fault::chunk},
      {chunked + "0\r\nno header\r\n\r\n", Fault::head},
      {chunked + "0\r\nContent-Length: 5\r\n\r\n", Fault::length},
      {"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", Fault::upgrade},
  };
  for (const Row& row : rows) {
    CAPTURE(row.bytes.substr(0, 200));
    const Scanned scanned = scan(row.bytes);
    CHECK(scanned.fault == row.fault);
    CHECK_FALSE(scanned.complete);
  }
}

TEST_CASE("where the reads cut a response does not matter") {
  const std::string inputs[] = {
      "HTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nServer: "
      "a-long-name-of-a-server/1.2\r\n"
      "Transfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\nX: y\r\n\r\nrest",
      "HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nContent-Length: 5\r\n\r\nhelloHTTP",
      "HTTP/1.1 200 OK\r\nX: a\rb\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nxy\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n",
  };
  for (const std::string& input : inputs) {
    CAPTURE(input);
    const Scanned whole = scan(input);
    for (std::size_t cut = 0; cut <= input.size(); ++cut) CHECK(scan(input, {cut}) == whole);
    std::vector<std::size_t> every;
    for (std::size_t cut = 1; cut < input.size(); ++cut) every.push_back(cut);
    CHECK(scan(input, every) == whole);
  }
}

TEST_CASE("a control character is found wherever it stands, in blocks of sixteen and behind them") {
  for (std::size_t size = 1; size < 70; ++size) {
    for (std::size_t at = 0; at < size; ++at) {
      std::string value(size, 'v');
      CHECK(scan("HTTP/1.1 204 x\r\nX: " + value + "\r\n\r\n").complete);
      value[at] = '\x02';
      CHECK(scan("HTTP/1.1 204 x\r\nX: " + value + "\r\n\r\n").fault == ResponseFault::head);
    }
  }
}

TEST_CASE("a scanner goes on with the next response, and a body can be skipped") {
  ResponseScanner scanner;
  for (int i = 0; i < 3; ++i) {
    scanner.begin(false);
    CHECK(scanner.skippable() == 0);
    CHECK(scanner.feed("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nab") == 42);
    CHECK(scanner.skippable() == 98);
    scanner.skip(97);
    CHECK_FALSE(scanner.is_complete());
    CHECK(scanner.feed("x") == 1);
    CHECK(scanner.is_complete());
    CHECK(scanner.feed("more") == 0);
  }
}

}  // namespace
}  // namespace rz::bench
