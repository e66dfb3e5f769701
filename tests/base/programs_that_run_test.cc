#include "rz/base/programs_that_run.h"

#include <doctest/doctest.h>

#include <atomic>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

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
    allow_programs();
  }
  end_programs();  // There are none.
  allow_programs();
}

TEST_CASE("once they are ended no program is started") {
  end_programs();
  const auto refused = run_process({.argv = {"true"}, .timeout = test::kPatience});
  allow_programs();
  CHECK(error_of(refused).code == ErrorCode::unavailable);
  CHECK(ok(run_process({.argv = {"true"}, .timeout = test::kPatience})).exit_code == 0);
}

// A program runs before whoever started it has noted it.
TEST_CASE("whatever is being started while all are ended is ended, too") {
  for (int round = 0; round < 30; ++round) {
    std::vector<std::thread> threads;
    std::atomic<int> left{4};
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        // Refused in the end, or ended by a signal: nothing runs on.
        for (;;) {
          const auto ran = run_process({.argv = {"sleep", "1000"}, .timeout = test::kPatience});
          if (!ran) break;
          CHECK(ran->signal != 0);
        }
        --left;
      });
    }
    if (round % 2 == 0) {
      end_programs();
    } else {
      kill_programs();
    }
    for (std::thread& each : threads) each.join();
    CHECK(left == 0);
    allow_programs();
  }
}

}  // namespace rz
