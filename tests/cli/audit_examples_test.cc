// The examples of config/ that audit the history regularly: the line for cron, the timer of systemd
// and the alerts of Prometheus.

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "golden.h"
#include "rz/base/file.h"
#include "rz/base/process.h"
#include "rz/base/text.h"
#include "support/paths.h"
#include "support/patience.h"
#include "support/results.h"
#include "support/temp_folder.h"

namespace rz::testing {
namespace {

std::string example_of(const std::string& name) {
  return ok(read_file(test::source_dir() + "/config/" + name, 1 << 20));
}

/// The command of the one line of the crontab that is a job.
std::string cron_command() {
  const std::string text = example_of("rz-audit.cron");
  for (const std::string_view line : split(text, '\n')) {
    if (line.empty() || !is_digit(line.front())) continue;
    // Five times, the user, and the command; cron reads a % as a line break.
    CHECK(line.find('%') == std::string_view::npos);
    std::size_t at = 0;
    for (int word = 0; word < 6; ++word) {
      at = line.find_first_not_of(' ', line.find(' ', at));
    }
    return std::string(line.substr(at));
  }
  FAIL("there is no job");
  return {};
}

/// A user with limits, whose system was in safe for an hour of yesterday.
struct AuditedHome {
  TempFolder folder;

  explicit AuditedHome(const std::string& limits) {
    std::filesystem::create_directories(folder / ".config/rz");
    set_limits(limits);
    const GoldenStep imported = run(
        "t=$(date -u -d yesterday +%Y-%m-%d) && printf '%s\\n' "
        "'{\"timestamp\":\"'$t'T10:00:00Z\",\"from\":\"primary\",\"to\":\"safe\",\"reason\":\"r\","
        "\"epoch\":1}' '{\"timestamp\":\"'$t'T11:00:00Z\",\"from\":\"safe\",\"to\":\"primary\","
        "\"reason\":\"r\",\"epoch\":2}' | TZ=UTC rz transitions import -");
    REQUIRE_MESSAGE(imported.exit_code == 0, imported.error);
  }

  void set_limits(const std::string& limits) const {
    std::ofstream(folder / ".config/rz/rz.yaml") << "fallback: {audit: {" << limits << "}}\n";
  }

  GoldenStep run(const std::string& command) { return run_step(command, folder.path()); }
};

ProcessResult run_tool(std::vector<std::string> argv) {
  return ok(run_process({.argv = std::move(argv), .timeout = test::kPatience}));
}

/// The families that a text names.
std::set<std::string> families_in(std::string_view text) {
  std::set<std::string> names;
  const std::string_view prefix = "rz_audit_";
  for (std::size_t at = 0; (at = text.find(prefix, at)) != std::string_view::npos;) {
    std::size_t end = at;
    while (end < text.size() && (is_alpha(text[end]) || text[end] == '_')) ++end;
    names.emplace(text.substr(at, end - at));
    at = end;
  }
  return names;
}

}  // namespace

TEST_CASE("cron mails what is over a limit, and nothing else") {
  const std::string command = "export TZ=UTC; " + cron_command();
  AuditedHome within("max_safe: 2h");
  const GoldenStep quiet = within.run(command);
  CHECK(quiet.output == "");
  CHECK(quiet.error == "");
  AuditedHome over("max_safe: 30m");
  const GoldenStep mailed = over.run(command);
  CHECK(mailed.output.starts_with("over 1 of 1 limit: max_safe\n"));
  CHECK(mailed.output.find("primary -> safe: r") != std::string::npos);
  AuditedHome wrong("max_safe: 2h");
  wrong.set_limits("max_safe: soon");
  CHECK(wrong.run(command).output.find("max_safe") != std::string::npos);
}

TEST_CASE("a store that cannot be asked is mailed, too") {
  AuditedHome home("max_safe: 2h");
  const GoldenStep mailed =
      home.run("export RZ_STORAGE_URL=redis://127.0.0.1:1 TZ=UTC; " + cron_command());
  CHECK(mailed.output.find("127.0.0.1:1") != std::string::npos);
}

TEST_CASE("the timer and its service are right") {
  if (!std::filesystem::exists("/usr/bin/systemd-analyze")) return;
  const TempFolder home;
  std::ofstream(home / "rz-audit.timer") << example_of("rz-audit.timer");
  // The program need not be installed to look at its unit.
  std::string unit = example_of("rz-audit.service");
  const std::string program = "/usr/bin/rz ";
  unit.replace(unit.find(program), program.size(), "/bin/true ");
  std::ofstream(home / "rz-audit.service") << unit;
  const ProcessResult verified = run_tool({"systemd-analyze", "verify", "--man=no",
                                           home / "rz-audit.service", home / "rz-audit.timer"});
  CHECK_MESSAGE(verified.exit_code == 0, verified.error);
  CHECK(verified.error.find("rz-audit") == std::string::npos);
}

TEST_CASE("what the service runs is a command that rz understands") {
  AuditedHome home("max_safe: 30m");
  std::string unit = example_of("rz-audit.service");
  const std::size_t begin = unit.find("ExecStart=/usr/bin/") + 19;
  std::string command = unit.substr(begin, unit.find("\nUser=") - begin);
  for (const auto& [from, to] :
       {std::pair<std::string, std::string>{"/etc/rz/rz.yaml", ".config/rz/rz.yaml"},
        {"/var/lib/prometheus/node-exporter/", ""}}) {
    command.replace(command.find(from), from.size(), to);
  }
  const GoldenStep ran = home.run("TZ=UTC " + command);
  CHECK(ran.exit_code == 1);
  const std::string metrics = ok(read_file(home.folder / "rz-audit.prom", 1 << 20));
  CHECK(metrics.find("rz_audit_limit_result{limit=\"max_safe\",result=\"over\"} 1\n") !=
        std::string::npos);
}

TEST_CASE("Prometheus takes the rules, and they fire as they say") {
  const std::string folder = test::source_dir() + "/config/";
  const ProcessResult checked =
      run_tool({"promtool", "check", "rules", folder + "rz-audit.rules.yml"});
  CHECK_MESSAGE(checked.exit_code == 0, checked.error);
  const ProcessResult tested =
      run_tool({"promtool", "test", "rules", folder + "rz-audit.rules.test.yml"});
  INFO(tested.output << tested.error);
  CHECK(tested.exit_code == 0);
}

TEST_CASE("the rules are about metrics that an audit has, and promtool reads those") {
  AuditedHome home("max_safe: 30m, slo: 99.9%");
  const GoldenStep ran =
      home.run("TZ=UTC rz transitions audit --since yesterday --until today --format prometheus");
  const std::set<std::string> written = families_in(ran.output);
  for (const std::string& wanted : families_in(example_of("rz-audit.rules.yml"))) {
    CHECK_MESSAGE(written.count(wanted) == 1, wanted);
  }
  const GoldenStep checked = home.run(
      "TZ=UTC rz transitions audit --since yesterday --until today --format prometheus | promtool "
      "check metrics");
  CHECK_MESSAGE(checked.exit_code == 0, checked.error);
}

}  // namespace rz::testing
