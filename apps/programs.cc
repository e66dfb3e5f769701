// All commands of rz are one program under several names, `rz-health` and so on, which are links to
// it: seven copies of what they share would be seven times as large. The name decides what it does.
#include "programs.h"

#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "rz/base/text.h"
#include "rz/cli/program.h"

namespace rz::apps {
namespace {

// Not an object of its own: the sources of the programs fill it in before main(), in any order.
std::vector<const cli::Program*>& programs() {
  static std::vector<const cli::Program*> all;
  return all;
}

// `health` of `/usr/libexec/rz/rz-health`, and of `health`, as the dispatcher starts it.
std::string_view command_of(std::string_view called) {
  constexpr std::string_view kPrefix = "rz-";
  called.remove_prefix(called.rfind('/') + 1);
  if (called.starts_with(kPrefix)) called.remove_prefix(kPrefix.size());
  return called;
}

int run_as(int argc, char** argv) {
  const std::string_view command = command_of(argc > 0 ? argv[0] : "");
  for (const cli::Program* program : programs()) {
    if (program->name == "rz " + std::string(command)) {
      return cli::run_program(argc, argv, *program);
    }
  }
  const std::string message =
      "rz: '" + printable(command) + "' is not a command of rz\nTry 'rz help'.\n";
  std::fputs(message.c_str(), stderr);
  return cli::kCouldNotTell;
}

}  // namespace

Registered::Registered(const cli::Program& program) { programs().push_back(&program); }

}  // namespace rz::apps

int main(int argc, char** argv) { return rz::apps::run_as(argc, argv); }
