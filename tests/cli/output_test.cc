#include "rz/cli/output.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "rz/base/file.h"

namespace rz::cli {
namespace {

struct Pipe {
  Pipe() {
    int fds[2];
    REQUIRE(::pipe(fds) == 0);
    reader.reset(fds[0]);
    writer.reset(fds[1]);
  }
  std::string drain() {
    writer.reset();
    std::string all;
    char chunk[4096];
    ssize_t n;
    while ((n = ::read(reader.get(), chunk, sizeof chunk)) > 0) {
      all.append(chunk, static_cast<std::size_t>(n));
    }
    return all;
  }
  UniqueFd reader, writer;
};

}  // namespace

TEST_CASE("output arrives in order and whole") {
  Pipe pipe;
  {
    Output out(pipe.writer.get(), false);
    out.raw("a");
    out.line("b");
    out.json(Value::object({{"k", 1}}));
    CHECK(out.flush().has_value());
  }
  CHECK(pipe.drain() == "ab\n{\"k\":1}\n");
}

TEST_CASE("a full device is an error, every time it is asked") {
  UniqueFd full(::open("/dev/full", O_WRONLY));
  REQUIRE(full);
  Output out(full.get(), false);
  out.line("lost");
  const auto first = out.flush();
  REQUIRE(!first.has_value());
  CHECK(first.error().code == ErrorCode::unavailable);
  CHECK(first.error().where == "standard output");
  CHECK(!out.closed_pipe());
  CHECK(!out.flush().has_value());
}

TEST_CASE("a reader that has gone is told apart from a failed write") {
  Pipe pipe;
  pipe.reader.reset();
  Output out(pipe.writer.get(), false);
  out.line("unread");
  CHECK(!out.flush().has_value());
  CHECK(out.closed_pipe());
}

}  // namespace rz::cli
