// Long work that is told to stop: it ends at its next step, and says what was done.

#include <doctest/doctest.h>

#include <fstream>
#include <string>

#include "rz/base/process.h"
#include "support/paths.h"
#include "support/patience.h"
#include "support/redis_server.h"
#include "support/temp_folder.h"

namespace rz::testing {
namespace {

using test::RedisServer;

/// An import that has the first page and waits for more.
constexpr const char* kWaiting =
    "mkfifo pipe; rz transitions import pipe & exec 3>pipe; cat page0 >&3; "
    "until [ \"$(rz transitions --format ndjson | wc -l)\" = 1000 ]; do sleep 0.05; done; ";

/// An import that waits for a store that has stopped, and catches SIGTERM by now.
constexpr const char* kStuck =
    "kill -STOP $REDIS; cat page0 page1 > both; rz transitions import both & "
    "while kill -0 $! && ! grep -Eq 'SigCgt:.*[4-7c-f][0-9a-f]{3}$' /proc/$!/status; "
    "do sleep 0.05; done; ";

/// `script` in /bin/sh, with rz on PATH, a store, and two files of a thousand records each.
ProcessResult run(const TempFolder& folder, const std::string& script,
                  const std::string& store = "sqlite:rz.db") {
  for (int file = 0; file < 2; ++file) {
    std::ofstream out(folder / ("page" + std::to_string(file)));
    for (int i = 0; i < 1000; ++i) {
      out << R"({"timestamp":"2026-01-0)" << file + 1 << "T00:" << i / 600 << i / 60 % 10 << ":"
          << i % 60 / 10 << i % 10 << R"(Z","from":"primary","to":"safe","reason":"x"})"
          << "\n";
    }
  }
  ProcessOptions options;
  options.timeout = test::kPatience;
  options.argv = {"/bin/sh", "-c",
                  "cd '" + folder.path() + "' && export PATH=" + test::build_dir() +
                      "/bin:$PATH RZ_STORAGE_URL=" + store + " XDG_STATE_HOME=$PWD && " + script};
  const auto ran = run_process(options);
  REQUIRE_MESSAGE(ran.has_value(), to_string(ran.error()));
  REQUIRE_FALSE(ran->timed_out);
  return *ran;
}

ProcessResult run(const TempFolder& folder, const std::string& script, const RedisServer& server) {
  return run(folder, "REDIS=" + std::to_string(server.pid()) + "; " + script, server.url());
}

TEST_CASE("an import that is told to stop while it waits for lines stops there and then") {
  const TempFolder folder;
  const ProcessResult stopped =
      run(folder, std::string(kWaiting) + "head -c 500 page1 >&3; kill -TERM $!; wait $!");
  CHECK(stopped.exit_code == 128 + 15);
  CHECK(stopped.output == "1000 records imported\n");
  // Of the half line it was given, it says nothing.
  CHECK(stopped.error ==
        "rz transitions: warning: interrupted; nothing is half done, and running it again goes "
        "on\n");
}

TEST_CASE("an import that is told to stop has imported whole pages, and goes on when repeated") {
  const TempFolder folder;
  const RedisServer server;
  const ProcessResult stopped =
      run(folder, std::string(kStuck) + "kill -TERM $!; kill -CONT $REDIS; wait $!", server);
  CHECK(stopped.exit_code == 128 + 15);
  CHECK(stopped.output == "1000 records imported\n");
  CHECK(stopped.error.find("interrupted; nothing is half done") != std::string::npos);
  const ProcessResult again = run(folder, "rz transitions import both", server);
  CHECK(again.exit_code == 0);
  CHECK(again.output == "1000 records imported, 1000 known already\n");
}

TEST_CASE("a second signal ends it at once") {
  const TempFolder folder;
  const RedisServer server;
  const ProcessResult ended =
      run(folder, std::string(kStuck) + "kill -TERM $!; sleep 0.1; kill -TERM $!; wait $!", server);
  CHECK(ended.exit_code == 128 + 15);
  CHECK(ended.output == "");
  // A shell may say that it was terminated.
  CHECK(ended.error.find("rz transitions") == std::string::npos);
}

TEST_CASE("what was ignored at start stays ignored: nohup, a background job of a shell") {
  const TempFolder folder;
  // SIGTERM, which nothing ignores, tells when the handlers are there, and ends it.
  const std::string begin =
      "rz bench micro --rounds 10000 > out & "
      "while kill -0 $! && ! grep -Eq 'SigCgt:.*[4-7c-f][0-9a-f]{3}$' /proc/$!/status; "
      "do sleep 0.05; done; ";
  const std::string end = "kill -TERM $!; wait $!; echo $?; cat ignored";
  // SIGHUP is the lowest bit of the mask.
  const std::string look = "grep -c 'SigIgn:.*[13579bdf]$' /proc/$!/status > ignored; ";
  const ProcessResult kept = run(folder, "trap '' HUP; " + begin + look + "kill -HUP $!; " + end);
  CHECK(kept.output == "143\n1\n");
  const ProcessResult ended = run(folder, begin + "kill -HUP $!; wait $!; echo $?");
  CHECK(ended.output == "129\n");
}

}  // namespace
}  // namespace rz::testing
