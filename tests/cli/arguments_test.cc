#include "rz/cli/arguments.h"

#include <doctest/doctest.h>

#include <stdexcept>
#include <string>
#include <vector>

#include "demo_program.h"
#include "framed.h"

namespace rz::cli {
namespace {

using testing::kDemo;
using testing::kDemoOfCommands;
using testing::run_framed;

using Words = std::vector<std::string>;

std::string message(const Words& arguments, const Program& program = kDemo) {
  const auto ran = run_framed(arguments, program);
  CHECK(ran.exit_code == kCouldNotTell);
  CHECK(ran.output == "");
  return ran.error;
}

std::string echoed(const Words& arguments) {
  const auto ran = run_framed(arguments, kDemo);
  CHECK(ran.exit_code == kYes);
  CHECK(ran.error == "");
  return ran.output;
}

const std::string kTry = "\nTry 'rz demo --help'.\n";
const std::string kTryOpen = "\nTry 'rz demo open --help'.\n";

}  // namespace

TEST_CASE("options stand before or behind the command and its operands") {
  const std::string said = "NAME a\n--mode x\n--level 3\n";
  CHECK(echoed({"open", "a", "--mode", "x"}) == said);
  CHECK(echoed({"open", "--mode=x", "a"}) == said);
  CHECK(echoed({"-m", "x", "open", "a"}) == said);
  CHECK(echoed({"--format", "text", "open", "-m", "x", "--color=never", "--", "a"}) == said);
  CHECK(echoed({"open", "a", "b", "--count", "c", "--level", "9"}) ==
        "NAME a\nMORE b\nMORE c\n--count\n--level 9\n");
  CHECK(echoed({"open", "a", "--tag", "x", "--tag=-y"}) ==
        "NAME a\n--tag x\n--tag -y\n--level 3\n");
  CHECK(echoed({"-vv", "open", "a", "-v"}) == "NAME a\n--level 3\n-v 3\n");
}

TEST_CASE("a value may begin with '-', but is not an option by itself") {
  CHECK(echoed({"open", "a", "--mode", "-5"}) == "NAME a\n--mode -5\n--level 3\n");
  CHECK(echoed({"open", "a", "--mode", "-"}) == "NAME a\n--mode -\n--level 3\n");
  CHECK(echoed({"open", "a", "--mode=--count"}) == "NAME a\n--mode --count\n--level 3\n");
  CHECK(message({"open", "a", "--mode", "--count"}) ==
        "rz demo: --mode needs a value: --mode MODE" + kTryOpen);
  CHECK(echoed({"open", "a", "--annotate", "b"}) == "NAME a\nMORE b\n--annotate \n--level 3\n");
  CHECK(echoed({"open", "a", "--annotate=b"}) == "NAME a\n--annotate b\n--level 3\n");
}

TEST_CASE("after '--' all words are arguments, a command's name too") {
  CHECK(echoed({"open", "--", "--count", "-h", "--"}) ==
        "NAME --count\nMORE -h\nMORE --\n--level 3\n");
  CHECK(message({"--", "open"}) == "rz demo: unexpected argument 'open'" + kTry);
  CHECK(message({"shut", "--format", "text", "--", "a", "--older-than", "1s"}) ==
        "rz demo: unexpected argument '--older-than'; after '--' all words are arguments, "
        "'--older-than' too: put the options before it\nTry 'rz demo shut --help'.\n");
}

TEST_CASE("a word that begins with '-' is an option, an operand, or wrong: never cut up") {
  CHECK(echoed({"open", "-hits > 5"}) == "NAME -hits > 5\n--level 3\n");
  CHECK(echoed({"open", "-c5 > 3"}) == "NAME -c5 > 3\n--level 3\n");
  CHECK(echoed({"open", "-5"}) == "NAME -5\n--level 3\n");
  CHECK(echoed({"open", "-(a)<0"}) == "NAME -(a)<0\n--level 3\n");
  CHECK(echoed({"open", "-m == 5"}) == "NAME -m == 5\n--level 3\n");
  CHECK(message({"open", "-hits"}) ==
        "rz demo: unknown option '-hits'; '-h' is a word of its own, and so is a value behind it" +
            kTryOpen);
  CHECK(message({"open", "-m5", "a"}) ==
        "rz demo: unknown option '-m5'; '-m' is a word of its own, and so is a value behind it" +
            kTryOpen);
  CHECK(message({"open", "a", "-vq"}) ==
        "rz demo: unknown option '-vq'; '-v' is a word of its own, and so is a value behind it" +
            kTryOpen);
  CHECK(message({"open", "-x"}) ==
        "rz demo: unknown option '-x'; put '--' before it if it is none" + kTryOpen);
  CHECK(message({"open", "-m=5"}).starts_with("rz demo: unknown option '-m'"));
  CHECK(message({"open", "a", "--count=5"}) == "rz demo: '--count' takes no value" + kTryOpen);
}

TEST_CASE("an option of a sibling is wrong usage, whatever stands where") {
  CHECK(message({"open", "a", "--dry-run"}) ==
        "rz demo: 'rz demo open' does not take --dry-run; it is an option of 'rz demo'" + kTryOpen);
  CHECK(message({"--size", "3", "open", "a"}) ==
        "rz demo: 'rz demo open' does not take --size; it is an option of 'rz demo'" + kTryOpen);
  CHECK(message({"--mode", "x"}) ==
        "rz demo: 'rz demo' does not take --mode; it is an option of 'rz demo open'" + kTry);
}

TEST_CASE("what stands on the command line in error is named, with a way out") {
  CHECK(message({"--szie", "2"}) ==
        "rz demo: unknown option '--szie'; did you mean '--size'?" + kTry);
  CHECK(message({"--frobnicate"}) == "rz demo: unknown option '--frobnicate'" + kTry);
  CHECK(message({"oepn"}) == "rz demo: unknown command 'oepn'; did you mean 'open'?" + kTry);
  CHECK(message({"frobnicate"}) ==
        "rz demo: unknown command 'frobnicate'; there are open, shut" + kTry);
  CHECK(message({"shut", "a", "b", "--format", "text"})
            .starts_with("rz demo: unexpected argument 'b'\n"));
  CHECK(message({"open", "--formt", "json", "a"}) ==
        "rz demo: unknown option '--formt'; did you mean '--format'?" + kTryOpen);
}

TEST_CASE("what is missing is named") {
  CHECK(message({"open"}) == "rz demo: NAME is required" + kTryOpen);
  CHECK(message({"open", "a", "--mode"}) ==
        "rz demo: --mode needs a value: --mode MODE" + kTryOpen);
  CHECK(message({"--config"}) == "rz demo: --config needs a value: --config FILE" + kTry);
  CHECK(message({"open", "a", "--config"}) ==
        "rz demo: --config needs a value: --config FILE" + kTryOpen);
  CHECK(message({"shut", "--format", "text"}).starts_with("rz demo: --older-than D is required\n"));
  CHECK(message({}, kDemoOfCommands) == "rz demo: a command is missing: open, shut" + kTry);
  CHECK(message({"oepn"}, kDemoOfCommands) ==
        "rz demo: unknown command 'oepn'; did you mean 'open'?" + kTry);
}

TEST_CASE("a wrong value is told with those that are right") {
  CHECK(message({"--format", "xml"}) ==
        "rz demo: --format: 'rz demo' cannot write 'xml'; use text, json" + kTry);
  CHECK(message({"--color", "red"}) ==
        "rz demo: --color: 'red' is not valid; use one of auto, always, never" + kTry);
  CHECK(message({"open", "a", "--policy", "x"}) ==
        "rz demo: --policy: 'x' is not valid; use one of fail, skip" + kTryOpen);
  for (const char* size : {"10", "0", "-1", "", "x", "3.0", "99999999999999999999"}) {
    CHECK(message({"--size", size}) ==
          "rz demo: --size: '" + std::string(size) + "' is not a whole number from 1 to 9" + kTry);
  }
  CHECK(message({"--size", "1", "--size", "2"}) ==
        "rz demo: --size is given more than once, but has one value" + kTry);
}

TEST_CASE("no byte of the command line steers the terminal") {
  CHECK(message({"\x1b[2J\xff"}) ==
        "rz demo: unknown command '\\x1b[2J\\xff'; there are open, shut" + kTry);
  CHECK(message({"--\x1b[2J"}) == "rz demo: unexpected argument '--\\x1b[2J'" + kTry);
  CHECK(message({"a\nrz demo: all is well"}) ==
        "rz demo: unknown command 'a\\nrz demo: all is well'; there are open, shut" + kTry);
}

TEST_CASE("wrong usage is an object where JSON is written") {
  const auto object = [](const Words& words) {
    const auto ran = run_framed(words, kDemo);
    CHECK(ran.exit_code == kCouldNotTell);
    CHECK(ran.error != "");
    return ran.output;
  };
  CHECK(object({"--format", "json", "--size", "x"}) ==
        "{\"schema\":\"rz.demo/1\",\"answer\":null,\"error\":{\"code\":\"invalid_argument\","
        "\"message\":\"--size: 'x' is not a whole number from 1 to 9\",\"where\":\"\"}}\n");
  CHECK(
      object({"oepn", "--format=json"}).starts_with("{\"schema\":\"rz.demo/1\",\"answer\":null,"));
  CHECK(
      object({"--frob", "open", "--format", "json"}).starts_with("{\"schema\":\"rz.demo.open/1\""));
  CHECK(object({"shut"}).starts_with("{\"schema\":\"rz.demo.shut/1\",\"error\":{"));
}

TEST_CASE("who asks for what the table does not have made a mistake in the program") {
  const Words words = {"open", "a"};
  const Parsed parsed = parse_arguments(kDemo, words);
  CHECK(parsed.wrong == "");
  CHECK_THROWS_AS((void)parsed.arguments.has("--size"), std::logic_error);
  CHECK_THROWS_AS((void)parsed.arguments.operand("FILE"), std::logic_error);
}

}  // namespace rz::cli
