#include "rz/fallback/identity.h"

#include <doctest/doctest.h>

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <string>

namespace rz::fallback {
namespace {

TEST_CASE("there is a user and a host, and they stay") {
  CHECK_FALSE(user_name().empty());
  CHECK_FALSE(host_name().empty());
  CHECK(user_name() == user_name());
  CHECK(host_name() == host_name());
}

TEST_CASE("a process runs until it has ended, whoever has its number then") {
  const std::string self = process_name();
  REQUIRE(self != "");
  CHECK(self == process_name());
  CHECK_FALSE(has_ended(self));
  // The number of this process with another begin: one that had it before.
  CHECK(has_ended(self.substr(0, self.rfind('/')) + "/1"));

  int channel[2];
  REQUIRE(::pipe(channel) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const std::string name = process_name();
    ::_exit(::write(channel[1], name.data(), name.size()) > 0 ? 0 : 1);
  }
  ::close(channel[1]);
  std::string name(512, '\0');
  name.resize(static_cast<std::size_t>(std::max<ssize_t>(::read(channel[0], name.data(), 512), 0)));
  ::close(channel[0]);
  siginfo_t info{};
  REQUIRE(::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT) == 0);
  CHECK(name != self);
  CHECK(has_ended(name));  // A zombie.
  REQUIRE(::waitpid(child, nullptr, 0) == child);
  CHECK(has_ended(name));
}

TEST_CASE("of a process of elsewhere nothing is known") {
  const std::string self = process_name();
  for (const std::string& name :
       {std::string(), std::string("/"), "x" + self,
        self.substr(0, self.find('/')) + "/pid:[1]/1/1", self.substr(0, self.rfind('/')),
        self + "/1", self.substr(0, self.find(']') + 2) + "-1/1",
        self.substr(0, self.find(']') + 2) + "99999999999999/1"}) {
    CAPTURE(name);
    CHECK_FALSE(has_ended(name));
  }
}

}  // namespace
}  // namespace rz::fallback
