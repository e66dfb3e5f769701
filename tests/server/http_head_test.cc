#include "rz/server/http_head.h"

#include <doctest/doctest.h>

namespace rz::server {
namespace {

int status_of(const std::string& text) {
  const auto head = parse_head(text);
  return head ? 200 : head.error().status;
}

}  // namespace

TEST_CASE("the head of a request is read") {
  const auto head = parse_head(
      "POST /a%2Fb?\xc3\xa9 HTTP/1.1\r\nhost: x\r\nACCEPT:a\r\nAccept: \t b \r\n"
      "Authorization: Bearer t\r\nOrigin: o\r\nContent-Length: 12\r\nExpect: 100-Continue\r\n"
      "Connection: Close\r\nX:\r\n\r\n");
  REQUIRE(head);
  CHECK(head->request.method == "POST");
  CHECK(head->request.target == "/a%2Fb?\xc3\xa9");
  CHECK(head->request.accept == "a, b");
  CHECK(head->request.authorization == "Bearer t");
  CHECK(head->request.origin == "o");
  CHECK(head->length == 12);
  CHECK(head->expects_continue);
  CHECK_FALSE(head->keep_alive);
  CHECK_FALSE(head->chunked);
  CHECK(parse_head("GET / HTTP/1.1\r\nHost:\r\n\r\n")->keep_alive);
  CHECK_FALSE(parse_head("GET / HTTP/1.0\r\n\r\n")->keep_alive);
  CHECK(parse_head("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")->keep_alive);
  CHECK(parse_head("GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: Chunked\r\n\r\n")->chunked);
}

TEST_CASE("the end of a head is found however it arrives") {
  const std::string text = "GET / HTTP/1.1\r\nHost: x\r\n\r\nrest";
  for (std::size_t size = 0; size < text.size() - 4; ++size) {
    CHECK_FALSE(find_head_end(text.substr(0, size)));
  }
  CHECK(find_head_end(text) == text.size() - 4);
  CHECK(find_head_end(text, text.size() - 4 - 3) == text.size() - 4);
  CHECK(find_head_end("GET / HTTP/1.1\n\nrest") == 16);
}

TEST_CASE("a head that is not one is refused, and a version that is not spoken") {
  const std::string host = "Host: x\r\n\r\n";
  for (const char* line :
       {"", "GET", "GET /", "GET  / HTTP/1.1", "GET / HTTP/1.1 ", " GET / HTTP/1.1",
        "GE(T / HTTP/1.1", "GET /\x01 HTTP/1.1", "GET / HTTP/1.1x", "GET / http/1.1",
        "GET / HTTP/1.1\r", "GET / FTP/1.1", "GET /\t/ HTTP/1.1"}) {
    CAPTURE(line);
    CHECK(status_of(std::string(line) + "\r\n" + host) == 400);
  }
  for (const char* version : {"HTTP/2.0", "HTTP/0.9", "HTTP/1.2"}) {
    CHECK(status_of(std::string("GET / ") + version + "\r\n" + host) == 505);
  }
  const std::string line = "GET / HTTP/1.1\r\n";
  for (const char* header :
       {": x", " A: x", "A : x", "A", "A: \x01", "A: x\ry", "A: \x7f", "Host: y",
        "Content-Length:", "Content-Length: 1, 1", "Content-Length: 0x1", "Content-Length: -1",
        "Authorization: a\r\nAuthorization: b", "Transfer-Encoding: chunked, chunked",
        "Transfer-Encoding:", "Transfer-Encoding: chunked\r\nContent-Length: 1"}) {
    CAPTURE(header);
    CHECK(status_of(line + header + "\r\n" + host) == 400);
  }
  CHECK(status_of(line + "A: x\n" + host) == 400);
  CHECK(status_of(line + "\r\n") == 400);
  CHECK(status_of(line + std::string("A: ") + '\0' + "\r\n" + host) == 400);
  CHECK(status_of(line + "Expect: tea\r\n" + host) == 417);
  CHECK(status_of(line + "Content-Length: 99999999999999999999999\r\n" + host) == 200);
}

}  // namespace rz::server
