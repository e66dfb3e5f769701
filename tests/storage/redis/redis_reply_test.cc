#include "rz/storage/redis/redis_reply.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <string>
#include <vector>

#include "rz/storage/storage_rules.h"

namespace rz::storage {
namespace {

using Type = RedisReply::Type;

std::string shown(const RedisReply& reply) {
  switch (reply.type) {
    case Type::nil: return "nil";
    case Type::integer: return ":" + std::to_string(reply.integer);
    case Type::string: return "'" + reply.text + "'";
    case Type::status: return "+" + reply.text;
    case Type::error: return "-" + reply.text;
    case Type::array: break;
  }
  std::string text = "[";
  for (const RedisReply& element : reply.elements) text += shown(element) + " ";
  return text + "]";
}

/// All replies in `bytes`, which come in parts of `step` bytes; "!" and the message at an error.
std::string read_all(std::string_view bytes, std::size_t step) {
  RedisReplyReader reader;
  std::string text;
  while (true) {
    const auto reply = reader.next();
    if (!reply) return text + "!" + reply.error().message;
    if (*reply) {
      text += shown(**reply) + ";";
      continue;
    }
    if (bytes.empty()) return text + (reader.is_empty() ? "" : "…");
    if (const auto fed = reader.feed(bytes.substr(0, step)); !fed) {
      return text + "!" + fed.error().message;
    }
    bytes.remove_prefix(std::min(step, bytes.size()));
  }
}

TEST_CASE("every kind of reply, in parts of any size") {
  struct Row {
    std::string_view bytes;
    std::string_view replies;
  };
  const Row rows[] = {
      {"", ""},
      {"+OK\r\n", "+OK;"},
      {"+\r\n", "+;"},
      {"-ERR no\r\n", "-ERR no;"},
      {":0\r\n", ":0;"},
      {":-9223372036854775808\r\n", ":-9223372036854775808;"},
      {":9223372036854775807\r\n", ":9223372036854775807;"},
      {"$0\r\n\r\n", "'';"},
      {"$5\r\na\r\nb!\r\n", "'a\r\nb!';"},
      {std::string_view("$3\r\n\0\xff\0\r\n", 9), std::string_view("'\0\xff\0';", 6)},
      {"$-1\r\n", "nil;"},
      {"*-1\r\n", "nil;"},
      {"*0\r\n", "[];"},
      {"*3\r\n$1\r\na\r\n:1\r\n$-1\r\n", "['a' :1 nil ];"},
      {"*2\r\n*1\r\n+a\r\n*2\r\n-b\r\n*0\r\n", "[[+a ] [-b [] ] ];"},
      {"+a\r\n+b\r\n:1\r\n", "+a;+b;:1;"},
      {"+a\r\n$3\r\nx", "+a;…"},
  };
  for (const Row& row : rows) {
    for (const std::size_t step : {1UL, 2UL, 3UL, 1000UL}) {
      CAPTURE(row.bytes);
      CAPTURE(step);
      CHECK(read_all(row.bytes, step) == row.replies);
    }
  }
}

TEST_CASE("what is not Redis' protocol is refused") {
  for (const std::string_view bytes :
       {"HTTP/1.1 400 Bad Request\r\n", "\r\n", "x", ":1x\r\n", ":\r\n", "$x\r\n", "$-2\r\n",
        "*-2\r\n", "*1\r\nx", "$3\r\nabcd\r\n", "$3\r\nab\r\n\r\n", "*1\r\n$1\r\nab\r\n", "%1\r\n",
        "\x16\x03\x01"}) {
    CAPTURE(bytes);
    CHECK(read_all(bytes, 1).starts_with("!the answer is not Redis' protocol: "));
  }
  CHECK(read_all("\x1b[2J", 4) ==
        "!the answer is not Redis' protocol: Protocol error, got \"\\x1b\" as reply type byte");
}

TEST_CASE("limits hold before memory is spent") {
  const std::string million = std::to_string(RedisReplyReader::kMaxElements);
  const std::string more = std::to_string(RedisReplyReader::kMaxElements + 1);
  CHECK(read_all("*" + million + "\r\n", 100) == "");
  CHECK(read_all("*" + more + "\r\n", 100).starts_with("!"));
  CHECK(read_all("*2147483647\r\n", 100).starts_with("!"));
  CHECK(read_all("*99999999999999999999\r\n", 100).starts_with("!"));
  CHECK(read_all("$99999999999999999999\r\n", 100).starts_with("!"));
  std::string deep;
  for (int i = 0; i < 100; ++i) deep += "*1\r\n";
  CHECK(read_all(deep, 100).starts_with("!"));
}

/// A reply, and the bytes that a server sends for it.
struct Encoded {
  std::string bytes;
  std::string shown;
};

rc::Gen<Encoded> any_reply(int depth) {
  using rc::gen::map;
  const auto word = rc::gen::container<std::string>(rc::gen::inRange<char>(32, 126));
  const auto status = map(word, [](const std::string& text) {
    return Encoded{"+" + text + "\r\n", "+" + text};
  });
  const auto error = map(word, [](const std::string& text) {
    return Encoded{"-" + text + "\r\n", "-" + text};
  });
  const auto integer = map(rc::gen::arbitrary<std::int64_t>(), [](std::int64_t number) {
    return Encoded{":" + std::to_string(number) + "\r\n", ":" + std::to_string(number)};
  });
  const auto string = map(rc::gen::arbitrary<std::string>(), [](const std::string& text) {
    return Encoded{"$" + std::to_string(text.size()) + "\r\n" + text + "\r\n", "'" + text + "'"};
  });
  const auto nil = rc::gen::just(Encoded{"$-1\r\n", "nil"});
  if (depth == 0) return rc::gen::oneOf(status, error, integer, string, nil);
  const auto array = map(rc::gen::container<std::vector<Encoded>>(any_reply(depth - 1)),
                         [](const std::vector<Encoded>& elements) {
                           Encoded all{"*" + std::to_string(elements.size()) + "\r\n", "["};
                           for (const Encoded& element : elements) {
                             all.bytes += element.bytes;
                             all.shown += element.shown + " ";
                           }
                           all.shown += "]";
                           return all;
                         });
  return rc::gen::oneOf(status, error, integer, string, nil, array);
}

TEST_CASE("any replies come out as they went in, however they are cut") {
  CHECK(rc::check("replies survive", [] {
    std::string bytes;
    std::string expected;
    for (int i = *rc::gen::inRange(1, 4); i > 0; --i) {
      const Encoded reply = *any_reply(2);
      bytes += reply.bytes;
      expected += reply.shown + ";";
    }
    const auto step = *rc::gen::inRange<std::size_t>(1, 64);
    RC_ASSERT(read_all(bytes, step) == expected);
    // A part of them yields a part of the answer.
    const auto cut = *rc::gen::inRange<std::size_t>(0, bytes.size());
    const std::string part = read_all(std::string_view(bytes).substr(0, cut), step);
    RC_ASSERT(part.find('!') == std::string::npos || expected.find('!') != std::string::npos);
  }));
}

TEST_CASE("any bytes are read or refused") {
  CHECK(rc::check("nothing breaks", [] {
    std::string bytes = (*any_reply(2)).bytes;
    const int changes = *rc::gen::inRange(1, 5);
    for (int i = 0; i < changes; ++i) {
      const auto at = *rc::gen::inRange<std::size_t>(0, bytes.size());
      bytes[at] = *rc::gen::oneOf(rc::gen::arbitrary<char>(),
                                  rc::gen::element('*', '$', ':', '-', '\r', '\n', '9'));
    }
    static_cast<void>(read_all(bytes, *rc::gen::inRange<std::size_t>(1, 64)));
  }));
}

TEST_CASE("a command goes out as an array of strings") {
  const std::string_view command[] = {"SET", "", std::string_view("a\0\r\n", 4)};
  CHECK(encode_command(command) ==
        std::string("*3\r\n$3\r\nSET\r\n$0\r\n\r\n$4\r\na\0\r\n\r\n", 29));
}

TEST_CASE("a command that no server takes is refused before it is copied") {
  // As often as it takes, the same bytes.
  const std::string megabyte(1 << 20, 'x');
  const std::vector<std::string_view> command(1025, megabyte);
  const auto encoded = encode_command(command);
  REQUIRE_FALSE(encoded.has_value());
  CHECK(encoded.error().code == ErrorCode::invalid_argument);
  CHECK(encoded.error().message == "a request of 1074790400 bytes; Redis takes 1073741824 at most");
}

}  // namespace
}  // namespace rz::storage
