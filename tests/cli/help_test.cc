#include "rz/cli/help.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "demo_program.h"
#include "framed.h"
#include "rz/base/json.h"
#include "rz/base/text.h"
#include "rz/cli/programs.h"

namespace rz::cli {
namespace {

using testing::kDemo;
using testing::kDemoOfCommands;
using testing::run_framed;

std::string help(const std::vector<std::string>& words, const Program& program = kDemo) {
  const auto ran = run_framed(words, program);
  CHECK(ran.exit_code == kYes);
  CHECK(ran.error == "");
  return ran.output;
}

}  // namespace

TEST_CASE("no name and no summary of a program needs escaping in JSON, which rz writes by hand") {
  for (const ProgramName& program : kPrograms) {
    for (const std::string text : {program.name, program.summary}) {
      CHECK(to_json(Value(text)) == "\"" + text + "\"");
    }
  }
}

TEST_CASE("help leads with examples and fits 80 columns") {
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"--help"}, {"-h"}, {"open", "--help"}}) {
    const std::string page = help(words);
    for (std::string_view line : split(page, '\n')) CHECK(display_width(line) <= 80);
  }
  CHECK(help({"--help"})
            .starts_with(
                "Show how a program is framed.\n"
                "\n"
                "Examples:\n"
                "  rz demo        show it\n"
                "  rz demo open door\n"
                "\n"
                "Usage: rz demo [OPTION]… [COMMAND]\n"
                "\n"
                "Commands:\n"
                "  open                    Open it\n"
                "  shut                    Shut it\n"
                "\n"
                "Options:\n"
                "  --size N                How many; a description that is long enough to be\n"
                "                          wrapped\n"
                "  --dry-run               Change nothing\n"
                "\n"
                "Common options:\n"
                "  -h --help               This help\n"));
  CHECK(help({"--help"}).ends_with("\nExit codes: 0 shown, 3 not shown\n"));
}

TEST_CASE("the help of a command has its own examples, options, formats and exit codes") {
  CHECK(help({"open", "--help"})
            .starts_with("Open it\nwith a second line that a list leaves out.\n"
                         "\n"
                         "Examples:\n"
                         "  rz demo open door\n"
                         "\n"
                         "Usage: rz demo open [OPTION]… NAME [MORE…]\n"
                         "\n"
                         "Arguments:\n"
                         "  NAME                    What to open\n"
                         "  MORE                    What else\n"
                         "\n"
                         "Options:\n"
                         "  -m --mode MODE          How\n"
                         "  --tag TAG               A tag; repeatable\n"
                         "  -c --count              Count\n"
                         "  --annotate[=NAME]       Say so\n"
                         "  --policy P              Which\n"
                         "  --level N               How deep [3]\n"));
  CHECK(help({"open", "-h"}).ends_with("\nExit codes: 0 open, 1 shut\n"));
  CHECK(help({"shut", "-h"}).find("--older-than D          Which (required)\n") !=
        std::string::npos);
  CHECK(help({"shut", "-h"}).find("--format FMT            Output: json, text\n") !=
        std::string::npos);
}

TEST_CASE("help is asked for by an option anywhere, or by the word") {
  const std::string whole = help({"--help"});
  const std::string open = help({"open", "--help"});
  CHECK(help({"help"}) == whole);
  CHECK(help({"help", "open"}) == open);
  CHECK(help({"--help", "open"}) == open);
  CHECK(help({"open", "a", "b", "--frobnicate", "--mode", "-h"}) == open);
  CHECK(help({"help"}, kDemoOfCommands).find("Usage: rz demo [OPTION]… COMMAND\n") !=
        std::string::npos);
  const auto unknown = run_framed({"help", "oepn"}, kDemo);
  CHECK(unknown.exit_code == kCouldNotTell);
  CHECK(unknown.output == "");
  CHECK(unknown.error ==
        "rz demo: unknown command 'oepn'; did you mean 'open'?\nTry 'rz demo --help'.\n");
}

TEST_CASE("help as JSON names all commands") {
  const auto document = parse_json(help({"--help", "--format", "json"}));
  REQUIRE(document.has_value());
  CHECK(*document->find("program")->as_string() == "rz demo");
  REQUIRE(document->find("commands")->as_array()->size() == 3);
  const Value& open = (*document->find("commands")->as_array())[1];
  CHECK(*open.find("name")->as_string() == "open");
  CHECK(*open.find("summary")->as_string() == "Open it");
  CHECK(open.find("options")->as_array()->size() == std::size(testing::kOpenOptions));
  CHECK(open.find("formats")->as_array()->size() == 2);
}

}  // namespace rz::cli
