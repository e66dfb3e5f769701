#include "rz/server/http_body.h"

#include <doctest/doctest.h>

namespace rz::server {
namespace {

using State = BodyReader::State;

/// What comes of an input that arrives in pieces of `piece` bytes.
struct ReadBody {
  State state;
  std::string body;
  std::string rest;  ///< Not taken.
};

ReadBody read_body(const RequestHead& head, std::string_view input, std::size_t piece) {
  BodyReader reader(head, 10);
  ReadBody read{reader.state(), "", ""};
  for (std::size_t at = 0; at < input.size(); at += piece) {
    std::string_view part = input.substr(at, piece);
    read.state = reader.take(part, read.body);
    read.rest.append(part);
  }
  return read;
}

}  // namespace

TEST_CASE("a body ends where its head says, however it is cut") {
  for (const std::size_t piece : {1U, 2U, 3U, 100U}) {
    const ReadBody whole = read_body({.length = 5}, "helloGET /", piece);
    CHECK(whole.state == State::done);
    CHECK(whole.body == "hello");
    CHECK(whole.rest == "GET /");
    const ReadBody chunked = read_body(
        {.chunked = true}, "3;x=\"y\"\r\nhel\r\n0002\r\nlo\r\n0\r\nA: b\r\n\r\nGET /", piece);
    CHECK(chunked.state == State::done);
    CHECK(chunked.body == "hello");
    CHECK(chunked.rest == "GET /");
    CHECK(read_body({.length = 5}, "hell", piece).state == State::more);
    CHECK(read_body({.chunked = true}, "5\r\nhello\r\n0\r\n", piece).state == State::more);
  }
}

TEST_CASE("a body that is too large is known as soon as its size is") {
  CHECK(read_body({.length = 11}, "", 1).state == State::too_large);
  CHECK(read_body({.length = 10}, "", 1).state == State::more);
  CHECK(read_body({.chunked = true}, "b\r\n", 1).state == State::too_large);
  CHECK(read_body({.chunked = true}, "5\r\nhello\r\n6\r\n", 1).state == State::too_large);
  CHECK(read_body({.chunked = true}, "ffffffffffffffffff\r\n", 1).state == State::too_large);
}

TEST_CASE("chunks that another reader may read otherwise are refused") {
  for (const std::string& input :
       {std::string("\r\n"), std::string("x\r\n"), std::string("-1\r\n"), std::string("0x1\r\n"),
        std::string(" 1\r\n"), std::string("1 \r\n"), std::string("1\n"), std::string("1;a\rb\r\n"),
        std::string("1\r\nab\r\n"), std::string("1\r\na\n"), "1;" + std::string(2000, 'x'),
        "0\r\n" + std::string(2000, 'x'), "0\r\n" + [] {
          std::string trailer;
          for (int i = 0; i < 100; ++i) trailer += "A: " + std::string(200, 'x') + "\r\n";
          return trailer;
        }()}) {
    CAPTURE(input);
    CHECK(read_body({.chunked = true}, input, 1).state == State::malformed);
    CHECK(read_body({.chunked = true}, input, 5000).state == State::malformed);
  }
}

}  // namespace rz::server
