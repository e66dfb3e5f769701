// `rz health --wait` and `--watch`, as scripts and people use them.

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <sys/socket.h>

#include <fstream>
#include <string>
#include <string_view>

#include "rz/base/file.h"
#include "rz/base/text.h"
#include "shell_folder.h"

namespace rz::testing {
namespace {

/// A check of the file `good`, which is missing until somebody makes it, and one that is healthy.
constexpr const char* kConfig =
    "health:\n"
    "  checks:\n"
    "    - {type: file, name: deployed, path: good}\n"
    "    - {type: file, name: here, path: rz.yaml}\n";

struct WaitFolder : ShellFolder {
  explicit WaitFolder(const std::string& config = kConfig)
      : ShellFolder("RZ_STORAGE_URL=memory: RZ_CONFIG=rz.yaml TERM=xterm") {
    std::ofstream(*this / "rz.yaml") << config;
  }
};

std::size_t occurrences_of(std::string_view part, std::string_view text) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string_view::npos;
       at = text.find(part, at + part.size())) {
    ++count;
  }
  return count;
}

/// Accepts connections, and never says a word.
class SilentPort {
 public:
  SilentPort() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    REQUIRE(::listen(socket_.get(), 16) == 0);
    socklen_t size = sizeof address;
    REQUIRE(::getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0);
    port_ = ntohs(address.sin_port);
  }
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

 private:
  UniqueFd socket_;
  int port_ = 0;
};

}  // namespace

TEST_CASE("--wait answers once all is well, with one report, and says what it waited for") {
  const WaitFolder folder;
  const ProcessResult waited = folder.shell(
      "rz health --wait 1h 2> said & until grep -q waiting said 2> /dev/null; "
      "do sleep 0.05; done; touch good; wait $!");
  CHECK(waited.exit_code == 0);
  CHECK(occurrences_of("healthy: 2 healthy", waited.output) == 1);
  CHECK(occurrences_of("CHECK", waited.output) == 1);
  const std::string said = folder.shell("cat said").output;
  CHECK(said.starts_with("rz health: waiting for deployed: "));
  // Once, since it waits for nothing else meanwhile, and not for the other check.
  CHECK(occurrences_of("waiting", said) == 1);
  CHECK(said.find("here") == std::string::npos);
}

TEST_CASE("--wait ends with its time, answers what the last run found, and is quiet with -q") {
  const WaitFolder folder;
  const ProcessResult waited = folder.shell("rz health -q --wait 300ms --format json");
  CHECK(waited.exit_code == 2);
  CHECK(waited.error.empty());
  CHECK(occurrences_of("\n", waited.output) == 1);
  CHECK(waited.output.find(R"("status":"unhealthy")") != std::string::npos);
}

TEST_CASE("--wait asks for what --fail-on calls good, and a wrong configuration ends it at once") {
  const WaitFolder folder(
      "health: {checks: [{type: file, name: late, path: good, severity: {unhealthy: degraded}}]}");
  CHECK(folder.shell("rz health -q --wait 1h --fail-on unhealthy").exit_code == 0);
  CHECK(folder.shell("rz health --wait 1h --config nosuch.yaml").exit_code == 3);
  CHECK(folder.shell("rz health --wait 1h nosuch").exit_code == 3);
}

TEST_CASE("what goes together with neither is wrong usage") {
  const WaitFolder folder;
  const ProcessResult both = folder.shell("rz health --wait 1s --watch 1s");
  CHECK(both.exit_code == 3);
  CHECK(both.error.find("--wait ends once all is well, and --watch never does") !=
        std::string::npos);
  const ProcessResult junit = folder.shell("rz health --watch 1s --format junit");
  CHECK(junit.exit_code == 3);
  CHECK(junit.error.find("--report junit=FILE") != std::string::npos);
}

TEST_CASE("--watch writes a line of JSON for each run, until nobody reads it") {
  const WaitFolder folder;
  const ProcessResult watched =
      folder.shell("{ rz health --watch 1ms --format json; echo $? >&2; } | head -3");
  CHECK(occurrences_of("\n", watched.output) == 3);
  CHECK(occurrences_of(R"({"schema":"rz.health/1","status":"unhealthy")", watched.output) == 3);
  CHECK(watched.error == "141\n");
}

TEST_CASE(
    "--watch in a pipe writes report after report, replaces its files, and ends by a signal") {
  const WaitFolder folder;
  const ProcessResult watched = folder.shell(
      "rz health --watch 1ms --report tap=out.tap > out & "
      "until [ \"$(grep -c unhealthy: out)\" -ge 2 ] && [ -e out.tap ]; do sleep 0.05; done; "
      "touch good; until ! grep -q 'not ok' out.tap; do sleep 0.05; done; kill -TERM $!; wait $!");
  CHECK(watched.exit_code == 128 + 15);
  const std::string out = folder.shell("cat out").output;
  CHECK(out.find("healthy: 2 healthy") != std::string::npos);
  CHECK(out.find('\x1b') == std::string::npos);
}

TEST_CASE("--watch on a terminal draws in place, and leaves what was there and the last report") {
  const WaitFolder folder;
  if (folder.shell("command -v script > /dev/null").exit_code != 0) {
    MESSAGE("skipped: script (bsdutils) is not installed");
    return;
  }
  std::ofstream(folder / "session.sh")
      << "rz health --watch 1ms --report tap=out.tap & until [ -e out.tap ]; do sleep 0.05; done; "
         "kill -TERM $!; wait $!; echo code $?\n";
  const ProcessResult shown = folder.shell("script -qec 'sh session.sh' /dev/null < /dev/null");
  const std::string_view out = shown.output;
  CHECK(occurrences_of("\x1b[?1049h", out) == 1);
  CHECK(occurrences_of("\x1b[?1049l", out) == 1);
  CHECK(out.find("Every 1ms: ") != std::string_view::npos);
  const std::string_view after = out.substr(out.find("\x1b[?1049l"));
  CHECK(after.find("deployed") != std::string_view::npos);
  CHECK(after.find("code 143") != std::string_view::npos);
  CHECK(after.find("Every") == std::string_view::npos);
}

TEST_CASE("a signal during a run ends it with a report of what is known, and no file is written") {
  const SilentPort port;
  const WaitFolder folder("health: {checks: [{type: tcp, name: silent, address: \"" +
                          port.address() + "\", expect: word, timeout: 1h}]}");
  const ProcessResult ended = folder.shell(
      "rz health --timeout 1h --report tap=out.tap & "
      "while kill -0 $! && ! grep -Eq 'SigCgt:.*[4-7c-f][0-9a-f]{3}$' /proc/$!/status; "
      "do sleep 0.05; done; kill -TERM $!; wait $!; echo code $?; ls out.tap 2> /dev/null");
  CHECK(ended.output.find("the run was interrupted, before this check did") != std::string::npos);
  CHECK(ended.output.find("unknown: 1 unknown\n") != std::string::npos);
  CHECK(ended.output.ends_with("code 143\n"));
}

namespace {

constexpr const char* kHangingProgram =
    "health: {checks: [{type: command, name: program, timeout: 1h, "
    "command: [sh, -c, 'echo $$$$ > pid; sleep 1000']}]}";

/// Waits until the check's program runs, sends `signals` to rz, and tells how it ended, and whether
/// the program, whose own child is in its process group, runs on.
std::string ended_by(const WaitFolder& folder, const std::string& signals) {
  return folder
      .shell("rz health --timeout 1h > out 2>&1 & until [ -s pid ]; do sleep 0.05; done; " +
             signals +
             " wait $!; echo code $?; pid=$(cat pid); "
             "grep -q '^State:.[RSD]' /proc/$pid/status 2> /dev/null && echo it runs on; "
             "while pgrep -r R,S,D -g $pid > /dev/null; do sleep 0.05; done")
      .output;
}

}  // namespace

TEST_CASE("what a check runs ends with rz, however that is told to end") {
  CHECK(ended_by(WaitFolder(kHangingProgram), "kill -TERM $!;").ends_with("code 143\n"));
  CHECK(ended_by(WaitFolder(kHangingProgram), "kill -HUP $!;").ends_with("code 129\n"));
  // Two at once: the second ends it at once.
  CHECK(ended_by(WaitFolder(kHangingProgram),
                 "kill -STOP $!; kill -TERM $!; kill -HUP $!; kill -CONT $!;")
            .find("runs on") == std::string::npos);
}

namespace {

/// A session on a terminal of `script`, whose output so far is in the file `shown`; what it was in
/// the end. A shell that has seen the program stop does not wait for it any more.
std::string session(const WaitFolder& folder, const std::string& script) {
  std::ofstream(folder / "session.sh")
      << "set -m; drawn() { until [ \"$(grep -ao 'Every 1h' shown | wc -l)\" -ge $1 ]; "
         "do sleep 0.05; done; }; rz health --watch 1h & drawn 1; "
      << script
      << " while grep -q '^State:.[RSDT]' /proc/$!/status 2> /dev/null; do sleep 0.05; done; echo "
         "ENDED\n";
  // script(1) starts the shell before it empties the file.
  return folder.shell("rm -f shown; script -qfec 'sh session.sh' shown < /dev/null").output;
}

}  // namespace

TEST_CASE(
    "--watch gives the terminal back when it is stopped or killed, and draws when it goes on") {
  const WaitFolder folder;
  if (folder.shell("command -v script > /dev/null").exit_code != 0) {
    MESSAGE("skipped: script (bsdutils) is not installed");
    return;
  }
  const std::string enter = "\x1b[?1049h";
  const std::string leave = "\x1b[?1049l";
  const std::string quit = session(folder, "kill -QUIT $!;");
  CHECK(quit.substr(quit.rfind(leave)).find("ENDED") != std::string::npos);
  CHECK(quit.rfind(leave) > quit.rfind(enter));
  const std::string stopped = session(folder,
                                      "kill -TSTP $!; until grep -q '^State:.T' /proc/$!/status; "
                                      "do sleep 0.05; done; echo STOPPED; "
                                      "kill -CONT $!; drawn 2; kill -TERM $!;");
  const std::size_t at = stopped.find("STOPPED");
  REQUIRE(at != std::string::npos);
  CHECK(occurrences_of(leave, stopped.substr(0, at)) == 1);
  CHECK(occurrences_of(enter, stopped.substr(at)) == 1);
  CHECK(stopped.find("Every 1h", at) > stopped.find(enter, at));
  CHECK(stopped.substr(stopped.rfind(leave)).find("ENDED") != std::string::npos);
}

}  // namespace rz::testing
