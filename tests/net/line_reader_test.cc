#include "rz/net/line_reader.h"

#include <doctest/doctest.h>

#include <string>

#include "support/patience.h"
#include "support/results.h"
#include "support/scripted_server.h"

namespace rz::net {
namespace {

Deadline patience_ends() { return std::chrono::steady_clock::now() + test::kPatience; }

TEST_CASE("lines and counted bytes follow each other") {
  const test::ScriptedServer server({test::say("one\r\ntwo\nabcdef\n\nrest")});
  const auto transport = ok(connect_tcp("127.0.0.1", server.port(), patience_ends()));
  LineReader reader(*transport);
  CHECK(ok(reader.line(patience_ends())) == "one");
  CHECK(ok(reader.line(patience_ends())) == "two");
  CHECK(ok(reader.bytes(6, patience_ends())) == "abcdef");
  CHECK(ok(reader.line(patience_ends())).empty());
  CHECK(ok(reader.line(patience_ends())).empty());
  CHECK(code_of(reader.line(patience_ends())) == ErrorCode::unavailable);
  CHECK(reader.has_more());
}

TEST_CASE("an answer is quoted printable and cut off") {
  CHECK(quoted_answer("a\x1b\r\n") == "'a\\x1b\\r\\n'");
  CHECK(quoted_answer(std::string(5'000, 'x')).size() < 100);
}

}  // namespace
}  // namespace rz::net
