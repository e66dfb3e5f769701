#include "rz/health/checks/command_check.h"

#include <doctest/doctest.h>
#include <signal.h>

#include <fstream>
#include <string>
#include <thread>

#include "rz/base/file.h"
#include "rz/base/json.h"
#include "rz/base/text.h"
#include "rz/health/checks/plugin_output.h"
#include "support/http_server.h"
#include "support/patience.h"
#include "support/temp_folder.h"

namespace rz::health {
namespace {

const std::string kPlugins = "/usr/lib/nagios/plugins/";

CheckResult check_command(std::vector<std::string> command, Millis timeout = test::kPatience) {
  CommandCheckOptions options;
  options.command = std::move(command);
  options.timeout = timeout;
  return make_command_check(options)->check();
}

CheckResult check_script(const std::string& script, Millis timeout = test::kPatience) {
  return check_command({"/bin/sh", "-c", script}, timeout);
}

TEST_CASE("the exit codes of a plugin are the four statuses") {
  constexpr HealthStatus kWanted[] = {HealthStatus::healthy, HealthStatus::degraded,
                                      HealthStatus::unhealthy, HealthStatus::unknown};
  constexpr const char* kWords[] = {"OK", "WARNING", "CRITICAL", "UNKNOWN"};
  for (int code = 0; code < 4; ++code) {
    const auto result = check_command({kPlugins + "check_dummy", std::to_string(code), "said so"});
    CHECK(result.status == kWanted[code]);
    CHECK(result.message == std::string(kWords[code]) + ": said so");
    CHECK(*result.metadata.find("exit_code") == Value(code));
    CHECK(result.metadata.find("perfdata") == nullptr);
  }
}

TEST_CASE("the performance data of check_disk are numbers by the mount") {
  const auto result = check_command({kPlugins + "check_disk", "-w", "0%", "-c", "0%", "-p", "/"});
  CAPTURE(result.message);
  CHECK(result.status == HealthStatus::healthy);
  CHECK(result.message.starts_with("DISK OK"));
  CHECK(result.message.find('|') == std::string::npos);
  const Value* perfdata = result.metadata.find("perfdata");
  REQUIRE(perfdata);
  const Value* root = perfdata->find("/");
  REQUIRE(root);
  CHECK(root->find("value")->as_double() != nullptr);
  CHECK(root->find("unit")->as_string() != nullptr);

  CHECK(check_command({kPlugins + "check_disk", "-w", "100%", "-c", "100%", "-p", "/"}).status ==
        HealthStatus::unhealthy);
}

TEST_CASE("check_http is believed: what it found, how long it took, how much it read") {
  const test::HttpServer server([](const test::HttpServerRequest& request) {
    return test::HttpServerReply{.status = request.target == "/" ? 200 : 503, .body = "well"};
  });
  const auto ask = [&](const std::string& path) {
    return check_command({kPlugins + "check_http", "-I", "127.0.0.1", "-p",
                          std::to_string(server.port()), "-t", "600", "-u", path});
  };
  const auto good = ask("/");
  CAPTURE(good.message);
  CHECK(good.status == HealthStatus::healthy);
  CHECK(good.message.starts_with("HTTP OK: HTTP/1.1 200"));
  const Value* perfdata = good.metadata.find("perfdata");
  REQUIRE(perfdata);
  REQUIRE(perfdata->find("time"));
  CHECK(*perfdata->find("time")->find("unit")->as_string() == "s");
  REQUIRE(perfdata->find("size"));
  CHECK(*perfdata->find("size")->find("unit")->as_string() == "B");

  const auto bad = ask("/down");
  CAPTURE(bad.message);
  CHECK(bad.status == HealthStatus::unhealthy);
  CHECK(bad.message.starts_with("HTTP CRITICAL: HTTP/1.1 503"));
}

TEST_CASE("performance data are read as the guidelines write them") {
  const auto parse = [](std::string_view text) {
    const PluginOutput output = parse_plugin_output(text);
    return output.text + " " + to_json(output.perfdata);
  };
  CHECK(parse("") == " {}");
  CHECK(parse("OK - fine") == "OK - fine {}");
  CHECK(parse("OK | load1=0.5;5;10:20;0;") ==
        R"(OK {"load1":{"value":0.5,"warning":"5","critical":"10:20","min":0.0}})");
  CHECK(parse("OK|'a ''b'' c'=12%;~:80 x=U") ==
        R"(OK {"a 'b' c":{"value":12.0,"unit":"%","warning":"~:80"},"x":{"value":null}})");
  // The second part begins behind the first `|` of the lines after the first.
  CHECK(parse("OK | a=1s\nlong text\nmore | b=2B\nc=-3") ==
        R"(OK {"a":{"value":1.0,"unit":"s"},"b":{"value":2.0,"unit":"B"},"c":{"value":-3.0}})");
  // What cannot be read takes nothing else with it.
  CHECK(parse("OK | 'open=4 a=x b=1") == R"(OK {})");
  CHECK(parse("OK | a=1e3 b=1.5e-3s c=1E+2") ==
        R"(OK {"a":{"value":1000.0},"b":{"value":0.0015,"unit":"s"},"c":{"value":100.0}})");
  CHECK(parse("OK | a=5eV b=1,5 c=0x10 d=1e999 e=1e3e3 f=1.2.3") ==
        R"(OK {"a":{"value":5.0,"unit":"eV"}})");
  CHECK(parse("OK | junk =5 a=x b=1 c=nan d") == R"(OK {"b":{"value":1.0}})");
}

TEST_CASE("a program that writes nothing is quoted from its standard error") {
  CHECK(check_script("echo cannot open socket >&2; exit 2").message == "cannot open socket");
  CHECK(check_script("exit 1").message == "/bin/sh: exit code 1");
  CHECK(check_script("printf 'a\\033[31mb\\n'").message == "a\\x1b[31mb");
}

TEST_CASE("what is no answer of the program is unknown") {
  const auto other = check_script("echo hm; exit 7");
  CHECK(other.status == HealthStatus::unknown);
  CHECK(other.message == "/bin/sh: got exit code 7, expected 0 to 3: hm");

  const auto killed = check_script("kill -SEGV $$");
  CHECK(killed.status == HealthStatus::unknown);
  CHECK(killed.message == "/bin/sh: ended by SIGSEGV");

  const TempFolder folder;
  const auto missing = check_command({folder / "missing"});
  CHECK(missing.status == HealthStatus::unknown);
  CHECK(missing.message == (folder / "missing") + ": cannot run: No such file or directory");

  REQUIRE(write_file(folder / "plain", "x"));
  const auto forbidden = check_command({folder / "plain"});
  CHECK(forbidden.status == HealthStatus::unknown);
  CHECK(forbidden.message == (folder / "plain") + ": cannot run: Permission denied");
}

TEST_CASE("no shell sees the arguments, and the environment is kept") {
  CHECK(check_command({"echo", "$HOME; exit 2", "`x`"}).message == "$HOME; exit 2 `x`");
  REQUIRE(::setenv("RZ_COMMAND_CHECK_TEST", "kept", 1) == 0);
  CHECK(check_script("echo $RZ_COMMAND_CHECK_TEST").message == "kept");
  ::unsetenv("RZ_COMMAND_CHECK_TEST");
}

TEST_CASE("at the timeout the program and all that it started are ended") {
  const TempFolder folder;
  const std::string pids = folder / "pids";
  // Both ignore SIGTERM.
  const auto result =
      check_script("trap '' TERM; sleep 3600 & echo $$ $! >" + pids + "; wait", Millis{500});
  CHECK(result.status == HealthStatus::unknown);
  CHECK(result.message == "/bin/sh: did not end within 500ms");
  std::ifstream in(pids);
  pid_t shell = 0, sleeper = 0;
  if (!(in >> shell >> sleeper)) return;  // A very slow machine: it had not come that far.
  // Whoever adopted the grandchild may take a moment to reap it.
  const auto is_running = [](pid_t pid) {
    std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
    std::string number, name, state;
    return stat >> number >> name >> state && state != "Z" && state != "X";
  };
  const auto until = std::chrono::steady_clock::now() + test::kPatience;
  while ((is_running(shell) || is_running(sleeper)) && std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(Millis{5});
  }
  CHECK_FALSE(is_running(shell));
  CHECK_FALSE(is_running(sleeper));
}

TEST_CASE("a program that writes without end is read for 64 KiB") {
  const auto result = check_script("head -c 10000000 /dev/zero | tr '\\0' x; exit 1");
  CHECK(result.status == HealthStatus::degraded);
  CHECK(display_width(result.message) == 400);
}

}  // namespace
}  // namespace rz::health
