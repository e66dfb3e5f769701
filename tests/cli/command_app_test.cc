#include "rz/cli/command_app.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "demo_program.h"

namespace rz::cli {
namespace {

using testing::kDemo;

const Option& option_of(const Command& command, std::string_view name) {
  for (const Option& option : command.options) {
    if (option.name == name) return option;
  }
  FAIL("no such option");
  return command.options.front();
}

Weighed weigh_open(const std::vector<GivenOption>& options,
                   const std::vector<std::string>& operands) {
  return weigh(kDemo, *kDemo.find("open"), options, operands);
}

GivenOption given(std::string_view name, std::string value = "") {
  return {&option_of(*kDemo.find("open"), name), std::move(value)};
}

TEST_CASE("what a command takes comes back by name, presets included") {
  const Weighed weighed = weigh_open(
      {given("--mode", "x"), given("--tag", "-a"), given("--tag", "b"), given("--count")},
      {"door", "[a,b]", "--mode"});
  CHECK(weighed.wrong == "");
  CHECK_FALSE(weighed.unexpected);
  CHECK(weighed.arguments.text("--mode") == "x");
  CHECK(weighed.arguments.all("--tag") == std::vector<std::string>{"-a", "b"});
  CHECK(weighed.arguments.has("--count"));
  CHECK(weighed.arguments.number("--level") == 3);
  CHECK(weighed.arguments.operand("NAME") == "door");
  CHECK(weighed.arguments.operands("MORE") == std::vector<std::string>{"[a,b]", "--mode"});
}

TEST_CASE("what breaks the rules of the row is told in a sentence") {
  CHECK(weigh_open({}, {}).wrong.find("NAME") != std::string::npos);
  CHECK(weigh_open({given("--mode", "x"), given("--mode", "y")}, {"a"}).wrong ==
        "--mode is given more than once, but has one value");
  CHECK(weigh_open({given("--policy", "halt")}, {"a"}).wrong ==
        "--policy: 'halt' is not valid; use one of fail, skip");
  CHECK(weigh_open({given("--annotate", "x"), given("--policy", "fail")}, {"a"}).wrong ==
        "--annotate cannot be used with --policy");
  CHECK(weigh_open({given("--level", "010")}, {"a"}).wrong ==
        "--level: '010' is not a whole number from 0 to 9");
  CHECK(weigh_open({given("--level", "10")}, {"a"}).wrong ==
        "--level: '10' is not a whole number from 0 to 9");
}

TEST_CASE("an operand that the command has no place for is named") {
  const Weighed weighed =
      weigh(kDemo, *kDemo.find("shut"), {{&option_of(*kDemo.find("shut"), "--older-than"), "1s"}},
            {"door", "gate", "wall"});
  CHECK(weighed.unexpected == "gate");
  CHECK(weigh(kDemo, *kDemo.find("shut"), {}, {}).wrong == "--older-than D is required");
}

}  // namespace
}  // namespace rz::cli
