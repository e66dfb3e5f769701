#include "rz/health/machine/cgroup.h"

#include <doctest/doctest.h>

#include "rz/base/file.h"
#include "rz/health/machine/memory_usage.h"
#include "support/temp_folder.h"

namespace rz::health {
namespace {

/// A root with the files of /proc and /sys that tell of control groups.
struct CgroupRoot {
  void write(const std::string& path, const std::string& content) const {
    const std::string whole = folder / path;
    REQUIRE(make_folders(whole.substr(0, whole.rfind('/'))));
    REQUIRE(write_file(whole, content));
  }
  const std::string& path() const { return folder.path(); }

  const TempFolder folder{};
};

const char* const kMountOfV2 =
    "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n";

TEST_CASE("version 2: the tightest limit of the groups from the inside out counts") {
  const CgroupRoot root;
  root.write("proc/self/cgroup", "0::/system.slice/web.service\n");
  root.write("proc/self/mountinfo", kMountOfV2);
  const std::string outer = "sys/fs/cgroup/system.slice/";
  const std::string inner = outer + "web.service/";
  CHECK(find_cgroup("memory", root.path()).version == 2);
  CHECK(find_cgroup("memory", root.path()).folders ==
        std::vector<std::string>{root.folder / "sys/fs/cgroup/system.slice/web.service",
                                 root.folder / "sys/fs/cgroup/system.slice",
                                 root.folder / "sys/fs/cgroup"});
  CHECK_FALSE(cgroup_memory(root.path()).has_value());
  root.write(inner + "memory.max", "max\n");
  root.write(inner + "memory.current", "100\n");
  CHECK_FALSE(cgroup_memory(root.path()).has_value());
  root.write(outer + "memory.max", "1000\n");
  root.write(outer + "memory.current", "700\n");
  root.write(outer + "memory.stat", "anon 5\nactive_file 9\ninactive_file 200\n");
  auto memory = cgroup_memory(root.path());
  REQUIRE(memory.has_value());
  CHECK(memory->limit_bytes == 1000);
  CHECK(memory->used_bytes == 500);
  // Less is left of a greater limit.
  root.write(inner + "memory.max", "2000\n");
  root.write(inner + "memory.current", "1900\n");
  memory = cgroup_memory(root.path());
  REQUIRE(memory.has_value());
  CHECK(memory->limit_bytes == 2000);

  CHECK_FALSE(cgroup_quota(root.path()).has_value());
  root.write(inner + "cpu.max", "max 100000\n");
  CHECK_FALSE(cgroup_quota(root.path()).has_value());
  root.write(outer + "cpu.max", "150000 100000\n");
  CHECK(cgroup_quota(root.path()).value_or(CgroupQuota{}).cpus == 1.5);
  root.write(inner + "cpu.max", "50000 100000\n");
  CHECK(cgroup_quota(root.path()).value_or(CgroupQuota{}).cpus == 0.5);
}

TEST_CASE("version 1: a container sees its part of the hierarchy") {
  const CgroupRoot root;
  root.write("proc/self/cgroup", "4:memory:/docker/1234\n3:cpu,cpuacct:/docker/1234\n0::/\n");
  root.write(
      "proc/self/mountinfo",
      "34 31 0:32 /docker/1234 /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n"
      "35 31 0:33 /docker/1234 /sys/fs/cgroup/cpu,cpuacct ro - cgroup cgroup rw,cpu,cpuacct\n"
      "36 31 0:34 / /sys/fs/cgroup/unified ro - cgroup2 cgroup2 rw\n");
  CHECK(find_cgroup("cpu", root.path()).version == 1);
  root.write("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
  root.write("sys/fs/cgroup/memory/memory.usage_in_bytes", "800\n");
  CHECK_FALSE(cgroup_memory(root.path()).has_value());
  root.write("sys/fs/cgroup/memory/memory.limit_in_bytes", "1000\n");
  root.write("sys/fs/cgroup/memory/memory.stat", "inactive_file 1\ntotal_inactive_file 300\n");
  const auto memory = cgroup_memory(root.path());
  REQUIRE(memory.has_value());
  CHECK(memory->limit_bytes == 1000);
  CHECK(memory->used_bytes == 500);
  root.write("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us", "100000\n");
  root.write("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "-1\n");
  CHECK_FALSE(cgroup_quota(root.path()).has_value());
  root.write("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "25000\n");
  CHECK(cgroup_quota(root.path()).value_or(CgroupQuota{}).cpus == 0.25);
}

TEST_CASE("version 1: the controllers cpu and cpuacct may be mounted apart") {
  const CgroupRoot root;
  const auto groups = [&](const std::string& accounting) {
    root.write("proc/self/cgroup", "3:cpu:/app\n2:cpuacct:" + accounting + "\n");
  };
  root.write("proc/self/mountinfo",
             "34 31 0:32 / /sys/fs/cgroup/cpuacct ro - cgroup cgroup rw,cpuacct\n"
             "35 31 0:33 / /sys/fs/cgroup/cpu ro - cgroup cgroup rw,cpu\n");
  root.write("sys/fs/cgroup/cpu/app/cpu.cfs_period_us", "100000\n");
  root.write("sys/fs/cgroup/cpu/app/cpu.cfs_quota_us", "25000\n");
  root.write("sys/fs/cgroup/cpuacct/app/cpuacct.usage", "1500000000\n");
  root.write("sys/fs/cgroup/cpuacct/cpuacct.usage", "9000000000\n");
  groups("/app");
  const auto quota = cgroup_quota(root.path());
  REQUIRE(quota.has_value());
  CHECK(quota->cpus == 0.25);
  CHECK(cgroup_cpu_seconds(*quota) == 1.5);
  // Another group's time says nothing of this one.
  groups("/");
  CHECK(!cgroup_cpu_seconds(cgroup_quota(root.path()).value()).has_value());
}

TEST_CASE("a machine without control groups has no limits") {
  const CgroupRoot root;
  CHECK(find_cgroup("memory", root.path()).version == 0);
  CHECK_FALSE(cgroup_memory(root.path()).has_value());
  CHECK_FALSE(cgroup_quota(root.path()).has_value());
}

TEST_CASE("memory is measured against the limit of the control group") {
  const CgroupRoot root;
  root.write("proc/meminfo",
             "MemTotal:       8388608 kB\nMemFree:         100 kB\nMemAvailable:    2097152 kB\n"
             "SwapTotal:       1000 kB\nSwapFree:         250 kB\n");
  auto usage = measure_memory(root.path());
  REQUIRE(usage.has_value());
  CHECK(usage->used_percent == 75);
  CHECK(usage->swap_used_percent == 75);
  CHECK_FALSE(usage->limited);

  root.write("proc/self/cgroup", "0::/\n");
  root.write("proc/self/mountinfo", kMountOfV2);
  root.write("sys/fs/cgroup/memory.max", "1073741824\n");
  root.write("sys/fs/cgroup/memory.current", "966367641\n");
  usage = measure_memory(root.path());
  REQUIRE(usage.has_value());
  CHECK(usage->limited);
  CHECK(usage->total_bytes == 1073741824);
  CHECK(usage->used_percent == doctest::Approx(90));
  // A limit above what the machine has changes nothing.
  root.write("sys/fs/cgroup/memory.max", "99999999999999\n");
  usage = measure_memory(root.path());
  REQUIRE(usage.has_value());
  CHECK_FALSE(usage->limited);
  CHECK(usage->used_percent == 75);
}

}  // namespace
}  // namespace rz::health
