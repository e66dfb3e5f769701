// What cron, a container and a supervisor give to a program: next to no environment, no terminal,
// no standard input, the root folder.

#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <system_error>
#include <vector>

#include "rz/base/process.h"
#include "support/paths.h"
#include "support/patience.h"
#include "support/temp_folder.h"

namespace rz::testing {
namespace {

/// `arguments` of rz with nothing in the environment but PATH and `environment`.
ProcessResult run_bare(const std::string& arguments, const std::string& environment = {}) {
  ProcessOptions options;
  options.timeout = test::kPatience;
  options.argv = {"/bin/sh", "-c",
                  "cd / && exec env -i PATH=/usr/bin:/bin ASAN_OPTIONS=detect_leaks=0 " +
                      environment + " " + test::build_dir() + "/bin/rz " + arguments + " <&-"};
  const auto ran = run_process(options);
  REQUIRE_MESSAGE(ran.has_value(), to_string(ran.error()));
  REQUIRE(!ran->timed_out);
  INFO(arguments);
  CHECK(ran->error.find("\x1b") == std::string::npos);
  CHECK(ran->output.find("\x1b") == std::string::npos);
  return *ran;
}

/// A folder for a store. Root without a home keeps what it knows of every store in the machine's
/// own folder; what is there of this one goes with it.
struct StoreFolder : TempFolder {
  ~StoreFolder() {
    const std::filesystem::path spools = "/var/lib/rz/spool";
    std::error_code error;
    std::vector<std::string> ours;
    for (std::filesystem::directory_iterator file(spools, error), end; !error && file != end;
         file.increment(error)) {
      if (file->path().extension() != ".known") continue;
      std::ifstream in(file->path());
      const std::string text{std::istreambuf_iterator<char>(in), {}};
      if (text.find(path() + "/") != std::string::npos) ours.push_back(file->path().stem());
    }
    for (const std::string& name : ours) {
      for (const char* ending : {".known", ".lock"}) {
        std::filesystem::remove(spools / (name + ending), error);
      }
    }
  }
};

std::string write(const TempFolder& folder, const std::string& name, const std::string& text) {
  std::ofstream(folder / name) << text;
  return folder / name;
}

const std::vector<std::string> kBareCommands = {"health store",
                                                "health list",
                                                "health state",
                                                "health report worker healthy",
                                                "cascade",
                                                "cascade status",
                                                "cascade metrics",
                                                "cascade set safe --for 1h",
                                                "transitions",
                                                "cond eval always",
                                                "cascade release",
                                                "config show",
                                                "config path --config /dev/null",
                                                "bench --list"};

/// What was said of this run. That decisions wait for some other store of this machine is true.
std::string without_other_stores(const std::string& text) {
  std::string rest;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.find("wait for another store") == std::string::npos) rest += line + "\n";
  }
  return rest;
}

}  // namespace

TEST_CASE("every command works with a store that a flag names") {
  const StoreFolder folder;
  const std::string url = "sqlite:" + (folder / "rz.db");
  for (const std::string& command : kBareCommands) {
    INFO(command);
    const ProcessResult ran = run_bare(command + " --storage " + url);
    CHECK(ran.exit_code == 0);
    if (command != "bench --list") CHECK(without_other_stores(ran.error) == "");
  }
}

TEST_CASE("the checks of a machine without a configuration run, whatever they find there") {
  const StoreFolder folder;
  const ProcessResult ran = run_bare("health --storage sqlite:" + (folder / "rz.db"));
  // A machine whose disk is nearly full has 1 or 2 for an answer, and nothing went wrong.
  CHECK(ran.exit_code <= 2);
  CHECK(without_other_stores(ran.error) == "");
  CHECK(ran.output.find("  disk ") != std::string::npos);
  CHECK(ran.output.find("  store ") != std::string::npos);
}

TEST_CASE("a configuration in the environment is found from the root folder, and so is its store") {
  const StoreFolder folder;
  const std::string config = write(folder, "rz.yaml", "storage: {url: sqlite:state/rz.db}\n");
  const std::string environment = "RZ_CONFIG=" + config;
  REQUIRE(run_bare("cascade set safe --reason cron", environment).exit_code == 0);
  CHECK(::access((folder / "state/rz.db").c_str(), F_OK) == 0);
  const ProcessResult status = run_bare("cascade status --exit-code", environment);
  CHECK(status.exit_code == 2);
  CHECK(status.output.starts_with("safe since "));
  CHECK(run_bare("config path", environment).output == config + "\n");
}

TEST_CASE("without a home root has the machine's store") {
  if (::geteuid() != 0) return;
  const ProcessResult ran = run_bare("config show");
  CHECK(ran.output.starts_with("storage:\n  url: sqlite:/var/lib/rz/rz.db\n"));
}

TEST_CASE("without a home anybody else is told how to name a store") {
  const std::string nobody = "setpriv --reuid 65534 --regid 65534 --clear-groups";
  const ProcessResult ran = run_bare("cascade status", ::geteuid() == 0 ? nobody : "");
  // A build folder that others may not enter: the shell says so, or rz.
  if (ran.exit_code == 126 || ran.exit_code == 127) return;
  if (ran.error.ends_with(": Permission denied\n")) return;
  CHECK(ran.exit_code == 3);
  CHECK(ran.output == "");
  CHECK(ran.error ==
        "rz cascade: no place for the store: neither XDG_STATE_HOME nor HOME is set; set one, or "
        "name a store with --storage or RZ_STORAGE_URL\n");
}

TEST_CASE("a command that needs no store asks for none") {
  const ProcessResult cond = run_bare("cond eval 'severity > 1' --var severity=2");
  CHECK(cond.output == "true\n");
  CHECK(cond.error == "");
  CHECK(cond.exit_code == 0);
}

TEST_CASE("a closed standard input is told, never waited for") {
  for (const char* command : {"cascade --state -", "cascade detect", "cond check --file -",
                              "cond eval always --context -", "config check -"}) {
    INFO(command);
    const ProcessResult ran = run_bare(command, "RZ_STORAGE_URL=memory:");
    CHECK(ran.exit_code == 3);
    // A command that writes JSON alone tells the failure in JSON, too.
    CHECK((ran.output.empty() || ran.output.find("\"error\":{\"code\":") != std::string::npos));
    CHECK(ran.error.find("standard input: cannot read: Bad file descriptor") != std::string::npos);
  }
}

TEST_CASE("all three standard descriptors may be closed; the store is not written into") {
  const StoreFolder folder;
  const std::string url = "sqlite:" + (folder / "rz.db");
  CHECK(run_bare("cascade set safe --storage " + url + " >&- 2>&-").exit_code == 3);
  const ProcessResult status = run_bare("cascade status --storage " + url);
  CHECK(status.exit_code == 0);
  CHECK(status.output.starts_with("safe since "));
}

}  // namespace rz::testing
