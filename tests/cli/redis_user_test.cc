// The rights that rz.yaml(5) says a user of Redis needs are enough for all commands.

#include <doctest/doctest.h>

#include <fstream>
#include <string>
#include <vector>

#include "golden.h"
#include "support/redis_server.h"
#include "support/temp_folder.h"

namespace rz::testing {
namespace {

using Words = std::vector<std::string>;

/// A server with a user who has these rights and no others, and commands that are given as it.
struct User {
  test::RedisServer server{};
  TempFolder home{};

  explicit User(const Words& rights, const std::string& prefix = {}) {
    Words command{"ACL", "SETUSER", "me", "reset", "on", ">hunter2"};
    command.insert(command.end(), rights.begin(), rights.end());
    REQUIRE(server.command(command).text == "OK");
    const std::string url = server.url("me:hunter2");
    std::ofstream(home / "rz.yaml") << "storage:\n  url: " << url.substr(0, url.rfind('/'))
                                    << "/1\n  key_prefix: \"" << prefix << "\"\n"
                                    << "health:\n  checks:\n    - {type: component, name: worker,"
                                    << " component: worker}\n";
  }
  GoldenStep run(const std::string& command) const {
    return run_step("rz " + command + " --config rz.yaml", home.path());
  }
};

const Words kCommandsOfUser = {"health report worker healthy",
                               "health",
                               "health state",
                               "cascade set safe --reason tested",
                               "cascade release",
                               "cascade",
                               "cascade status",
                               "transitions",
                               "transitions reindex",
                               "transitions prune --older-than 1d"};

}  // namespace

TEST_CASE("the rights that the manual names are enough for every command") {
  const Words commands{"+@read", "+@write", "+@scripting", "+@connection"};
  for (const bool with_prefix : {false, true}) {
    Words rights = with_prefix ? Words{"~mine:*"} : Words{"~fallback:*", "~health:*", "~rz:*"};
    rights.insert(rights.end(), commands.begin(), commands.end());
    const User user(rights, with_prefix ? "mine:" : "");
    for (const std::string& command : kCommandsOfUser) {
      const GoldenStep step = user.run(command);
      INFO("$ rz " << command << "\n" << step.output << step.error);
      CHECK(step.exit_code < 3);
      CHECK((step.output + step.error).find("NOPERM") == std::string::npos);
    }
    CHECK(user.server.command({"DBSIZE"}).integer == 0);
  }
}

TEST_CASE("as in Redis 6, whose +@connection has no SELECT: the message names the right") {
  const Words rights{"~*", "+@read", "+@write", "+@scripting", "+@connection", "-select", "-wait"};
  const User user(rights);
  for (const std::string command : {"transitions", "cascade status"}) {
    const GoldenStep step = user.run(command);
    INFO("$ rz " << command << "\n" << step.output);
    CHECK(step.error.find("here rz needs +select as well (ACL SETUSER)") != std::string::npos);
  }
  REQUIRE(user.server.command({"ACL", "SETUSER", "me", "+select"}).text == "OK");
  for (const std::string& command : kCommandsOfUser) CHECK(user.run(command).exit_code < 3);
}

}  // namespace rz::testing
