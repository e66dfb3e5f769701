#include "rz/health/machine/disk_meters.h"

#include <doctest/doctest.h>

#include <condition_variable>
#include <mutex>
#include <thread>

#include "support/patience.h"
#include "support/results.h"

namespace rz::health {
namespace {

TEST_CASE("an answer that comes after its round is of another time, and the path is asked again") {
  std::mutex mutex;
  std::condition_variable changed;
  int asked = 0;       // How often `slow` was.
  bool go_on = false;  // Lets the first call of it return.
  DiskMeters meters([&](const std::string& path) -> Result<DiskUsage> {
    std::unique_lock lock(mutex);
    DiskUsage usage;
    if (path == "slow") {
      usage.total_bytes = static_cast<std::uint64_t>(++asked);
      changed.notify_all();
      if (asked == 1) {
        changed.wait(lock, [&] { return go_on; });
      } else {
        // Whoever is content with the late answer returns it meanwhile.
        lock.unlock();
        std::this_thread::sleep_for(Millis{20});
      }
    } else {
      // It ends once the late answer was there and the path was asked again.
      go_on = true;
      changed.notify_all();
      changed.wait(lock, [&] { return asked == 2; });
    }
    return usage;
  });
  const auto first = meters.measure({"slow"}, Millis{1});
  CHECK(code_of(first.at(0)) == ErrorCode::timeout);
  const auto second = meters.measure({"slow", "quick"}, test::kPatience);
  CHECK(ok(second.at(0)).total_bytes == 2);
}

}  // namespace
}  // namespace rz::health
