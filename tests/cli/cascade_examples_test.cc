// The examples of config/ that decide on the mode regularly and ask for it: the line for cron, the
// timer of systemd, the gate for deploys and the probes of a container.

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "golden.h"
#include "rz/base/file.h"
#include "rz/base/json.h"
#include "rz/base/process.h"
#include "rz/base/text.h"
#include "support/paths.h"
#include "support/patience.h"
#include "support/results.h"
#include "support/temp_folder.h"

namespace rz::testing {
namespace {

std::string text_of_example(const std::string& name) {
  return ok(read_file(test::source_dir() + "/config/" + name, 1 << 20));
}

/// A user whose only check is that of a file: it is there or not.
struct DecidingHome {
  TempFolder folder;

  DecidingHome() {
    std::filesystem::create_directories(folder / ".config/rz");
    std::ofstream(folder / ".config/rz/rz.yaml")
        << "health: {checks: [{type: file, name: fine, path: " << folder / "fine"
        << "}]}\n"
        << "fallback: {policy: {failed_components: 1, resources_critical: false}}\n";
    std::ofstream(folder / "fine") << "yes\n";
  }
  void fail() const { std::filesystem::remove(folder / "fine"); }
  GoldenStep run(const std::string& command) { return run_step(command, folder.path()); }
};

/// The commands of the probes, in their order, as words for a shell.
std::vector<std::string> probe_commands() {
  std::vector<std::string> commands;
  const std::string text = text_of_example("rz-probe.yaml");
  for (const std::string_view line : split(text, '\n')) {
    const std::size_t list = line.find("command: [");
    if (list == std::string_view::npos || trim(line).starts_with('#')) continue;
    std::string command;
    const Value words = ok(parse_json(line.substr(line.find('['))));
    REQUIRE(words.as_array() != nullptr);
    for (const Value& word : *words.as_array()) command += *word.as_string() + " ";
    commands.push_back(command);
  }
  return commands;
}

}  // namespace

TEST_CASE("cron decides every minute, and mails only what went wrong") {
  std::string command;
  const std::string text = text_of_example("rz-cascade.cron");
  for (const std::string_view line : split(text, '\n')) {
    if (line.starts_with("* * * * *  root  ")) command = line.substr(17);
  }
  REQUIRE(command != "");
  DecidingHome home;
  home.fail();
  const GoldenStep decided = home.run(command);
  CHECK(decided.exit_code == 0);
  CHECK(decided.output + decided.error == "");
  CHECK(home.run("rz cascade status --exit-code").exit_code == 2);
  const GoldenStep away = home.run("export RZ_STORAGE_URL=redis://127.0.0.1:1; " + command);
  CHECK(away.error.find("127.0.0.1:1") != std::string::npos);
}

TEST_CASE("the timer that decides, and its service, are right") {
  std::string unit = text_of_example("rz-cascade.service");
  const std::string program = "/usr/bin/rz ";
  const std::size_t at = unit.find(program);
  REQUIRE(at != std::string::npos);
  std::string command = unit.substr(at + 9, unit.find('\n', at) - at - 9);
  command.replace(command.find("/etc/rz/rz.yaml"), 15, ".config/rz/rz.yaml");
  DecidingHome home;
  CHECK(home.run(command).output == "primary\n");

  if (!std::filesystem::exists("/usr/bin/systemd-analyze")) return;
  std::ofstream(home.folder / "rz-cascade.timer") << text_of_example("rz-cascade.timer");
  // The program need not be installed to look at its unit.
  unit.replace(at, program.size(), "/bin/true ");
  std::ofstream(home.folder / "rz-cascade.service") << unit;
  const ProcessResult verified = ok(
      run_process({.argv = {"systemd-analyze", "verify", "--man=no",
                            home.folder / "rz-cascade.service", home.folder / "rz-cascade.timer"},
                   .timeout = test::kPatience}));
  CHECK_MESSAGE(verified.exit_code == 0, verified.error);
  CHECK(verified.error.find("rz-cascade") == std::string::npos);
}

TEST_CASE("the gate runs a deploy only where the system may run as usual") {
  const std::string gate = test::source_dir() + "/config/rz-gate.sh ";
  DecidingHome home;
  const GoldenStep ran = home.run(gate + "printf '%s|' 'a b' ''; echo $?");
  CHECK(ran.output == "a b||0\n");
  CHECK(home.run(gate + "sh -c 'exit 7'").exit_code == 7);
  CHECK(home.run(gate).exit_code == 3);
  home.fail();
  const GoldenStep refused = home.run(gate + "touch deployed");
  CHECK(refused.exit_code == 2);
  CHECK(refused.error.find("rz-gate: touch is not run: primary -> safe") != std::string::npos);
  CHECK_FALSE(std::filesystem::exists(home.folder / "deployed"));
  std::ofstream(home.folder / ".config/rz/rz.yaml") << "fallbak: {}\n";
  const GoldenStep unknown = home.run(gate + "touch deployed");
  CHECK(unknown.exit_code == 3);
  CHECK(unknown.error.find("rz could not tell the mode") != std::string::npos);
  CHECK_FALSE(std::filesystem::exists(home.folder / "deployed"));
}

TEST_CASE("the probes of a container answer 0 or 1") {
  const std::vector<std::string> commands = probe_commands();
  REQUIRE(commands.size() == 2);
  const std::string& ready = commands[0];
  const std::string& live = commands[1];
  DecidingHome home;
  CHECK(home.run(ready).exit_code == 0);
  REQUIRE(home.run("rz cascade set safe").exit_code == 0);
  CHECK(home.run(ready).exit_code == 1);
  CHECK(home.run("RZ_STORAGE_URL=redis://127.0.0.1:1 " + ready).exit_code == 1);
  // The example names the check of the store, which is there where nothing is configured.
  std::filesystem::remove(home.folder / ".config/rz/rz.yaml");
  CHECK(home.run(live).exit_code == 0);
  CHECK(home.run("RZ_STORAGE_URL=redis://127.0.0.1:1 " + live).exit_code == 1);
}

}  // namespace rz::testing
