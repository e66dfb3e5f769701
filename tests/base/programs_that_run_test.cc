#include "rz/base/programs_that_run.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <string>
#include <thread>

#include "rz/base/process.h"
#include "support/patience.h"
#include "support/results.h"
#include "support/temp_folder.h"

namespace rz {
namespace {

void wait_for_file(const std::string& path) {
  while (!std::filesystem::exists(path)) std::this_thread::sleep_for(Millis{5});
}

}  // namespace

TEST_CASE("the programs that run are ended with what they have started, also one that resists") {
  for (const std::string script : {"touch started; sleep 1000 & wait",
                                   "trap '' TERM; touch started; while :; do sleep 0.05; done"}) {
    CAPTURE(script);
    const TempFolder folder;
    ProcessResult ended;
    std::thread thread([&] {
      ended = ok(run_process({.argv = {"sh", "-c", "cd '" + folder.path() + "' && " + script},
                              .timeout = test::kPatience}));
    });
    wait_for_file(folder / "started");
    end_programs();
    thread.join();
    CHECK(ended.signal != 0);
    CHECK_FALSE(ended.timed_out);
  }
  end_programs();  // There are none.
}

}  // namespace rz
