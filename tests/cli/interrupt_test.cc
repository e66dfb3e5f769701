// Long work that is told to stop: it ends at its next step, and says what was done.

#include <doctest/doctest.h>

#include <fstream>
#include <string>

#include "rz/base/process.h"
#include "support/temp_folder.h"

namespace rz::testing {
namespace {

/// An import that has the first page and waits for more.
constexpr const char* kWaiting =
    "mkfifo pipe; rz transitions import pipe & exec 3>pipe; cat page0 >&3; "
    // Until the page is there, so that a signal comes in between.
    "until [ \"$(rz transitions --format ndjson | wc -l)\" = 1000 ]; do sleep 0.05; done; ";

/// `script` in /bin/sh, with rz on PATH, a store, and two files of a thousand records each.
ProcessResult run(const TempFolder& folder, const std::string& script) {
  for (int file = 0; file < 2; ++file) {
    std::ofstream out(folder / ("page" + std::to_string(file)));
    for (int i = 0; i < 1000; ++i) {
      out << R"({"timestamp":"2026-01-0)" << file + 1 << "T00:" << i / 600 << i / 60 % 10 << ":"
          << i % 60 / 10 << i % 10 << R"(Z","from":"primary","to":"safe","reason":"x"})"
          << "\n";
    }
  }
  ProcessOptions options;
  options.argv = {"/bin/sh", "-c",
                  "cd '" + folder.path() + "' && export PATH=" + RZ_BUILD_DIR +
                      "/bin:$PATH RZ_STORAGE_URL=sqlite:rz.db XDG_STATE_HOME=$PWD && " + script};
  const auto ran = run_process(options);
  REQUIRE_MESSAGE(ran.has_value(), to_string(ran.error()));
  REQUIRE_FALSE(ran->timed_out);
  return *ran;
}

TEST_CASE("an import that is told to stop has imported whole pages, and goes on when repeated") {
  const TempFolder folder;
  const ProcessResult stopped =
      run(folder, std::string(kWaiting) + "kill -TERM $!; cat page1 page0 >&3; exec 3>&-; wait $!");
  CHECK(stopped.exit_code == 128 + 15);
  CHECK(stopped.output == "2000 records imported\n");
  CHECK(stopped.error.find("interrupted; nothing is half done") != std::string::npos);
  const ProcessResult again = run(folder, "cat page0 page1 | rz transitions import -");
  CHECK(again.exit_code == 0);
  CHECK(again.output == "0 records imported, 2000 known already\n");
}

TEST_CASE("a second signal ends it at once") {
  const TempFolder folder;
  const ProcessResult ended =
      run(folder, std::string(kWaiting) + "kill -TERM $!; sleep 0.1; kill -TERM $!; wait $!");
  CHECK(ended.exit_code == 128 + 15);
  CHECK(ended.output == "");
}

}  // namespace
}  // namespace rz::testing
