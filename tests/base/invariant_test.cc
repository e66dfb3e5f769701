#include "rz/base/invariant.h"

#include <doctest/doctest.h>

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <string>

namespace rz {
namespace {

// What a child that breaks an invariant says, and how it ends.
std::string broken(int& status) {
  int channel[2];
  REQUIRE(::pipe(channel) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    std::signal(SIGABRT, SIG_DFL);  // The test program catches it otherwise.
    ::dup2(channel[1], STDERR_FILENO);
    require_invariant(false, "two and two are four");
    ::_exit(0);
  }
  ::close(channel[1]);
  std::string said;
  std::array<char, 512> buffer{};
  for (ssize_t count; (count = ::read(channel[0], buffer.data(), buffer.size())) > 0;) {
    said.append(buffer.data(), static_cast<std::size_t>(count));
  }
  ::close(channel[0]);
  REQUIRE(::waitpid(child, &status, 0) == child);
  return said;
}

TEST_CASE("a broken invariant ends the process, with its place and its message") {
  require_invariant(true, "nothing happens");
  int status = 0;
  const std::string said = broken(status);
  CHECK(WIFSIGNALED(status));
  CHECK(WTERMSIG(status) == SIGABRT);
  CHECK(said.find("invariant_test.cc:") != std::string::npos);
  CHECK(said.ends_with(": two and two are four\n"));
}

}  // namespace
}  // namespace rz
