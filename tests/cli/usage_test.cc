#include "rz/cli/usage.h"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

#include "framed.h"

namespace rz::cli {
namespace {

using testing::run_framed;

void define(CLI::App& app, Context& context) {
  const auto text = std::make_shared<std::string>();
  const auto number = std::make_shared<int>(0);
  context.run = [text, number]() -> Result<int> { return kYes; };
  app.add_option("--count", *number, "How many; a description that is long enough to be wrapped")
      ->check(CLI::Range(1, 9))
      ->type_name("N");
  CLI::App* sub = app.add_subcommand("open", "Open it\nwith a second line that a list leaves out");
  sub->add_option("NAME", *text, "What to open")->required();
  sub->add_option("--mode", *text, "How")->type_name("MODE");
  sub->callback([&context, text] { context.run = []() -> Result<int> { return kNo; }; });
}

std::string message(const std::vector<std::string>& arguments) {
  const auto ran = run_framed(arguments, define);
  CHECK(ran.exit_code == kCouldNotTell);
  CHECK(ran.output == "");
  return ran.error;
}

const std::string kTry = "\nTry 'rz demo --help'.\n";
const std::string kTryOpen = "\nTry 'rz demo open --help'.\n";

}  // namespace

TEST_CASE("what stands on the command line in error is named, with a way out") {
  CHECK(message({"--cuont", "2"}) ==
        "rz demo: unknown option '--cuont'; did you mean '--count'?" + kTry);
  CHECK(message({"--frobnicate"}) == "rz demo: unknown option '--frobnicate'" + kTry);
  CHECK(message({"oepn"}) == "rz demo: unknown command 'oepn'; did you mean 'open'?" + kTry);
  CHECK(message({"frobnicate"}) == "rz demo: unknown command 'frobnicate'; there are open" + kTry);
  CHECK(message({"open", "a", "b"}) == "rz demo: unexpected argument 'b'" + kTryOpen);
  CHECK(message({"open", "--formt", "json", "a"}) ==
        "rz demo: unknown option '--formt'; did you mean '--format'?" + kTryOpen);
  CHECK(message({"open", "-a < 0"}) ==
        "rz demo: '-a < 0' looks like an option; put '--' before it if it is none" + kTryOpen);
}

TEST_CASE("what is missing is named") {
  CHECK(message({"open"}) == "rz demo: NAME is required" + kTryOpen);
  CHECK(message({"open", "a", "--mode"}) ==
        "rz demo: --mode needs a value: --mode MODE" + kTryOpen);
  CHECK(message({"--config"}) == "rz demo: --config needs a value: --config FILE" + kTry);
  CHECK(message({"open", "a", "--config"}) ==
        "rz demo: --config needs a value: --config FILE" + kTryOpen);
  const auto bare = run_framed({}, [](CLI::App& app, Context& context) {
    define(app, context);
    context.run = nullptr;
  });
  CHECK(bare.exit_code == kCouldNotTell);
  CHECK(bare.error == "rz demo: a command is missing: open" + kTry);
}

TEST_CASE("a wrong value is told with those that are right") {
  CHECK(message({"--format", "xml"}) ==
        "rz demo: --format: unknown format 'xml'; known: text, json" + kTry);
  CHECK(message({"--color", "red"}) ==
        "rz demo: --color: 'red' is none of auto, always, never" + kTry);
  CHECK(message({"--count", "10"}) == "rz demo: --count: Value 10 not in range 1 to 9" + kTry);
  CHECK(message({"--count", "1", "--count", "2"}) ==
        "rz demo: --count is given more than once, but has one value" + kTry);
}

TEST_CASE("no byte of the command line steers the terminal") {
  CHECK(message({"\x1b[2J\xff"}) ==
        "rz demo: unknown command '\\x1b[2J\\xff'; there are open" + kTry);
  CHECK(message({"--\x1b[2J"}) == "rz demo: unknown option '--\\x1b[2J'" + kTry);
  CHECK(message({"a\nrz demo: all is well"}) ==
        "rz demo: unknown command 'a\\nrz demo: all is well'; there are open" + kTry);
}

TEST_CASE("help leads with examples and fits 80 columns") {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"--help"}, {"-h"}, {"open", "--help"}}) {
    const auto ran = run_framed(arguments, define);
    CHECK(ran.exit_code == kYes);
    CHECK(ran.error == "");
    for (std::size_t start = 0; start < ran.output.size();) {
      const std::size_t end = ran.output.find('\n', start);
      CHECK(end - start <= 80);
      start = end + 1;
    }
  }
  const std::string help = run_framed({"--help"}, define).output;
  CHECK(help.starts_with(
      "Show how a program is framed.\n"
      "\n"
      "Examples:\n"
      "  rz demo   show it\n"
      "\n"
      "Usage: rz demo [OPTION]… [COMMAND]\n"
      "\n"
      "Commands:\n"
      "  open                    Open it\n"
      "\n"
      "Options:\n"
      "  --count N               How many; a description that is long enough to be\n"
      "                          wrapped\n"
      "\n"
      "Common options:\n"
      "  -h --help               This help\n"));
  CHECK(
      run_framed({"open", "--help"}, define).output.find("Usage: rz demo open [OPTION]… NAME\n") !=
      std::string::npos);
}

}  // namespace rz::cli
