#include "rz/base/appended_file.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <string>

#include "rz/base/file.h"
#include "support/results.h"
#include "support/temp_folder.h"

namespace rz {
namespace {

std::string appended_text(const std::string& path) { return ok(read_file(path, 1 << 20)); }

void append_to(const std::string& path, std::string_view line) {
  const UniqueFd file = ok(open_to_append(path));
  ok(append_line(file.get(), line));
}

TEST_CASE("lines are appended, and the file is made for the first") {
  const TempFolder folder;
  append_to(folder / "f", "one");
  append_to(folder / "f", "two");
  CHECK(appended_text(folder / "f") == "one\ntwo\n");
  CHECK(code_of(open_to_append(folder / "no/such/folder")) == ErrorCode::not_found);
  CHECK(code_of(open_to_append(folder.path())) == ErrorCode::unavailable);
}

TEST_CASE("a line that was cut off keeps its damage to itself") {
  const TempFolder folder;
  std::ofstream(folder / "f") << "one\ntw";
  append_to(folder / "f", "three");
  CHECK(appended_text(folder / "f") == "one\ntw\nthree\n");
}

TEST_CASE("a line of which only a part could be written is told, and the next is whole") {
  const TempFolder folder;
  append_to(folder / "f", "one");
  const UniqueFd file = ok(open_to_append(folder / "f"));
  ::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
  rlimit little = before;
  little.rlim_cur = 6;
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &little) == 0);
  const auto part = append_line(file.get(), "three");
  const auto nothing = append_line(file.get(), "four");
  ::setrlimit(RLIMIT_FSIZE, &before);
  CHECK(message_of(part).find("only 2 of 6 bytes") != std::string::npos);
  CHECK(message_of(nothing).find("File too large") != std::string::npos);
  ok(append_line(file.get(), "five"));
  CHECK(appended_text(folder / "f") == "one\nth\nfive\n");
}

TEST_CASE("a pipe is not waited for: neither for a reader, nor for one that does not read") {
  const TempFolder folder;
  const std::string path = folder / "pipe";
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  CHECK(message_of(open_to_append(path)).find("nobody reads from this pipe") != std::string::npos);
  const UniqueFd reader(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  const UniqueFd file = ok(open_to_append(path));
  ok(append_line(file.get(), "one"));
  char bytes[8];
  CHECK(::read(reader.get(), bytes, sizeof bytes) == 4);
  const std::string line(4000, 'x');
  Result<void> written;
  for (int i = 0; i < 1000 && written; ++i) written = append_line(file.get(), line);
  CHECK(message_of(written).find("does not keep up") != std::string::npos);
}

}  // namespace
}  // namespace rz
