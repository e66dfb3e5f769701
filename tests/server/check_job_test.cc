#include "rz/server/check_job.h"

#include <doctest/doctest.h>
#include <malloc.h>

#include <chrono>
#include <filesystem>
#include <iterator>
#include <thread>

#include "rz/fallback/fallback_manager.h"
#include "rz/storage/open_storage.h"
#include "support/bare_home.h"
#include "support/local_listener.h"
#include "support/patience.h"
#include "support/results.h"

namespace rz::server {
namespace {

std::size_t entries_of(const char* folder) {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder),
                                                std::filesystem::directory_iterator()));
}

struct JobWorld {
  testing::BareHome home;
  std::vector<std::string> told;
  std::shared_ptr<const Snapshot> snapshot;
  std::string trouble;

  Result<std::unique_ptr<CheckJob>> make(const std::string& config) {
    runtime::RuntimeOptions options;
    options.config = home.write("rz.yaml", config);
    options.storage_url = "sqlite:" + (home.folder / "rz.db");
    return CheckJob::make(
        options, [this](const Notice& notice) { told.push_back(notice.what); },
        [this](std::shared_ptr<const Snapshot> found, const std::string& why) {
          snapshot = std::move(found);
          trouble = why;
        },
        SystemClock::instance());
  }
};

}  // namespace

TEST_CASE("a refresh publishes what rz health would report") {
  JobWorld world;
  const auto job = ok(world.make("health: {checks: [{type: disk, name: root, path: /}]}\n"));
  CHECK(world.snapshot == nullptr);
  job->run();
  REQUIRE(world.snapshot != nullptr);
  REQUIRE(world.snapshot->lines.size() == 1);
  CHECK(world.snapshot->lines[0].name == "root");
  CHECK(age_of(*world.snapshot, SystemClock::instance()) >= std::chrono::nanoseconds{0});
}

TEST_CASE("a refresh tells the mode that holds, and changes nothing for it") {
  JobWorld world;
  const auto job = ok(world.make("health: {checks: [{type: disk, name: root, path: /}]}\n"));
  job->run();
  CHECK(world.snapshot->mode == Mode::primary);
  const auto store =
      ok(open_storage({.url = "sqlite:" + (world.home.folder / "rz.db")}, SystemClock::instance()));
  CHECK(ok(scan_all_keys(*store, "fallback:*")).empty());
  ok(FallbackManager(*store, {}, SystemClock::instance()).set_mode("safe"));
  job->run();
  CHECK(world.snapshot->mode == Mode::safe);
}

TEST_CASE("a wrong configuration is refused before anything runs") {
  JobWorld world;
  CHECK(code_of(world.make("health: {checks: [{type: nonsense}]}\n")) == ErrorCode::config);
}

// A month of refreshes is a quarter of a million; what each of them left would show in two
// thousand.
TEST_CASE("thousands of refreshes leave no descriptor, no thread and no memory behind") {
  test::LocalListener listener;
  JobWorld world;
  const std::string port = std::to_string(listener.port());
  const auto job =
      ok(world.make("health:\n  checks:\n"
                    "    - {type: disk, name: root, path: /}\n"
                    "    - {type: tcp, name: tcp, address: '127.0.0.1:" +
                    port +
                    "'}\n"
                    "    - {type: tcp, name: refused, address: '127.0.0.1:1', fail_after: 3}\n"
                    "    - {type: component, name: worker, component: worker, interval: 1m}\n"));
  const auto refresh = [&](int times) {
    for (int i = 0; i < times; ++i) {
      job->run();
      const UniqueFd accepted = listener.accept();
    }
  };
  refresh(200);
  const std::size_t descriptors = entries_of("/proc/self/fd");
  const std::size_t threads = entries_of("/proc/self/task");
  const std::size_t used = ::mallinfo2().uordblks;
  refresh(2'000);
  // The thread and the descriptors of the last run's event loop are gone a moment after it.
  const auto until = std::chrono::steady_clock::now() + test::kPatience;
  const auto settled = [&] {
    return entries_of("/proc/self/fd") <= descriptors && entries_of("/proc/self/task") <= threads;
  };
  while (!settled() && std::chrono::steady_clock::now() < until) std::this_thread::yield();
  CHECK(settled());
  constexpr std::size_t kSlack = 256 * 1024;
  CHECK(::mallinfo2().uordblks < used + kSlack);
  // What is odd about them was said once.
  CHECK(world.told.size() < 20);
}

}  // namespace rz::server
