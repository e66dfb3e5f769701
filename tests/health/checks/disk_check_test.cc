#include "rz/health/checks/disk_check.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>

#include "rz/base/duration.h"
#include "rz/base/file.h"
#include "rz/health/machine/disk_usage.h"
#include "support/patience.h"
#include "support/print.h"
#include "support/temp_folder.h"

namespace rz::health {
namespace {

CheckResult check_disk(double used, double inodes = 0) {
  DiskCheckOptions options;
  options.path = "/data";
  return make_disk_check(options,
                         [=](const std::string& path) -> Result<DiskUsage> {
                           CHECK(path == "/data");
                           return DiskUsage{1000 * 1024, 10 * 1024, used, inodes};
                         })
      ->check();
}

TEST_CASE("the limits belong to the worse side") {
  CHECK(check_disk(79.99).status == HealthStatus::healthy);
  CHECK(check_disk(80).status == HealthStatus::degraded);
  CHECK(check_disk(94.99).status == HealthStatus::degraded);
  CHECK(check_disk(95).status == HealthStatus::unhealthy);
  CHECK(check_disk(100).status == HealthStatus::unhealthy);
}

TEST_CASE("the message tells what was measured and which limit it passed") {
  CHECK(check_disk(50).message == "/data: 50.0 % used, 10.0 KiB free");
  CHECK(check_disk(80).message == "/data: 80.0 % used, 10.0 KiB free (warning from 80 %)");
  // Rounded down: 94.99 is not yet 95.
  CHECK(check_disk(94.99).message == "/data: 94.9 % used, 10.0 KiB free (warning from 80 %)");
  CHECK(check_disk(97).message == "/data: 97.0 % used, 10.0 KiB free (critical from 95 %)");
}

TEST_CASE("inodes run out like space does") {
  const auto result = check_disk(10, 96);
  CHECK(result.status == HealthStatus::unhealthy);
  CHECK(result.message ==
        "/data: 10.0 % used, 10.0 KiB free (96.0 % of inodes used, critical from 95 %)");
  CHECK(*result.metadata.find("inodes_percent")->as_double() == 96);
}

TEST_CASE("bytes and inodes have limits of their own") {
  DiskCheckOptions options;
  options.path = "/data";
  const auto check = [&] {
    return make_disk_check(options,
                           [](const std::string&) -> Result<DiskUsage> {
                             return DiskUsage{1000 * 1024, 10 * 1024, 50, 50};
                           })
        ->check();
  };
  options.available_warning = 10 * 1024;
  CHECK(check().status == HealthStatus::healthy);
  options.available_warning = 10 * 1024 + 1;
  CHECK(check().status == HealthStatus::degraded);
  options.available_critical = 20 * 1024;
  CHECK(check().status == HealthStatus::unhealthy);
  CHECK(check().message ==
        "/data: 50.0 % used, 10.0 KiB free (10.0 KiB free, critical below 20.0 KiB)");
  options.available_warning.reset();
  options.available_critical.reset();
  options.inodes_warning = 50;
  CHECK(check().status == HealthStatus::degraded);
  options.inodes_warning.reset();
  options.inodes_critical = 50;
  CHECK(check().status == HealthStatus::unhealthy);
}

/// Three file systems; `/mnt/dead` never answers while this lives.
class ThreeDisks {
 public:
  CheckResult check(std::vector<std::string> paths, Millis timeout = test::kPatience) {
    if (!check_) {
      DiskCheckOptions options;
      options.path.clear();
      options.paths = std::move(paths);
      options.timeout = timeout;
      check_ = make_disk_check(
          options, [state = state_](const std::string& path) { return state->measure(path); },
          [] {
            return std::vector<Mount>{{"8:1", "/", "/", "ext4", ""},
                                      {"8:2", "/", "/srv/a", "ext4", ""},
                                      {"8:2", "/b", "/srv/bind", "ext4", ""},
                                      {"0:5", "/", "/srv/proc", "proc", ""},
                                      {"8:3", "/", "/srv/c", "xfs", ""}};
          });
    }
    return check_->check();
  }
  int asked_dead() const { return state_->dead; }
  ~ThreeDisks() {
    const std::lock_guard lock(state_->mutex);
    state_->over = true;
    state_->changed.notify_all();
  }

 private:
  struct State {
    Result<DiskUsage> measure(const std::string& path) {
      if (path == "/gone") return fail_own_side(ErrorCode::unavailable, "no rights", path);
      if (path == "/mnt/dead") {
        std::unique_lock lock(mutex);
        ++dead;
        changed.wait(lock, [this] { return over; });
      }
      return DiskUsage{1000 * 1024, 10 * 1024, path == "/srv/c" ? 97.0 : 50.0, 0};
    }
    std::mutex mutex;
    std::condition_variable changed;
    std::atomic<int> dead = 0;
    bool over = false;
  };

  std::shared_ptr<State> state_ = std::make_shared<State>();
  std::shared_ptr<HealthCheck> check_;
};

TEST_CASE("of several file systems the worst counts, and all that are not healthy are told") {
  CHECK(ThreeDisks().check({"/", "/srv/a"}).message ==
        "2 file systems, the fullest is /: 50.0 % used, 10.0 KiB free");
  const auto result = ThreeDisks().check({"/", "/gone", "/srv/c"});
  CHECK(result.status == HealthStatus::unhealthy);
  CHECK(result.message ==
        "/srv/c: 97.0 % used, 10.0 KiB free (critical from 95 %); /gone: no rights (2 of 3 file "
        "systems)");
  CHECK(*result.metadata.find("usage_percent") == Value(97.0));
  CHECK(result.metadata.find("file_systems")->as_array()->size() == 3);
  CHECK(ThreeDisks().check({"/", "/gone"}).status == HealthStatus::unknown);
}

TEST_CASE("a pattern is matched with the mounts, each file system once") {
  const auto result = ThreeDisks().check({"/srv/*", "/"});
  const Value::Array* found = result.metadata.find("file_systems")->as_array();
  REQUIRE(found->size() == 3);
  CHECK(*found->at(0).find("path") == Value("/srv/c"));
  CHECK(*found->at(1).find("path") == Value("/srv/a"));
  CHECK(*found->at(2).find("path") == Value("/"));
  const auto none = ThreeDisks().check({"/", "/nothing/*"});
  CHECK(none.status == HealthStatus::unknown);
  CHECK(none.message == "/nothing/*: matches no mount (1 of 2 file systems)");
  CHECK(ThreeDisks().check({"/nothing/*"}).message == "/nothing/*: matches no mount");
  CHECK(ThreeDisks().check({"/srv/a*"}).message.starts_with("/srv/a: "));
}

TEST_CASE("a dead mount holds up none of the others, and is asked once") {
  const auto others_answered = [](const CheckResult& result) {
    return result.message.ends_with("(1 of 3 file systems)");
  };
  // On a slow machine the others may need longer, too.
  for (Millis timeout{1'000};; timeout *= 2) {
    ThreeDisks disks;
    const auto first = disks.check({"/", "/mnt/dead", "/srv/a"}, timeout);
    const auto second = disks.check({});
    const bool answered = others_answered(first) && others_answered(second);
    if (!answered && timeout < test::kPatience) continue;
    CHECK(first.status == HealthStatus::unhealthy);
    CHECK(first.message ==
          "/mnt/dead: no answer within " + format_duration(timeout) + " (1 of 3 file systems)");
    CHECK(second.status == HealthStatus::unhealthy);
    CHECK(second.message.starts_with("/mnt/dead: an earlier call has not returned for "));
    CHECK(disks.asked_dead() == 1);
    return;
  }
}

TEST_CASE("the mounts of this machine can be read, blanks in their names too") {
  const auto here = read_mounts();
  CHECK(std::any_of(here.begin(), here.end(), [](const Mount& m) { return m.point == "/"; }));
  const TempFolder folder;
  REQUIRE(make_folders(folder / "proc/self"));
  REQUIRE(write_file(folder / "proc/self/mountinfo",
                     "5 1 8:1 / / rw - ext4 /dev/sda rw\n"
                     "6 1 8:2 / /a\\040b\\134 rw shared:1 - ext4 /dev/sdb rw\n"
                     "7 1 8:3 / / rw - xfs /dev/sdc rw\n"));
  const auto mounts = read_mounts(folder.path());
  REQUIRE(mounts.size() == 3);
  CHECK(mounts[1].point == "/a b\\");
  // What another mount hides cannot be measured.
  CHECK(matching_mounts(mounts, "*", {"ext4"}) == std::vector<std::string>{"/"});
  CHECK(matching_mounts(mounts, "/", {"xfs"}).empty());
}

TEST_CASE("what cannot be measured is unknown") {
  const TempFolder folder;
  DiskCheckOptions options;
  options.path = folder / "missing";
  const auto result = make_disk_check(options)->check();
  CHECK(result.status == HealthStatus::unknown);
  CHECK(result.message == options.path + ": No such file or directory");
}

}  // namespace
}  // namespace rz::health
